"""Different wordings, one topic. Run: python -m pytest -q tests/index/search/test_glossary.py"""

import re
from pathlib import Path

import pytest

from index.errors import ReadError
from index.search.glossary import Glossary, Topic

FEES = Topic(zh=("物业费", "收费难"), en=("property fee", "fee"))
NONE = Topic(zh=("无物业", "没有物业"), en=("unmanaged property", "activity"))
LIFTS = Topic(zh=("加装电梯", "电梯"), en=("elevator", "lift", "co-op", "residents' lift"))
GLOSSARY = Glossary([FEES, NONE, LIFTS])


@pytest.fixture(scope="module")
def bundled() -> Glossary:
    return Glossary.load()


def found(text: str) -> list[Topic]:
    return [match.topic for match in GLOSSARY.find(text)]


@pytest.mark.parametrize("question", [
    "其他社区是怎么处理无物业小区的?", "how did other communities handle unmanaged property?",
    "How did other communities handle Unmanaged Properties", "没有物业的老小区谁来管", "小区被物业弃管了怎么办",
])
def test_the_showcase_questions_reach_their_topic(bundled: Glossary, question: str) -> None:
    assert "无物业" in [match.topic.zh[0] for match in bundled.find(question)]


@pytest.mark.parametrize(("chinese", "english"), [
    ("哪些社区给老楼加装电梯?", "Which communities added elevators to old buildings?"),
    ("流浪狗怎么办", "What was done about stray dogs?"),
    ("快递员有地方歇脚吗", "Do couriers have a place to rest?"),
    ("哪里办了日间照料中心", "Who set up a day-care centre for elderly people?"),
    ("哪里办了日间照料中心", "Who set up a day care center for the elderly?"),
    ("哪个社区错时服务", "Who changed the office hours of its counter?"),
])
def test_english_and_chinese_find_the_same_topic(bundled: Glossary, chinese: str, english: str) -> None:
    topics = [{match.topic.zh[0] for match in bundled.find(text)} for text in (chinese, english)]
    assert topics[0] & topics[1]


@pytest.mark.parametrize(("text", "topics"), [
    ("没有物业的小区", [NONE]),
    ("先收物业费,再装电梯", [FEES, LIFTS]),
    ("装电梯,再收物业费", [LIFTS, FEES]),
    ("电梯,电梯,加装电梯", [LIFTS]),
    ("property fees", [FEES]),
    ("Elevators and ACTIVITIES", [LIFTS, NONE]),
    ("the coffee is free", []),
    ("uplifting", []),
    ("residents\u2019 lifts", [LIFTS]),
    ("a co op", [LIFTS]),
    ("CO-OP", [LIFTS]),
    ("\uff25\uff4c\uff45\uff56\uff41\uff54\uff4f\uff52", [LIFTS]),
    ("社区elevator怎么装", [LIFTS]),
    ("", []),
    ("\u3000?", []),
], ids=["chinese", "two", "order-of-the-text", "once", "plural", "case", "inside-a-word", "inside-a-longer-word", "apostrophe",
        "hyphen-as-space", "hyphen", "full-width", "mixed", "empty", "marks"])
def test_find(text: str, topics: list[Topic]) -> None:
    assert found(text) == topics


def test_the_longest_wording_wins() -> None:
    long, short = Topic(zh=("物业公司撤场",), en=()), Topic(zh=("物业公司",), en=())
    for topics in ([long, short], [short, long]):
        assert [m.topic for m in Glossary(topics).find("物业公司撤场了")] == [long]
        assert [m.topic for m in Glossary(topics).find("物业公司撤场了,新的物业公司来了")] == [long, short]


def test_a_match_tells_the_wording_that_was_used() -> None:
    assert [m.wording for m in GLOSSARY.find("谁来装电梯? Who pays the fees?")] == ["电梯", "fee"]


def test_the_bundled_file_is_as_its_notes_ask(bundled: Glossary) -> None:
    topics = list({id(topic): topic for _, topic in bundled._wordings}.values())
    assert len(topics) > 100
    for topic in topics:
        assert re.search(r"[\u4e00-\u9fff]", topic.zh[0])
        assert all(wording == wording.lower() and wording.isascii() for wording in topic.en), topic.en
    wordings = [wording for wording, _ in bundled._wordings]
    assert [w for w in wordings if wordings.count(w) > 1 and not w.isascii()] == []


def test_each_wording_of_the_bundled_file_is_found(bundled: Glossary) -> None:
    topics = {id(topic): topic for _, topic in bundled._wordings}.values()
    lost = [w for topic in list(topics)[::20] for w in (*topic.zh, *topic.en) if topic not in [m.topic for m in bundled.find(w)]]
    assert lost == []


@pytest.mark.parametrize("content", [
    b"[[topic]\n", b"", b"topic = 1", b"topic = ['x']", b"[[topic]]\nen = ['x']", b"[[topic]]\nzh = 1", b"[[topic]]\nzh = 'ab'",
    b"[[topic]]\nzh = [1]", b"[[topic]]\nzh = ['']", "[[topic]]\nzh = ['物业']".encode("gb18030"),
    b"[[topic]]\nzh = ['ab']\ngroup = 'ab'", b"[[topic]]\nzh = ['ab']\ngroup = ['a', 'b', 'c']",
], ids=["syntax", "empty", "number", "strings", "no-zh", "zh-number", "zh-string", "zh-numbers", "zh-blank", "not-utf-8", "group-string",
        "group-of-three"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"mine\.toml"):
        Glossary.load(path)


def test_a_group_is_that_of_the_topics_after_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[[topic]]\nzh = ['飞线']\n[[topic]]\nzh = ['食堂']\ngroup = ['养老', 'older people']\n[[topic]]\nzh = ['送餐']\n", "utf-8")
    groups = [match.topic.group for match in Glossary.load(path).find("飞线、食堂、送餐")]
    assert groups == [("", ""), ("养老", "older people"), ("养老", "older people")]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"none\.toml"):
        Glossary.load(tmp_path / "none.toml")


def test_a_file_of_ones_own_takes_the_bundled_ones_place(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[[topic]]\nzh = ['飞线']\n", "utf-8")
    assert [m.topic for m in Glossary.load(path).find("拆飞线")] == [Topic(zh=("飞线",), en=())]
