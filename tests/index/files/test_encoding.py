"""Encodings told apart, and traditional script found with simplified questions. Run: python -m pytest -q
tests/index/files/test_encoding.py"""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from assistant.question.gazetteer import Gazetteer
from assistant.question.understand import understand
from index.errors import ReadError
from index.files.formats.encoding import decode
from index.files.formats.records import read_jsonl
from index.files.load import PAGES as PAGES_READ
from index.ingest.corpus import Corpus
from index.pages.articles import read_articles
from index.pages.page_labels import label_lines
from index.search.engine import SearchIndex
from index.search.glossary import Glossary
from index.text.normalize import fold, matching_form, printed, simplified
from index.text.tokens import terms
from index.types import Source, text_at
from tests.fakes import made_files
from tests.fakes.hash_encoder import HashEncoder

ROOT = Path(__file__).parents[3]
PAGES = sorted((ROOT / "examples" / "articles").glob("*.txt"))
TO_TRADITIONAL = OpenCC("s2twp")


@pytest.fixture(scope="module")
def prose() -> str:
    """All sample pages in one string."""
    return "".join(decode(path.read_bytes(), path.name)[0] for path in PAGES)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_big5_and_gbk_are_told_apart(prose: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(prose) - 40))
    text = prose[start:start + data.draw(st.integers(20, 4000))].replace("\r", "")
    traditional = TO_TRADITIONAL.convert(text).encode("big5hkscs", "ignore")
    if len(traditional.decode("big5hkscs").strip()) < 15 or traditional.isascii():
        return
    assert decode(traditional, "a.txt") == (traditional.decode("big5hkscs"), "big5hkscs")
    assert decode(text.encode("gb18030"), "a.txt")[0] == text


@pytest.mark.parametrize(("encoding", "found"), [
    ("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("gbk", "gb18030"), ("gb18030", "gb18030"),
    ("big5", "big5hkscs"),
])
def test_a_traditional_page_in_every_encoding(encoding: str, found: str) -> None:
    text = OpenCC("s2t").convert("\n".join(made_files.PARAGRAPHS)).encode("big5", "ignore").decode("big5")
    assert decode(text.encode(encoding), "page.txt") == (text, found)


@pytest.mark.parametrize("declared", ["", "utf-8", "gb2312", "GBK", "big5", "zip", "rot13", "no-such", "undefined", "idna"])
def test_a_wrong_declaration_does_no_harm(declared: str) -> None:
    assert decode(made_files.PARAGRAPHS[0].encode("gb18030"), "a.html", declared if declared != "big5" else "")[0] == made_files.PARAGRAPHS[0]
    assert decode(made_files.PARAGRAPHS[0].encode(), "a.html", declared)[0] == made_files.PARAGRAPHS[0]


def test_what_is_no_text_names_the_encodings() -> None:
    with pytest.raises(ReadError, match=r"'a\.txt' is not text in UTF-8, UTF-16, GB18030 or Big5"):
        decode(b"\xff\x00\x81\x7f\xff", "a.txt")


# -- what is seen -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stored", "seen"), [
    ("⻘石桥社区⽼⼈⻝堂", "青石桥社区老人食堂"), ("每户⽔费\uf9fd么价", "每户水费什么价"), ("芦\u200b苇\u200b巷社\u200b区", "芦苇巷社区"),
    ("芦\u200d苇巷", "芦苇巷"), ("工\u00ad具", "工具"), ("一共52\xa0件工具", "一共52件工具"), ("a\xa0b", "a b"),
    ("每 摊 每 月 交 卫 生 费 80 元 。", "每摊每月交卫生费80元。"), ("每 摊 每 月 交 卫 生 费 8 0 元 。", "每摊每月交卫生费80元。"),
    ("\u3000\u3000“ 每 摊 每 月 80 元 ” ， 她 说 。\n第二行 不动", "\u3000\u3000“每摊每月80元”，她说。\n第二行 不动"),
    ("社 区 装 了 new lamps 两 盏", "社区装了new lamps两盏"),
], ids=["radicals", "compatibility", "zero-width", "joiner", "soft-hyphen", "no-break", "no-break-latin", "spaced",
        "spaced-figures", "indented", "latin"])
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.jsonl"])
def test_a_page_is_read_as_it_is_seen(name: str, stored: str, seen: str) -> None:
    assert printed(stored) == seen
    web_page = "".join(f"<p>{line}</p>" for line in stored.split("\n"))
    raw = {"a.html": f"<html><body>{web_page}</body></html>", "a.jsonl": json.dumps({"text": stored})}.get(name, stored).encode()
    text = next(read_jsonl(raw, name)).page.text if name == "a.jsonl" else PAGES_READ[Path(name).suffix](raw, name).text
    assert seen.split("\n")[0].strip() in text


