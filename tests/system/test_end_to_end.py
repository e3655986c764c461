"""Everything together, with the bundled model: pages in, cited answers out, over the API and the command line.

Run: python -m pytest tests/system/test_end_to_end.py
"""

import json
import os
import socket
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

import pytest

import app
from assistant.assistant import Assistant
from assistant.evidence.reranker import open_reranker
from assistant.types import Answer, Ask
from index.embedding.encoder import Encoder
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from index.types import text_at

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "articles"
REAL_PAGES = ROOT.parent / "shared" / "articles"
SHOWCASE = {
    "zh": "其他社区是怎么处理无物业小区的？",
    "en": "how did other communities handle unmanaged property?",
}
OFF_TOPIC = "怎样给多肉植物换盆？"

both_languages = pytest.mark.parametrize("language", SHOWCASE)


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever these tests do, it opens no connection."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture(scope="module")
def assistant(examples_home: Path, encoder: Encoder, e5_folder: Path) -> Assistant:
    """The assistant as it is served: with the bundled reranker."""
    return Assistant(SearchIndex.open(examples_home, encoder), reranker=open_reranker(e5_folder.parent))


@pytest.fixture
def settings(examples_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The settings of the command line: the home of the sample articles, and nothing of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("LINJIAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LINJIAN_HOME", str(examples_home))
    monkeypatch.setenv("LINJIAN_THREADS", "1")
    monkeypatch.chdir(tmp_path)


def decoded(path: Path) -> str:
    """Decode a page in the plainest way, to compare with what the index reads."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        return path.read_text("gb18030")


def assert_literal(answer: Answer, pages: Path) -> None:
    """Every quote is what its file says at its place, every marker has its citation."""
    assert answer.citations
    for citation in answer.citations:
        assert citation.quote == text_at(decoded(pages / citation.file), citation.spans)
        assert f"[{citation.number}]" in answer.text
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))


def same_place(place: str, other: str) -> bool:
    """Tell whether two names are of one place, one of them perhaps without district or street."""
    return bool(place) and (other.endswith(place) or place.endswith(other))


def true_communities(places: Collection[str]) -> set[str]:
    """Return which communities of the gold evidence are among `places`."""
    lines = (ROOT / "examples" / "questions.jsonl").read_text("utf-8").splitlines()
    row = next(row for row in map(json.loads, lines) if row["id"] == "ex-064")
    return {gold["community"] for gold in row["evidence"] if any(same_place(p, gold["community"]) for p in places)}


@both_languages
def test_other_communities_and_their_ways(assistant: Assistant, language: str) -> None:
    answer = assistant.invoke(Ask(SHOWCASE[language]))
    assert (answer.refused, answer.language) == (False, language)
    assert_literal(answer, EXAMPLES)
    assert len(true_communities({c.place for c in answer.citations})) >= 3, answer.text


@pytest.mark.slow
@both_languages
@pytest.mark.skipif(not REAL_PAGES.is_dir(), reason=f"no real newspaper pages in {REAL_PAGES}")
def test_real_pages(real_pages: Assistant, language: str) -> None:
    answer = real_pages.invoke(Ask(SHOWCASE[language]))
    assert_literal(answer, REAL_PAGES)
    places = {c.place for c in answer.citations}
    missing = {name for name in ("崇信社区", "松山社区", "铁西小区") if not any(name in place for place in places)}
    assert not missing, answer.text


@pytest.fixture(scope="module")
def real_pages(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    home = tmp_path_factory.mktemp("real")
    Corpus(home, encoder).add([REAL_PAGES])
    return Assistant(SearchIndex.open(home, encoder))


def test_a_fact_is_one_sentence_or_two(assistant: Assistant) -> None:
    answer = assistant.invoke(Ask("和顺街道那个单位停车场晚上借给居民停，一共挤出来多少车位？"))
    assert_literal(answer, EXAMPLES)
    assert len(answer.citations) <= 2
    assert "412个" in answer.text


def test_what_the_articles_do_not_say_is_refused(assistant: Assistant) -> None:
    answer = assistant.invoke(Ask(OFF_TOPIC))
    assert (answer.refused, answer.refusal_reason) == (True, "off_topic")
    assert (answer.claims, answer.citations) == ((), ())
    assert not any(found.title in answer.text for found in answer.retrieved)


def test_the_stream_ends_with_the_same_answer(assistant: Assistant) -> None:
    *drafts, answer = assistant.stream(Ask(SHOWCASE["zh"]))
    grown = [draft.text for draft in drafts]
    assert grown[-1] == answer.text
    assert all(later.startswith(earlier) for earlier, later in pairwise(grown))
    assert answer.citations == assistant.invoke(Ask(SHOWCASE["zh"])).citations


def test_an_answer_is_json(assistant: Assistant) -> None:
    answer = assistant.invoke(Ask(SHOWCASE["zh"]))
    read = json.loads(json.dumps(answer.to_dict(), allow_nan=False))
    assert read["text"] == answer.text
    first = read["citations"][0]
    assert (first["start"], first["end"]) == (first["spans"][0][0], first["spans"][-1][1])
    assert len(read["retrieved"]) == 10
    assert read["index_version"] == assistant.index.version


@pytest.mark.usefixtures("settings")
def test_the_command_line_answers(assistant: Assistant, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["ask", SHOWCASE["zh"], "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    expected = json.loads(json.dumps(assistant.invoke(Ask(SHOWCASE["zh"])).to_dict()))
    assert printed | {"timings_ms": {}} == expected | {"timings_ms": {}}


@pytest.mark.usefixtures("settings")
def test_the_command_line_answers_a_batch(assistant: Assistant, tmp_path: Path) -> None:
    turn = {"question": "印染厂宿舍的物业是什么时候撤走的？", "answer_gist": "去年年底"}
    asked = [
        {"id": "a", "question": SHOWCASE["en"]},
        {"id": 2, "question": OFF_TOPIC},
        {"id": "c", "question": "后来收缴率多少？", "history": [turn]},
    ]
    questions, out = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    questions.write_text("".join(json.dumps(row) + "\n" for row in asked), "utf-8")
    assert app.main(["ask", "--batch", str(questions), "--out", str(out)]) == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["a", 2, "c"]
    assert rows[0]["text"] == assistant.invoke(Ask(SHOWCASE["en"])).text
    assert [row["refused"] for row in rows] == [False, True, False]
    assert "83%" in rows[2]["text"]


def test_with_the_reranker_a_fact_is_led_by_its_number(assistant: Assistant) -> None:
    answer = assistant.invoke(Ask("和顺街道一共腾出多少个夜间车位？"))
    assert answer.text.startswith("**412个**\n\n")
    assert "412个" in answer.citations[0].quote


def test_with_the_reranker_what_is_not_there_is_refused(assistant: Assistant) -> None:
    assert assistant.invoke(Ask(OFF_TOPIC)).refused
    asked = [json.loads(line)["question"] for line in (ROOT / "examples" / "off_topic.jsonl").read_text("utf-8").splitlines()]
    refused = [assistant.invoke(Ask(question)).refused for question in asked[::8]]
    assert sum(refused) >= 0.85 * len(refused)


def test_without_the_reranker_everything_works_as_before(assistant: Assistant) -> None:
    answer = Assistant(assistant.index).invoke(Ask(SHOWCASE["zh"]))
    assert_literal(answer, EXAMPLES)
    assert len(true_communities({c.place for c in answer.citations})) >= 3
