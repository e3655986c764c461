"""What each part does: rankings, signals and tables of `linjian eval parts`. Run: python -m pytest -q
tests/eval/test_components.py"""

import json
import re
import shutil
from pathlib import Path

import pytest

import app
from assistant.answer.calibration import Calibration
from assistant.assistant import Assistant
from eval.commands import options
from eval.components import ablation, component_study, signal_rankings
from eval.components.component_tables import TABLES, _oriented, refit, refusal, retrieval
from eval.datasets.own import read_cases
from eval.datasets.suites import open_suite
from eval.datasets.types import Document, EvalCase, Suite
from eval.fit import calibrate
from eval.fit.calibrate import ANSWERABILITY, CASES, EVIDENCE
from index.embedding import encoder
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from tests.assistant.evidence.test_rerank import WordReranker
from tests.fakes.hash_encoder import HashEncoder

EXAMPLES = Path(__file__).parents[2] / "examples"
TOPICS = ("车棚", "食堂", "电梯", "花园", "停车位", "托管班", "图书角", "健身房")


@pytest.fixture(scope="module")
def suite() -> Suite:
    documents = tuple(Document(f"d{n}", f"{topic}建好了", f"甲社区建了{n + 2}个{topic}。\n居民都说{topic}好。")
                      for n, topic in enumerate(TOPICS))
    cases = [EvalCase(f"q{n}", f"甲社区建了几个{topic}?", "number", True, answers=(f"{n + 2}个",), groups=((f"{n + 2}个",),),
                  relevant=((f"d{n}", 1),)) for n, topic in enumerate(TOPICS)]
    cases += [EvalCase(f"u{n}", question, "", False) for n, question in enumerate(("火星上有水吗?", "How far is the moon?"))]
    return Suite("s", "corpus", tuple(cases), documents)


