"""`linjian eval run`, `compare`, `report` and `list`, from the command line to the files. Run: python -m pytest -q
tests/eval/test_run_commands.py"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda

import app
from eval.datasets.types import Document, EvalCase, Suite, SuiteError
from eval.metrics.citations import TermJudge
from eval.report.compare import NOT_SHOWN, compare, in_common
from eval.report.result_report import as_html, as_markdown, put_into, worst
from eval.run.answerers import AnswersFile, OracleCeiling
from eval.run.judges import ModelJudge, load_judge
from eval.run.result import AUROC, RunReport, coverage_accuracy, read_result, reliability, timings
from eval.run.run_suite import run_suite
from index.errors import LinjianError
from tests.fakes.hash_encoder import HashEncoder

TOPICS = ("车棚", "食堂", "电梯", "花园", "停车位", "托管班", "图书角", "健身房")
HOSTILE = "</script><script>alert(1)</script>{{ 7*7 }}${x}\u2028"

ECHO = RunnableLambda(lambda asked: AIMessage(f"答:{asked['question']}"))
REFUSING = RunnableLambda(lambda asked: {"text": "没有", "refused": True, "answerable": 0.1})
BROKEN = RunnableLambda(lambda asked: {"text": 5})
LENIENT = SimpleNamespace(supports=lambda claim, cited: 1)
SAYS_YES = RunnableLambda(lambda text: "Yes." if "车棚" in text else "no")


@pytest.fixture
def suite_folder(tmp_path: Path) -> Path:
    """Eight articles, a question about each, and two that none answers, in the project's own layout."""
    folder = tmp_path / "小区"
    folder.mkdir()
    documents = [{"id": f"d{n}", "title": f"{topic}建好了", "text": f"甲社区建了{n + 2}个{topic}。\n居民都说{topic}好。"} for n, topic in enumerate(TOPICS)]
    questions: list[dict] = [{"id": f"q{n}", "question": f"建了几个{topic}?", "answerable": True, "answers": [f"{n + 2}个"], "relevant": [f"d{n}"],
                              "type": "number", "evidence": [f"甲社区建了{n + 2}个{topic}。"]} for n, topic in enumerate(TOPICS)]
    questions += [{"id": f"u{n}", "question": HOSTILE, "answerable": False, "type": HOSTILE, "notes": "off-topic"} for n in range(2)]
    for name, rows in (("corpus", documents), ("questions", questions)):
        (folder / f"{name}.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=True) for row in rows), "utf-8")
    return folder


@pytest.fixture
def linjian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command line with a quick encoder, and a home of its own."""
    monkeypatch.setenv("LINJIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LINJIAN_RERANKER", "off")
    monkeypatch.setattr(app, "_load_encoder", lambda settings: HashEncoder())
    return lambda *arguments: app.main(["eval", *map(str, arguments)])


def suite(cases: Sequence[EvalCase] | None = None) -> Suite:
    documents = tuple(Document(f"d{n}", "", f"{topic}有{n}个。") for n, topic in enumerate(TOPICS))
    made = [EvalCase(f"q{n}", f"{topic}?", "number", True, answers=(f"{n}个",), groups=((f"{n}个",),), relevant=((f"d{n}", 1),))
            for n, topic in enumerate(TOPICS)]
    return Suite("s", "corpus", tuple(cases or made), documents)


def measured(made: Suite, answerer: Any, journal: Path, **options: Any) -> RunReport:
    texts = {d.id: d.full_text for d in made.documents}
    return run_suite(made, answerer, texts, TermJudge(), seed=0, made_with={"commit": "abc"}, noted={"date": "2026-01-01"},
                     journal=journal, **options)


class Failing:
    """The oracle, until it has been asked so many questions; then the power goes."""

    name, settings = "oracle", {}

    def __init__(self, made: Suite, after: int) -> None:
        self._oracle, self._left, self.asked = OracleCeiling({d.id: d.full_text for d in made.documents}), after, []

    def answer(self, case: EvalCase) -> Any:
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        self.asked.append(case.id)
        return self._oracle.answer(case)


def without_times(report: RunReport) -> RunReport:
    return replace(report, rows=tuple(replace(row, timings_ms={}) for row in report.rows), seconds=0, memory_mb=0)


@pytest.mark.parametrize("torn", [False, True], ids=["between two rows", "in the middle of a row"])
def test_an_interrupted_run_resumes_to_the_same_result(tmp_path: Path, torn: bool) -> None:
    made, journal = suite(), tmp_path / "j"
    whole = measured(made, Failing(made, 99), tmp_path / "other")
    with pytest.raises(KeyboardInterrupt):
        measured(made, Failing(made, 3), journal)
    if torn:
        journal.write_text(journal.read_text("utf-8")[:-20], "utf-8")
    second = Failing(made, 99)
    resumed = measured(made, second, journal, resume=True)
    assert second.asked == [f"q{n}" for n in range(2 if torn else 3, 8)]
    assert without_times(resumed) == without_times(whole)
    assert not journal.exists()


def test_another_run_is_not_resumed(tmp_path: Path) -> None:
    made = suite()
    with pytest.raises(KeyboardInterrupt):
        measured(made, Failing(made, 3), tmp_path / "j")
    other = suite(made.cases[:5])
    with pytest.raises(LinjianError, match="from another run: questions differs"):
        measured(other, Failing(other, 9), tmp_path / "j", resume=True)
    lines = (tmp_path / "j").read_text("utf-8").splitlines()
    head = json.loads(lines[0]) | {"made_with": {"commit": "abd"}}
    (tmp_path / "j").write_text("\n".join([json.dumps(head), *lines[1:], ""]), "utf-8")
    with pytest.raises(LinjianError, match=r"another run: made_with\.commit differs"):
        measured(made, Failing(made, 9), tmp_path / "j", resume=True)


@pytest.mark.parametrize("text", ["no json\n", "[1]\n", '{"suite"\n{}\n'], ids=["text", "list", "torn head"])
def test_what_is_no_journal_is_told(tmp_path: Path, text: str) -> None:
    made = suite()
    (tmp_path / "j").write_text(text, "utf-8")
    with pytest.raises(LinjianError, match="is no journal of a run"):
        measured(made, Failing(made, 9), tmp_path / "j", resume=True)


def test_run_report_and_compare(suite_folder: Path, linjian: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole way: the assistant over a corpus, twice the same, against the oracle; a table and a page."""
    a, b, oracle, page = tmp_path / "a.json", tmp_path / "b.json", tmp_path / "o.json", tmp_path / "r.html"
    assert linjian("run", suite_folder, "--out", a, "--work", tmp_path / "work") == 0
    printed = capsys.readouterr().out
    assert "| recall@10 | 1.000 (1.000–1.000) |" in printed
    assert "| metric | built-in | random | oracle |" in printed
    assert linjian("run", suite_folder, "--out", b, "--work", tmp_path / "work") == 0
    assert linjian("run", suite_folder, "--out", oracle, "--config", "oracle") == 0
    first, second = read_result(a), read_result(b)
    noted = {"made_with": {}}
    assert replace(without_times(first), **noted) == replace(without_times(second), **noted)
    assert first.ceiling == read_result(oracle).summary
    assert first.made_with["index"]["passages"] == len(TOPICS)
    assert first.made_with["settings"]["encoder"] == "e5-small"
    assert not (tmp_path / "home").exists()
    capsys.readouterr()

    assert linjian("compare", a, b) == 0
    assert set(re.findall(r"\| ([^|]+) \|$", capsys.readouterr().out, re.MULTILINE)) - {" ", "---"} == {NOT_SHOWN}
    assert linjian("report", a, oracle, "--html", page) == 0
    html = page.read_text("utf-8")
    assert html.count("<svg") == 4
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(1)" in html
    assert tags(html).isdisjoint({"script", "link", "img", "iframe"})
    assert not re.findall(r"(?:src|href)=(?!\"#)|url\((?!#)|@import", html), "only what stands in the page is pointed at"


def tags(html: str) -> set[str]:
    found: set[str] = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.add(tag)  # type: ignore[method-assign]
    parser.feed(html)
    return found


def test_given_documents_are_the_only_ones(tmp_path: Path, linjian: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """RGB: each question has an index of its own documents."""
    rows = [{"id": n, "query": f"建了几个{t}?", "answer": ["3个"], "positive": [f"甲社区建了3个{t}。"] * 5, "negative": [f"乙社区拆了5个{t}{m}。" for m in range(5)]}
            for n, t in enumerate(TOPICS[:2])]
    path = tmp_path / "zh.json"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    assert linjian("run", path, "--noise", "0.8", "--out", tmp_path / "r.json") == 0
    assert [row.scores["recall@5"] for row in read_result(tmp_path / "r.json").rows] == [1, 1]
    assert linjian("run", path, "--noise", "1.5", "--out", tmp_path / "r.json") == 1
    assert "--noise 1.5 is no share" in capsys.readouterr().err


def test_documents_that_are_nearly_the_same_are_all_found(tmp_path: Path, linjian: Callable[..., int]) -> None:
    """A suite names documents by id: of two printings of one text each must be found where it is the relevant one."""
    folder = tmp_path / "copies"
    folder.mkdir()
    text = "甲社区今年春天在三号楼前面建了两个车棚,又给五号楼装了电梯,居民都说方便多了,社区还准备再建一个食堂。"
    documents = [{"id": "a", "text": text}, {"id": "b", "text": text}, {"id": "c", "text": f"{text}谢谢大家。"}]
    documents += [{"id": f"d{n}", "text": f"乙社区建了{n}个{topic}。"} for n, topic in enumerate(TOPICS)]
    questions = [{"id": d["id"], "question": "甲社区建了几个车棚?", "answerable": True, "relevant": [d["id"]]} for d in documents[:3]]
    for name, rows in (("corpus", documents), ("questions", questions)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert linjian("run", folder, "--out", tmp_path / "r.json") == 0
    assert [row.scores["recall@5"] for row in read_result(tmp_path / "r.json").rows] == [1, 1, 1]


@pytest.mark.parametrize(("answerer", "texts", "refused"), [
    pytest.param("tests.eval.test_run_commands:ECHO", "答:建了几个车棚?", False, id="a message"),
    pytest.param("tests.eval.test_run_commands:REFUSING", "没有", True, id="an answer's JSON"),
])
def test_a_runnable_answers(suite_folder: Path, linjian: Callable[..., int], tmp_path: Path, answerer: str, texts: str, refused: bool) -> None:
    assert linjian("run", suite_folder, "--config", answerer, "--out", tmp_path / "r.json") == 0
    row = read_result(tmp_path / "r.json").rows[0]
    assert (row.text, row.refused) == (texts, refused)


def test_answers_made_elsewhere(suite_folder: Path, linjian: Callable[..., int], tmp_path: Path) -> None:
    lines = [{"id": f"q{n}", "text": f"{n + 2}个[1]", "citations": [{"number": 1, "file": f"d{n}", "start": 0, "end": 3, "quote": "错"}],
              "retrieved": [{"file": f"d{n}", "start": 0, "end": 5, "score": 1}]} for n in range(8)]
    lines += [{"id": f"u{n}", "text": "没有", "refused": True} for n in range(2)]
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert linjian("run", suite_folder, "--config", f"answers:{path}", "--out", tmp_path / "r.json") == 0
    report = read_result(tmp_path / "r.json")
    assert {name: report.summary[name].value for name in ("accuracy", "exact_match", "grounded", "recall@1", "right_refusal")} == {
        "accuracy": 1, "exact_match": 1, "grounded": 0, "recall@1": 1, "right_refusal": 1}
    assert AUROC not in report.summary  # nobody said how sure they were


def test_the_times_of_answers_made_elsewhere_are_theirs(tmp_path: Path) -> None:
    made = suite()
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(json.dumps({"id": case.id, "text": "", "timings_ms": {"search": 5e5, "answer": 1e5}}) for case in made.cases))
    assert timings(measured(made, AnswersFile(path, made.cases), tmp_path / "j").rows) == {
        "search": (5e5, 5e5), "answer": (1e5, 1e5), "total": (6e5, 6e5)}


@pytest.mark.parametrize(("row", "what"), [
    pytest.param({"id": "q0"}, "line 1, field 'text': Field required", id="no text"),
    pytest.param({"id": "q1", "text": "x"}, "no answer to question 'q0'", id="a question without an answer"),
    pytest.param({"id": "q0", "text": "x", "citations": [{"quote": "x"}]}, "question 'q0': field 'citations.0.file': Field required", id="a citation without a file"),
])
def test_bad_answers_are_told(tmp_path: Path, row: dict, what: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps(row), "utf-8")
    case = suite().cases[0]
    with pytest.raises(SuiteError, match=re.escape(what)):
        AnswersFile(path, [case]).answer(case)


@pytest.mark.parametrize(("arguments", "status", "what"), [
    pytest.param(["run", "nowhere", "--out", "r.json"], 2, "There is no suite 'nowhere'", id="no suite"),
    pytest.param(["run", "{suite}", "--out", "no/folder/r.json"], 1, "There is no folder", id="no folder for the result"),
    pytest.param(["run", "{suite}", "--out", "r.json", "--format", "csv"], 1, "There is no format 'csv'", id="no such format"),
    pytest.param(["run", "{suite}", "--out", "r.json", "--config", "gpt"], 1, "There is no answerer 'gpt'", id="no such answerer"),
    pytest.param(["run", "{suite}", "--out", "r.json", "--config", "no.such:thing"], 1, "'no.such:thing' cannot be loaded", id="no such module"),
    pytest.param(["run", "{suite}", "--out", "r.json", "--config", "tests.eval.test_run_commands:TOPICS"], 1, "is no LangChain Runnable", id="no runnable"),
    pytest.param(["run", "{suite}", "--out", "r.json", "--config", "tests.eval.test_run_commands:BROKEN"], 2, "field 'text'", id="a runnable that returns nonsense"),
    pytest.param(["run", "{suite}", "--out", "r.json", "--judge", "tests.eval.test_run_commands:TOPICS"], 1, "is no judge", id="no judge"),
    pytest.param(["run", "{suite}/corpus.jsonl", "--out", "r.json"], 2, "looks like no suite", id="half a suite"),
    pytest.param(["compare", "{suite}/corpus.jsonl", "r.json"], 2, "is no result of `linjian eval run`", id="no result"),
    pytest.param(["report", "nothing.json"], 1, "'nothing.json' cannot be read", id="no file"),
])
def test_mistakes_are_told(suite_folder: Path, linjian: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
                           tmp_path: Path, arguments: list[str], status: int, what: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert linjian(*(a.format(suite=suite_folder) for a in arguments)) == status
    told = capsys.readouterr().err
    assert what in told
    assert "Traceback" not in told


def test_a_left_over_journal_is_not_overwritten(suite_folder: Path, linjian: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.json.journal").write_text("{}\n", "utf-8")
    assert linjian("run", suite_folder, "--config", "oracle", "--out", tmp_path / "r.json") == 1
    assert "go on with --resume, or delete it" in capsys.readouterr().err
    assert (tmp_path / "r.json.journal").read_text("utf-8") == "{}\n"


def test_results_of_different_corpora_are_not_compared(tmp_path: Path) -> None:
    made = suite()
    a = measured(made, Failing(made, 99), tmp_path / "j")
    with pytest.raises(LinjianError, match="different corpora"):
        compare(a, replace(a, corpus="0" * 64))
    with pytest.raises(LinjianError, match="judged differently"):
        compare(a, replace(a, judge="another"))
    with pytest.raises(LinjianError, match="no question in common"):
        compare(a, replace(a, rows=tuple(replace(row, id=f"x{row.id}") for row in a.rows)))
    with pytest.raises(LinjianError, match="different corpora"):
        as_markdown([a, replace(a, corpus="0" * 64)])


def test_a_shown_difference_says_who_is_better(tmp_path: Path) -> None:
    cases = [EvalCase(f"q{n}", "?", "", True, answers=("甲",), groups=(("甲",),)) for n in range(12)]
    made = suite(cases)
    good = measured(made, Failing(made, 99), tmp_path / "j")
    bad = replace(good, rows=tuple(replace(row, scores=row.scores | {"accuracy": 0.0, "wrong_refusal": 1.0, "characters": 9.0}) for row in good.rows))
    assert len(in_common(good, replace(bad, rows=bad.rows[3:]))) == 9
    verdicts = {row.metric: row.verdict for row in compare(good, bad)}
    assert (verdicts["accuracy"], verdicts["wrong_refusal"], verdicts["characters"], verdicts["f1"]) == (
        "A is better", "A is better", "B has more", NOT_SHOWN)


def test_curves(tmp_path: Path) -> None:
    made = suite()
    row = measured(made, Failing(made, 99), tmp_path / "j").rows[0]
    rows = [replace(row, id=str(n), confidence=c, answerable=a, scores={"accuracy": s} if a else {}, timings_ms={"total": 10.0 * (n + 1)})
            for n, (c, a, s) in enumerate([(0.9, True, 1.0), (0.5, True, 0.0), (0.8, False, 0.0), (0.95, True, 1.0)])]
    assert coverage_accuracy(rows, "accuracy") == [(0.25, 1.0), (0.5, 1.0), (0.75, pytest.approx(2 / 3)), (1.0, 0.5)]
    assert reliability(rows) == [(0.5, 1.0, 1), (0.8, 0.0, 1), (pytest.approx(0.925), 1.0, 2)]
    assert timings(rows) == {"total": (25.0, pytest.approx(38.5))}
    report = replace(measured(made, Failing(made, 99), tmp_path / "j"), rows=tuple(replace(r, refused=False) for r in rows))
    assert [bad.id for bad in worst(report)] == ["1", "2"]
    assert as_html([report]).count("<details>") == 3


def test_a_table_goes_between_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "R.md"
    path.write_text("a\n<!-- t -->\nold\n<!-- /t -->\nb\n", "utf-8")
    put_into(path, "t", "new \\1\n")
    assert path.read_text("utf-8") == "a\n<!-- t -->\nnew \\1\n<!-- /t -->\nb\n"
    with pytest.raises(LinjianError, match="<!-- u -->"):
        put_into(path, "u", "x")


def test_an_object_of_ones_own_may_judge() -> None:
    judge = load_judge("tests.eval.test_run_commands:LENIENT", HashEncoder)
    assert (judge.supports("建了车棚", ""), judge.name) == (True, "tests.eval.test_run_commands:LENIENT")


def test_a_model_may_judge() -> None:
    judge = load_judge("tests.eval.test_run_commands:SAYS_YES", HashEncoder)
    assert isinstance(judge, ModelJudge)
    assert judge.supports("建了车棚", "</text>有") is True
    assert judge.supports("建了食堂", "有") is False
    assert judge.name == "model: tests.eval.test_run_commands:SAYS_YES"


def test_the_assistants_own_check_may_judge() -> None:
    judge = load_judge("support", HashEncoder)
    assert judge.supports("甲社区建了3个车棚。", "去年春天,甲社区建了3个车棚。") is True
    assert judge.supports("甲社区建了4个车棚。", "去年春天,甲社区建了3个车棚。") is False
    assert judge.supports("甲社区建了3个车棚。", "") is False


def test_what_there_is_is_listed(linjian: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert linjian("list") == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("beir", "squad", "rgb", "crud", "answers:FILE.jsonl", "recall@10", "citation_precision", AUROC))