@pytest.mark.parametrize("text", ["王 芳 李 明", "Residents pay nothing on the first floor", "西溪社区 12元 9元 免费", "👨\u200d👩\u200d👧 来了",
                                  "\u3000\u3000两个字 的空格", "甲  乙  丙  丁  戊  己  庚"])
def test_other_spaces_and_joiners_stay(text: str) -> None:
    assert printed(text) == text


@given(st.text(st.sampled_from("甲乙 1a。—⻘\u200b\u200d\xa0\n"), max_size=40))
def test_what_is_printed_stays_so(text: str) -> None:
    assert printed(printed(text)) == printed(text)


# -- script -------------------------------------------------------------------------------------------------------------


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(matching_form(text)) == len(simplified(text)) == len(text)
    assert matching_form(matching_form(text)) == matching_form(text)
    assert simplified(simplified(text)) == simplified(text)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=30))
def test_both_scripts_have_the_same_terms(text: str) -> None:
    plain = simplified(text)
    assert terms(text) == terms(plain)
    assert fold(text) == fold(plain)


@pytest.mark.parametrize(("traditional", "plain"), [
    ("無物業小區", "无物业小区"), ("後來隨著社區發展", "后来随着社区发展"), ("裏面", "里面"), ("鄰里調解室", "邻里调解室"), ("乾淨", "干净"),
])
def test_terms_of_traditional_text(traditional: str, plain: str) -> None:
    assert terms(traditional) == terms(plain)


def test_simplified_text_is_left_alone(prose: str) -> None:
    assert simplified(prose) == prose
    assert simplified("著名的社区") == "著名的社区"


def traditional_page() -> Source:
    text = OpenCC("s2tw").convert("\n".join(("一部电梯装成了", "本报记者 苏晴", "", *made_files.PARAGRAPHS)))
    return Source(file="page.txt", path="page.txt", text=text, sha256="0", encoding="utf-8")


def test_a_traditional_page_is_read_as_its_simplified_twin_is() -> None:
    source = traditional_page()
    twin = Source(file="page.txt", path="page.txt", text=simplified(source.text), sha256="0", encoding="utf-8")
    assert [line.label for line in label_lines(source.text)] == [line.label for line in label_lines(twin.text)]
    [article], [other] = read_articles(source), read_articles(twin)
    assert article.title == "一部電梯裝成了", "as printed"
    assert simplified(article.title) == other.title
    assert article.place == other.place
    for paragraph, same in zip(article.paragraphs, other.paragraphs, strict=True):
        for sentence, again in zip(paragraph.sentences, same.sentences, strict=True):
            assert text_at(source.text, sentence.spans) == sentence.text
            assert (sentence.spans, sentence.chain) == (again.spans, again.chain)


@pytest.mark.parametrize("question", ["加装电梯谁出钱？", "加裝電梯誰出錢？"])
def test_either_script_finds_both(tmp_path: Path, question: str) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text(traditional_page().text, "utf-8")
    (tmp_path / "pages" / "b.txt").write_text(f"飞线落了地\n本报记者 程小满\n\n{made_files.OTHERS[0]}{made_files.OTHERS[2]}\n", "utf-8")
    (tmp_path / "pages" / "c.txt").write_text("\n".join(("电梯装了", "本报记者 李明", "", *made_files.PARAGRAPHS[1:])), "utf-8")
    Corpus(tmp_path / "home", HashEncoder()).add([tmp_path / "pages"])
    index = SearchIndex.open(tmp_path / "home", HashEncoder())
    asked = understand(matching_form(question), Glossary.load(), Gazetteer([]))
    found = index.search(asked.text, words=asked.lexical_terms())
    assert {r.article.file for r in found if r.lexical > 1} == {"a.txt", "c.txt"}
    assert any("電梯" in r.passage.text for r in found), "quotes stay as printed"


@pytest.mark.parametrize("question", ["其他社区是怎么处理无物业小区的？", "玉兰苑社区加装电梯花了多少钱？", "哪些社区建了电动车棚？"])
def test_a_question_is_understood_in_either_script(question: str) -> None:
    gazetteer = Gazetteer([("柳溪区", "玉兰苑社区")])
    asked, other = (understand(matching_form(text), Glossary.load(), gazetteer) for text in (question, OpenCC("s2t").convert(question)))
    assert asked == other