@pytest.fixture(scope="module")
def made(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> dict:
    return component_study.ask_all(suite, tmp_path_factory.mktemp("parts"), HashEncoder(), WordReranker("个"), seed=0)


def test_each_question_is_measured_part_by_part(made: dict, suite: Suite) -> None:
    assert [row["id"] for row in made["rows"]] == [case.id for case in suite.cases]
    assert (made["reranker"], made["passages"]) == ("word", 8)
    first, last = made["rows"][0], made["rows"][-1]
    assert {"passage", "lexical", "fused", "evidence, without reranker", "evidence, with reranker"} <= first["ranked"].keys()
    assert first["ranked"]["fused"] == {"recall@5": 1, "recall@10": 1, "hit@1": 1, "hit@5": 1, "mrr@10": 1}
    assert (last["ranked"], last["first"]) == ({}, {})  # nothing is relevant to it, and it has no gold answer
    assert "logit" in first["signals"]["with"]
    assert "logit" not in first["signals"]["without"]
    assert first["signals"]["without"]["covered"] > last["signals"]["without"]["covered"] == 0


def test_parts_rank_as_their_scores_say(suite: Suite, tmp_path: Path) -> None:
    component_study.ask_all(suite, tmp_path, HashEncoder(), None, seed=0)
    index = SearchIndex.open(tmp_path, HashEncoder())
    question = Assistant(index).understand("甲社区的食堂好不好?")
    ranked = signal_rankings.rankings(index, question)
    found = index.search(question.text, signal_rankings.ALL, words=question.lexical_terms())
    by = {r.passage.id: r for r in found}
    assert [p.id for _, p in ranked["fused"]] == [r.passage.id for r in found]
    for part, score in (("passage", lambda r: r.dense), ("sentence", lambda r: max(r.sentence_dense)), ("lexical", lambda r: r.lexical)):
        values = [score(by[p.id]) for _, p in ranked[part]]
        assert values == sorted(values, reverse=True)
        assert len(set(values)) > 1
    # Cormack et al. 2009: the sum of 1 / (60 + rank); what holds no word of the question has no rank by words
    ranks = {part: {p.id: n for n, (_, p) in enumerate(ranked[part], start=1)} for part in ("passage", "lexical")}
    summed = [1 / (60 + ranks["passage"][p.id]) + (by[p.id].lexical > 0) / (60 + ranks["lexical"][p.id])
              for _, p in ranked["reciprocal ranks"]]
    assert summed == sorted(summed, reverse=True)
    assert 0 < signal_rankings.matched_words(index, question) <= 1
    exact = Assistant(index).understand("食堂")
    assert signal_rankings.matched_words(index, exact) > signal_rankings.matched_words(index, question)


def test_tables(made: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, page = tmp_path / "p.json", tmp_path / "page.md"
    path.write_text(json.dumps(made), "utf-8")
    page.write_text("<!-- t -->\n<!-- /t -->\n", "utf-8")
    assert app.main(["eval", "parts", "report", str(path)]) == 0
    printed = capsys.readouterr().out
    assert printed.count("| s ") >= 4
    assert "of one signal | s, without | s, with |" in printed
    assert app.main(["eval", "parts", "report", str(path), "--table", "refusal", "--into", f"{page}#t"]) == 0
    assert page.read_text("utf-8") == f"<!-- t -->\n{refusal([made])}<!-- /t -->\n"
    assert app.main(["eval", "parts", "report", str(path), "--into", f"{page}#u"]) == 1
    assert set(TABLES) == {"retrieval", "reading", "refusal", "signals", "refit"}


def rows(values: list[tuple[bool, float, float]]) -> dict:
    """Return a file of questions that tell whether they are answerable, one signal, and the whole."""
    return {"suite": "s", "seed": 0, "commit": "abc", "date": "2026-01-01", "reranker": None, "passages": 3, "rows": [
        {"id": str(n), "answerable": yes, "ranked": {}, "signals": {"without": {"x": signal}}, "sure": {"without": sure},
         "refused": {"without": sure < 0.5}, "first": {}, "ms": {}} for n, (yes, signal, sure) in enumerate(values)]}


def test_a_signal_is_taken_the_way_round_that_serves_it() -> None:
    """Four of the six pairs are told apart by the signal turned round, worked by hand; the whole tells five."""
    table = rows([(True, 1, 0.9), (True, 2, 0.4), (False, 3, 0.1), (False, 1.5, 0.5), (True, 1, 0.8)])
    assert _oriented(table, "without", "x") == ([-1, -2, -1], [-3, -1.5])
    line = refusal([table]).splitlines()[-1]
    assert line.startswith("| s | 5 (2) | without | 0.833 (")
    assert "| x 0.833 (" in line
    assert "| +0.000 (" in line
    assert line.endswith("| 0.333 (0.000–1.000) | 0.500 (0.000–1.000) |")


def test_a_gate_is_fitted_on_the_other_files() -> None:
    """The signal tells all in one file and the other way round in the second: what is fitted on one fails on the other."""
    one = rows([(n % 2 == 0, float(n % 2 == 0) + n / 100, 0.5) for n in range(12)])
    two = rows([(n % 2 == 0, float(n % 2 == 1) + n / 100, 0.2 + 0.6 * (n % 2 == 0)) for n in range(12)]) | {"suite": "t"}
    lines = refit([one, two]).splitlines()
    assert lines[4].startswith("| s | without | 0.500 (")
    assert "| 0.000 (0.000–0.000) |" in lines[4]
    assert lines[5].startswith("| t | without | 1.000 (1.000–1.000) | 0.000 (0.000–0.000) |")
    assert len(refit([one]).splitlines()) == 4  # nothing to fit on


def test_the_fused_search_is_held_against_the_better_half() -> None:
    def ranked(vectors: float, lexical: float, fused: float) -> dict:
        of = dict.fromkeys(("passage", "sentence", "reciprocal ranks", "no passage", "no sentence"), 0.0)
        return {part: {"recall@5": value} for part, value in (of | {"vectors": vectors, "lexical": lexical, "fused": fused}).items()}

    one, two = rows([(True, 1, 1)] * 4), rows([(True, 1, 1)] * 4)
    for row in one["rows"]:
        row["ranked"] = ranked(0.5, 0.25, 0.75)
    for row in two["rows"]:
        row["ranked"] = ranked(0.5, 0.75, 0.5)
    lines = retrieval([one, two]).splitlines()
    assert "+0.250" in lines[4]
    assert "-0.250" in lines[5]
    assert lines[6].endswith("| 0.500 | 0.500 | 0.000 | 0.000 | 0.000 | 0.625 | +0.125 |")


def test_what_is_added_to_a_suite(tmp_path: Path) -> None:
    for name, texts in (("own", TOPICS[:3]), ("other", TOPICS[3:])):
        folder = tmp_path / name
        folder.mkdir()
        lines = [json.dumps({"id": f"{name}{n}", "text": f"甲社区有{text}。"}) for n, text in enumerate(texts)]
        (folder / "corpus.jsonl").write_text("\n".join(lines), "utf-8")
    (tmp_path / "own" / "questions.jsonl").write_text(json.dumps(
        {"id": "q", "question": "车棚?", "answerable": True, "relevant": ["own0"]}), "utf-8")
    (tmp_path / "other" / "questions.jsonl").write_text(json.dumps({"id": "f", "question": "火星?", "answerable": True}), "utf-8")
    own = options.open_suite(tmp_path / "own", pages=None, limit=None, documents=2, hard=0, seed=0)
    added = {"off_topic": [tmp_path / "other" / "questions.jsonl"], "among": tmp_path / "other" / "corpus.jsonl",
             "among_documents": 4, "seed": 0}
    got = component_study.extended(own, half=None, **added)
    assert got.name == "own+other+other"
    assert len(got.documents) == 2 + 4
    assert [(case.id, case.answerable) for case in got.cases] == [("q", True), ("f", False)]
    assert len({d.id for d in got.documents}) == 6
    assert open_suite(tmp_path / "own").documents[0] in got.documents  # what is relevant stays
    halves = [component_study.extended(own, half=half, **added) for half in (0, 1)]
    assert sorted(case.id for suite in halves for case in suite.cases) == ["f", "q"]
    assert halves[1].name == "own+other half 1+other"


def test_what_a_signal_is_worth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Two of the sample pages with the fake encoder: a row a signal, and no difference where nothing is left out."""
    monkeypatch.setattr(encoder, "load_encoder", lambda *args, **options: HashEncoder())
    pages, suite = tmp_path / "pages", tmp_path / "q.jsonl"
    pages.mkdir()
    for name in ("01_yunze_morning_A06.txt", "06_dongzha_wechat.txt"):
        shutil.copy(EXAMPLES / "articles" / name, pages)
    rows = [json.loads(line) for line in (EXAMPLES / "questions.jsonl").read_text("utf-8").splitlines()]
    held = {path.name for path in pages.iterdir()}
    about = [row for row in rows if row["evidence"] and {gold["file"] for gold in row["evidence"]} <= held][:10]
    foreign = [row for row in rows if not row["answerable"] and row["notes"].startswith("off-topic")]
    about += foreign[:3] + [row for row in rows if not row["answerable"] and row not in foreign][:3]
    suite.write_text("\n".join(map(json.dumps, about)), "utf-8")
    assert app.main(["eval", "ablate", str(pages), str(suite)]) == 0
    printed = capsys.readouterr().out
    table = {line.split("|")[1].strip(): line for line in printed.splitlines() if line.startswith("| ")}
    signals = {f"sentence: {name}" for name in (*EVIDENCE, *CASES)} | {f"answerability: {name}" for name in ANSWERABILITY}
    assert table.keys() == signals | {"without", "(nothing: all features)", "the glossary"}
    assert "fitted on itself" in printed
    assert re.fullmatch(r"\| \(nothing: all features\)( \| (\d\.\d{3}|–)){5} \|", table["(nothing: all features)"])

    Corpus(tmp_path / "home", HashEncoder()).add([pages])
    asked = calibrate.ask_all("s", tmp_path / "home", HashEncoder(), read_cases(suite), None)
    texts = {path.name: path.read_text("utf-8") for path in pages.iterdir()}
    base = Calibration.load()
    whole = ablation.measure(asked, asked, texts, base)
    assert ablation.measure(asked, asked, texts, base, ("no such signal",)) == whole
    nothing_left = ablation.measure(asked, asked, texts, base, {*EVIDENCE, *CASES} - {"length"})
    assert nothing_left.first < whole.first
    assert nothing_left.recall < whole.recall
    weights = calibrate.fit_sentences(asked, base)
    areas = ablation.answerability_areas(asked, asked, weights)
    assert areas == (whole.near_miss, whole.off_topic)
    # all questions have words
    assert ablation.answerability_areas(asked, asked, weights, set(ANSWERABILITY) - {"no_words"})[0] == 0.5
