"""The whole way from a question to an answer, on the sample pages with a fake encoder. Run: python -m pytest -q
tests/assistant/test_assistant.py"""

import json
import re
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from assistant.answer.calibration import PLAIN, Calibration
from assistant.answer.case_weights import CaseWeights
from assistant.assistant import Assistant
from assistant.locales.loader import words
from assistant.types import Answer, Ask, Turn
from index.catalog.catalog import Catalog
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from index.search.filters import Filters
from index.search.versions import current
from index.text.language import language_of
from index.types import text_at
from prompts.prompt_loader import phrases
from tests.fakes.hash_encoder import HashEncoder

PAGES = Path(__file__).parents[2] / "examples" / "articles"
# The bundled gate was fitted to the real model's cosines; here everything is answered, or with REFUSING nothing.
ANSWERING, REFUSING = (
    {"calibration": replace(Calibration.load(), threshold=t), "case_weights": replace(CaseWeights.load(), bar=t)}
    for t in (0.0, 1.1))
QUESTIONS = {
    "fact": "纺机家属院没物业，一家一个月交多少钱", "how": "纺机家属院是怎么自己管院子的", "cases": "其他社区是怎么处理无物业小区的?",
    "compare": "和顺街道和文桥社区各是怎么做的", "English": "how did other communities handle parking?", "broken by a caption": "加装电梯的钱怎么分摊",
}
STRANGE = {
    "empty": "", "blank": " \u3000\n", "punctuation": "?!。…\uff1f\uff01", "emoji": "\U0001f642\U0001f44d", "long": "社区怎么停车" * 1667,
    "long Latin": "parking " * 1250, "one word of 10,000 letters": "a" * 10_000, "control characters": "\x00\x1b[0m", "markers": "[1](x) **b**",
    "query syntax": '"x" AND (y* OR -z)',
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("assistant") / "home"
    Corpus(made, HashEncoder()).add([PAGES])
    return made


@pytest.fixture(scope="module")
def index(home: Path) -> SearchIndex:
    return SearchIndex.open(home, HashEncoder())


@pytest.fixture(scope="module")
def assistant(index: SearchIndex) -> Assistant:
    return Assistant(index, **ANSWERING)


@pytest.fixture(scope="module")
def files(home: Path) -> dict[str, str]:
    catalog = Catalog(current(home))
    texts = {row.file: catalog.text(row.file) for row in catalog.files()}
    catalog.close()
    return texts


@pytest.mark.parametrize(("question", "refused"), [
    *((text, False) for name, text in QUESTIONS.items() if name not in ("broken by a caption", "compare")), ("今天股市收盘怎么样", True), ("how do I bake bread?", True),
])
def test_another_encoder_is_answered_from_by_the_plain_rule(index: SearchIndex, question: str, refused: bool) -> None:
    """No weights were fitted to the fake encoder."""
    answer = Assistant(index).invoke(Ask(question))
    assert answer.refused is refused
    assert timeless(answer) == timeless(Assistant(index, calibration=Calibration.load(PLAIN)).invoke(Ask(question)))


def timeless(answer: Answer) -> Answer:
    return replace(answer, timings_ms={})


def check(answer: Answer, files: dict[str, str]) -> None:
    """Check all that holds for any answer."""
    data = json.loads(json.dumps(answer.to_dict()))
    assert data["citations"] == [c | {"spans": [list(s) for s in c["spans"]], "also_in": list(c["also_in"])}
                                 for c in answer.to_dict()["citations"]]
    for row in data["citations"]:
        text = files[row["file"]]
        assert text_at(text, tuple(map(tuple, row["spans"]))) == row["quote"]
        assert (row["start"], row["end"]) == (row["spans"][0][0], row["spans"][-1][1])
        assert row["quote"].replace("\n", " ") in answer.text
    numbers = [c.number for c in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [int(n) for n in re.findall(r"\[(\d+)\]", answer.text)] == (numbers if not answer.refused else [])
    assert [number for claim in answer.claims for number in claim.citations] == numbers
    assert 0 <= answer.answerable <= 1
    assert bool(answer.citations) is not answer.refused
    assert answer.text.strip()
    assert answer.index_version == "000001"
    assert [*answer.timings_ms] == ["complete", "search", "rerank", "answerable", "refuse" if answer.refused else "compose"]
    assert min(answer.timings_ms.values()) >= 0


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_every_citation_stands_in_its_file(assistant: Assistant, files: dict[str, str], question: str) -> None:
    answer = assistant.invoke(Ask(question))
    check(answer, files)
    assert (answer.question, answer.standalone_question, answer.refusal_reason) == (question, question, None)
    assert answer.language == ("en" if question.isascii() else "zh")


def test_a_sentence_of_several_spans_is_cited_whole(assistant: Assistant, index: SearchIndex, files: dict[str, str]) -> None:
    """A page breaks sentences by captions and columns: asked for by its own words, one of them is cited with all its
    spans."""
    broken = [s for a in index.articles() for p in a.paragraphs for s in p.sentences if len(s.spans) > 1 and len(s.text) > 20]
    assert broken
    cited = [c for s in broken for c in assistant.invoke(Ask(s.text[:40])).citations if c.quote == s.text]
    assert cited
    assert all(len(c.spans) > 1 and text_at(files[c.file], c.spans) == c.quote for c in cited)


@pytest.mark.parametrize("weights", [ANSWERING, REFUSING], ids=["answered", "refused"])
@pytest.mark.parametrize("question", STRANGE.values(), ids=STRANGE)
def test_no_question_is_too_strange(index: SearchIndex, files: dict[str, str], question: str, weights: dict) -> None:
    answer = Assistant(index, **weights).invoke(Ask(question))
    check(answer, files)
    assert answer.question == question


def test_half_a_surrogate_is_no_reason_to_fail(assistant: Assistant, files: dict[str, str]) -> None:
    check(assistant.invoke(Ask("停车\ud800怎么办")), files)


@pytest.mark.parametrize(("question", "reason"), [
    pytest.param("纺机家属院的狗叫什么", "not_in_articles", id="a place that is known"),
    pytest.param("加装电梯用什么牌子", "not_in_articles", id="a topic that is known"),
    pytest.param("给我讲个笑话", "off_topic", id="neither"),
])
def test_a_refusal_says_why_and_what_is_near(index: SearchIndex, files: dict[str, str], question: str, reason: str) -> None:
    answer = Assistant(index, **REFUSING).invoke(Ask(question))
    check(answer, files)
    assert (answer.refused, answer.refusal_reason, answer.claims) == (True, reason, ())
    assert (answer.retrieved[0].title in answer.text) == (reason == "not_in_articles")


def test_a_question_that_names_nothing_is_asked_back(assistant: Assistant) -> None:
    for asked in ("怎么办", "别的社区怎么做的？"):
        answer = assistant.invoke(Ask(asked, form="cases"))
        assert (answer.refused, answer.refusal_reason, answer.text) == (True, "too_vague", phrases("zh").too_vague)
    narrowed = assistant.invoke(Ask("有什么做法", form="cases", filters=Filters(places=("文桥社区",))))
    assert narrowed.refusal_reason != "too_vague"
    followed = assistant.invoke(Ask("别的地方怎么做的？", (Turn("老年食堂怎么办", "社区办了食堂"),), form="cases"))
    assert followed.refusal_reason != "too_vague"


def test_an_answer_is_frozen(assistant: Assistant) -> None:
    answer = assistant.invoke(Ask(QUESTIONS["fact"]))
    for thing, name in ((answer, "text"), (answer.citations[0], "quote"), (answer.claims[0], "support"), (answer.retrieved[0], "score")):
        with pytest.raises(FrozenInstanceError):
            setattr(thing, name, "")


def test_changing_the_dictionary_does_not_change_the_answer(assistant: Assistant) -> None:
    answer = assistant.invoke(Ask(QUESTIONS["fact"]))
    data = answer.to_dict()
    data["timings_ms"].clear()
    data["citations"][0]["quote"] = ""
    assert answer.timings_ms
    assert answer.citations[0].quote


@pytest.mark.parametrize("question", [*QUESTIONS.values(), *STRANGE.values()], ids=[*QUESTIONS, *STRANGE])
def test_a_stream_grows_into_the_answer(assistant: Assistant, question: str) -> None:
    *drafts, last = assistant.stream(Ask(question))
    grown = [draft.text for draft in drafts]
    assert timeless(last) == timeless(assistant.invoke(Ask(question)))
    assert grown[-1] == last.text
    for before, after in zip(["", *grown], grown, strict=False):
        assert after.startswith(before)
        assert len(after) > len(before)
    assert len(grown) >= len(last.citations)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_the_same_question_gets_the_same_answer(assistant: Assistant, index: SearchIndex, question: str) -> None:
    assert timeless(Assistant(index, **ANSWERING).invoke(Ask(question))) == timeless(assistant.invoke(Ask(question)))


def test_history_completes_a_follow_up(assistant: Assistant, files: dict[str, str]) -> None:
    history = [Turn("文桥社区怎么清楼道的?", "贴单、商量、清运")]
    answer = assistant.invoke(Ask("那一共清出多少杂物?", history))
    check(answer, files)
    assert answer.question == "那一共清出多少杂物?"
    assert answer.standalone_question == "文桥社区怎么清楼道的 那一共清出多少杂物?"
    # The fake encoder is no judge of sentences, but the right article must have come up, and only through the history.
    assert answer.retrieved[0].file == "06_dongzha_wechat.txt"
    assert assistant.invoke(Ask("那一共多少钱?")).retrieved[0].file != "06_dongzha_wechat.txt"
    assert assistant.invoke(Ask("那一共多少钱?", history)).retrieved[0].file == "06_dongzha_wechat.txt"


@pytest.mark.parametrize("history", [[], (), [Turn("", "")], [Turn("?", "")], [Turn("和顺街道怎么停车的", "")] * 200],
                         ids=["list", "tuple", "empty turn", "turn of punctuation", "200 turns"])
def test_a_question_that_stands_alone_needs_no_history(assistant: Assistant, history: list[Turn]) -> None:
    question = "文桥社区怎么清楼道的?"
    assert timeless(assistant.invoke(Ask(question, history))) == timeless(assistant.invoke(Ask(question)))


def test_only_the_last_turn_is_taken_over(assistant: Assistant) -> None:
    history = [Turn("和顺街道怎么停车的", "错时共享"), Turn("文桥社区怎么清楼道的?", "贴单")]
    assert "和顺" not in assistant.invoke(Ask("那一共清出多少杂物?", history)).standalone_question


def test_limits_are_kept(index: SearchIndex) -> None:
    answer = Assistant(index, **ANSWERING, max_cases=2, retrieved_k=3).invoke(Ask(QUESTIONS["cases"]))
    assert len(answer.retrieved) == 3
    assert answer.text.count("\n- ") == 2
    assert [found.score for found in answer.retrieved] == sorted((found.score for found in answer.retrieved), reverse=True)


def test_the_cases_beyond_the_limit_are_counted_and_can_be_listed(index: SearchIndex, files: dict[str, str]) -> None:
    short = Assistant(index, **ANSWERING, max_cases=2)
    answer, whole = short.invoke(Ask(QUESTIONS["cases"])), short.invoke(Ask(QUESTIONS["cases"], all_cases=True))
    assert answer.form == whole.form == "cases"
    assert answer.more_cases > 0
    assert whole.text.count("\n- ") == 2 + answer.more_cases
    assert [c.quote for c in whole.citations[: len(answer.citations)]] == [c.quote for c in answer.citations]
    assert whole.more_cases == 0
    check(whole, files)
    *_, streamed = short.stream(Ask(QUESTIONS["cases"], all_cases=True))
    assert streamed.text == whole.text
    assert short.invoke(Ask(QUESTIONS["fact"])).more_cases == 0


def test_suggested_questions_are_answered(assistant: Assistant) -> None:
    answer = assistant.invoke(Ask(QUESTIONS["cases"]))
    offered = assistant.suggest(answer, seconds=60)
    assert offered
    assert not any(assistant.invoke(Ask(question)).refused for question in offered)
    assert assistant.starters("zh", seconds=60)


def test_a_comparison_speaks_of_both_places(assistant: Assistant) -> None:
    places = [c.place + c.quote for c in assistant.invoke(Ask(QUESTIONS["compare"])).citations]
    assert any("和顺街道" in place for place in places)
    assert any("文桥社区" in place for place in places)


@pytest.mark.parametrize("topic", ["食堂", "parking", "{topic}", *STRANGE.values()])
def test_words_find_the_cases_that_a_list_of_cases_tells(index: SearchIndex, assistant: Assistant, topic: str) -> None:
    asked = words(language_of(topic)).suggestions["who"].format(topic=topic)
    listed = assistant.find(Ask(asked, form="cases", all_cases=True)).candidates
    assert assistant.cases_for(topic) == [c.case for c in listed]
    assert Assistant(index, **REFUSING).cases_for(topic) == []
