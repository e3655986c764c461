"""What an evaluation stands on: suites, what counts as found, and the fit. Run: python -m pytest -q
tests/eval/test_calibrate.py"""

import json
import math
import shutil
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
import index.embedding.encoder
from assistant.answer.answerability import AnswerabilityFeatures, BestReading
from assistant.answer.calibration import FITTED, FITTED_RERANKED, Calibration
from assistant.assistant import Assistant
from assistant.evidence.features import Features, Reading
from assistant.types import Ask, Turn
from assistant.weights.logistic import LogisticModel, feature_names
from eval.datasets.own import read_cases
from eval.datasets.types import EvalCase, Gold, overlaps
from eval.fit.calibrate import ANSWERABILITY, CASES, EVIDENCE
from eval.metrics.estimate import roc_area
from index.errors import ReadError
from index.files.formats.encoding import decode
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from tests.fakes.hash_encoder import HashEncoder

EXAMPLES = Path(__file__).parents[2] / "examples"
SUITE = read_cases(EXAMPLES / "questions.jsonl")
TEXTS = {path.name: decode(path.read_bytes(), path.name)[0] for path in (EXAMPLES / "articles").glob("*.txt")}
GOOD = {
    "id": "a-1", "question": "问?", "type": "number", "answerable": True, "answers": ["1个"], "notes": "near-miss",
    "history": [{"question": "前?", "answer_gist": "甲"}, {"question": "再前?"}],
    "evidence": [{"file": "a.txt", "article": "题", "community": "某社区", "quote": "有1个"}],
}


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_a_line_is_read_whole(tmp_path: Path) -> None:
    short = {"id": 7, "question": "天气?", "answerable": False}
    assert read_cases(write(tmp_path / "s.jsonl", GOOD, "", short)) == [
        EvalCase("a-1", "问?", "number", True, (Turn("前?", "甲"), Turn("再前?")), ("1个",), (Gold("a.txt", "某社区", "有1个"),), "near-miss", groups=(("1个",),)),
        EvalCase("7", "天气?", "unanswerable", False),
    ]


def test_a_list_of_foreign_questions_is_off_topic_whatever_it_says(tmp_path: Path) -> None:
    case, = read_cases(write(tmp_path / "s.jsonl", GOOD), all_off_topic=True)
    assert (case.answerable, case.off_topic) == (False, True)


@pytest.mark.parametrize(("answerable", "notes", "off"), [(False, "off-topic", True), (False, "off-topic: weather", True), (False, "near-miss", False), (True, "off-topic", False)])
def test_off_topic(tmp_path: Path, answerable: bool, notes: str, off: bool) -> None:
    case, = read_cases(write(tmp_path / "s.jsonl", GOOD | {"answerable": answerable, "notes": notes}))
    assert case.off_topic is off


def without(name: str) -> dict:
    return {key: value for key, value in GOOD.items() if key != name}


@pytest.mark.parametrize(("line", "what"), [
    pytest.param(without("id"), "field 'id': Field required", id="no id"),
    pytest.param(without("question"), "field 'question': Field required", id="no question"),
    pytest.param(GOOD | {"id": "b", "question": None}, "field 'question'", id="question is null"),
    pytest.param(GOOD | {"id": "b", "question": " "}, "field 'question'", id="question says nothing"),
    pytest.param(without("answerable"), "field 'answerable': Field required", id="not said whether answerable"),
    pytest.param(GOOD | {"id": "b", "answerable": "false"}, "field 'answerable': Input should be a valid boolean", id="answerable is a text"),
    pytest.param(GOOD | {"id": "b", "answers": "1个"}, "field 'answers': Input should be a valid list", id="answers is a text"),
    pytest.param(GOOD | {"id": "b", "history": [{"answer_gist": "甲"}]}, "field 'history.0.question': Field required", id="turn without a question"),
    pytest.param(GOOD | {"id": "b", "evidence": [{"file": "a.txt", "community": "某社区"}]}, "field 'evidence.0.quote': Field required", id="evidence without a quote"),
    pytest.param(GOOD | {"id": "b", "evidence": [{"file": "a.txt", "quote": ""}]}, "field 'evidence.0.quote'", id="evidence with an empty quote"),
    pytest.param(GOOD | {"id": "b", "evidence": [{"quote": "有", "community": "某社区"}]}, "field 'evidence.0.file': Field required", id="evidence without a file"),
    pytest.param(GOOD | {"id": "b", "history": ["前?"]}, "field 'history.0': must be an object", id="turn is a text"),
    pytest.param(GOOD | {"id": "b", "evidence": 5}, "field 'evidence': Input should be a valid list", id="evidence is a number"),
    pytest.param(GOOD, "field 'id': repeats 'a-1'", id="id twice"),
    pytest.param("{", "is no JSON", id="no JSON"),
    pytest.param("[1]", "must be an object", id="a list"),
    pytest.param("null", "must be an object", id="null"),
])
def test_a_bad_line_is_named(tmp_path: Path, line: object, what: str) -> None:
    path = write(tmp_path / "bad.jsonl", GOOD, "", line)
    with pytest.raises(ReadError) as caught:
        read_cases(path)
    assert f"{str(path)!r}, line 3" in str(caught.value)
    assert what in str(caught.value)
    assert "docs/evaluate.md" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"nothing\.jsonl' cannot be read: No such file"):
        read_cases(tmp_path / "nothing.jsonl")


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path: Path) -> None:
    case, = read_cases(write(tmp_path / "s.jsonl", GOOD | {"question": "一\u2028二"}))
    assert case.question == "一\u2028二"


@given(st.integers(0, 30), st.integers(1, 25), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 25)), max_size=4), st.booleans())
def test_overlaps_is_what_a_slow_look_at_each_character_says(start: int, size: int, pairs: list[tuple[int, int]], twice: bool) -> None:
    letters = "".join(chr(0x4E00 + n) for n in range(60))
    quote = letters[start:start + size]
    text, copies = (letters + letters, [start, start + 60]) if twice else (letters, [start])
    spans = [(a, a + length) for a, length in pairs]
    slow = any(sum(a <= i < b for i in range(copy, copy + len(quote))) >= min(10, len(quote))
               for a, b in spans for copy in copies)
    gold = Gold("a.txt", "", quote)
    assert overlaps(gold, "a.txt", spans, text) is slow
    assert not overlaps(gold, "b.txt", spans, text)


@pytest.mark.parametrize(("quote", "span", "found"), [
    pytest.param("0123456789ab", (0, 10), True, id="ten characters"),
    pytest.param("0123456789ab", (0, 9), False, id="nine characters"),
    pytest.param("345", (0, 6), True, id="all of a short quote"),
    pytest.param("345", (0, 5), False, id="part of a short quote"),
    pytest.param("(x", (0, 14), False, id="a quote that is not there, of pattern characters"),
    pytest.param("", (0, 14), False, id="no quote at all"),
])
def test_overlaps(quote: str, span: tuple[int, int], found: bool) -> None:
    assert overlaps(Gold("a", "", quote), "a", [span], "0123456789abcd") is found


SCORES = st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.5, 0.9, 1.0]), min_size=1, max_size=8)


@given(SCORES, SCORES)
def test_auroc_is_the_share_of_pairs_in_order(positive: list[float], negative: list[float]) -> None:
    pairs = [1.0 if p > n else 0.5 if p == n else 0.0 for p, n in product(positive, negative)]
    value = roc_area(np.array(positive), np.array(negative))
    assert value == pytest.approx(sum(pairs) / len(pairs))
    assert roc_area(np.array(negative), np.array(positive)) == pytest.approx(1 - value)


@pytest.mark.parametrize(("positive", "negative"), [([], [0.1]), ([0.1], []), ([], [])])
def test_auroc_of_nothing_is_no_number(positive: list[float], negative: list[float]) -> None:
    assert math.isnan(roc_area(np.array(positive), np.array(negative)))


def weights(*kinds: type) -> st.SearchStrategy[LogisticModel]:
    names = ["bias", *(name for kind in kinds for name in feature_names(kind))]
    return st.dictionaries(st.sampled_from(names), st.floats(-1000, 1000), max_size=6).map(
        lambda drawn: LogisticModel.of(drawn, *kinds))


SENTENCE, WHOLE = weights(Features, Reading), weights(AnswerabilityFeatures, BestReading)


@given(SENTENCE, SENTENCE, WHOLE, st.floats(0, 1), st.sampled_from(["", "one line", "two\nlines [x] = \"", "中文"]))
def test_weights_survive_the_file(tmp_path_factory: pytest.TempPathFactory, evidence: LogisticModel, cases: LogisticModel,
                                  answerability: LogisticModel, threshold: float, comment: str) -> None:
    path = tmp_path_factory.getbasetemp() / "weights.toml"
    made = replace(Calibration.load(FITTED_RERANKED), encoder='a "model"', evidence=evidence, cases=cases,
                   answerability=answerability, threshold=threshold)
    path.write_text(made.to_toml(comment), "utf-8")
    read = Calibration.load(path)
    for name in ("encoder", "reranker", "threshold", "cosines", "cuts", "reading"):
        assert getattr(read, name) == getattr(made, name)
    for before, after in ((evidence, read.evidence), (cases, read.cases), (answerability, read.answerability)):
        assert list(after.weights) == list(before.weights)
        assert after.weights == pytest.approx(before.weights, abs=1e-4)


MODELS = b"[evidence]\n[cases]\n[answerability]\n"
HEAD = b"encoder = 'e5'\nthreshold = 0.5\n" + b"".join(FITTED.read_bytes().partition(b"[cosines]")[1:]).partition(b"[evidence]")[0]


@pytest.mark.parametrize(("table", "name", "said"), [
    ("evidence", "coverege", "'coverege'; is 'coverage' meant"), ("cases", "logit", "no feature 'logit'"),
    ("answerability", "cosin", "'cosin'; is 'cosine' meant"), ("cuts", "facts", "facts"), ("cosines", "sentense", "sentense"),
])
def test_a_misspelt_name_is_an_error_of_its_file_when_it_is_read(tmp_path: Path, table: str, name: str, said: str) -> None:
    path = tmp_path / "weights.toml"
    path.write_text(FITTED.read_text("utf-8").replace(f"[{table}]\n", f"[{table}]\n{name} = 1.0\n"), "utf-8")
    with pytest.raises(ReadError, match=rf"weights\.toml.*{said}.*linjian eval calibrate"):
        Calibration.load(path)


@pytest.mark.parametrize("content", [
    pytest.param(None, id="missing"),
    pytest.param(b"threshold = ", id="no TOML"),
    pytest.param(b"\xff\xfe\xff", id="no text"),
    pytest.param(HEAD + b"[evidence]\n[cases]\n", id="no answerability"),
    pytest.param(HEAD.replace(b"threshold", b"thresh") + MODELS, id="no threshold"),
    pytest.param(HEAD.replace(b"encoder", b"model") + MODELS, id="no encoder"),
    pytest.param(HEAD.replace(b"0.5\n", b"'high'\n", 1) + MODELS, id="threshold is a word"),
    pytest.param(HEAD.replace(b"0.5\n", b"[]\n", 1) + MODELS, id="threshold is a list"),
    pytest.param(HEAD + MODELS + b"near = 'much'\n", id="a weight is a word"),
])
def test_a_broken_calibration_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "weights.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReadError, match=r"weights\.toml.*linjian eval calibrate"):
        Calibration.load(path)


def test_a_fit_is_written_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Fit on two of the sample pages, with the fake encoder: what is written is a calibration an assistant can use."""
    loaded, bundled = [], Calibration.load()
    monkeypatch.setattr(index.embedding.encoder, "load_encoder", lambda *args, **options: loaded.append((args, options)) or HashEncoder())
    pages, suite, foreign, out = tmp_path / "pages", tmp_path / "q.jsonl", tmp_path / "off.jsonl", tmp_path / "weights.toml"
    pages.mkdir()
    for name in ("01_yunze_morning_A06.txt", "06_dongzha_wechat.txt"):
        shutil.copy(EXAMPLES / "articles" / name, pages)
    rows = [json.loads(line) for line in (EXAMPLES / "questions.jsonl").read_text("utf-8").splitlines()]
    names = {path.name for path in pages.iterdir()}
    about_them = [row for row in rows if row["evidence"] and {gold["file"] for gold in row["evidence"]} <= names]
    write(suite, *about_them)
    write(foreign, *(EXAMPLES / "off_topic.jsonl").read_text("utf-8").splitlines()[:10])
    command = ["eval", "calibrate", str(pages), str(suite), "--off-topic", str(foreign), "--models", str(tmp_path), "--out", str(out)]
    assert app.main(command) == 0
    assert loaded == [(("e5-small",), {"cache": tmp_path, "threads": 1})]
    fitted = Calibration.load(out)
    assert [list(model.weights) for model in (fitted.evidence, fitted.cases, fitted.answerability)] == [
        ["bias", *names] for names in (EVIDENCE, CASES, ANSWERABILITY)]
    assert fitted.encoder == HashEncoder().name != bundled.encoder
    assert fitted.cuts == bundled.cuts
    assert fitted.cosines.slope > 0
    assert fitted.cosines != bundled.cosines
    assert 0 <= fitted.threshold <= 1
    printed = capsys.readouterr().out
    assert f"asked {len(about_them) + 10} questions" in printed
    assert "fitted on itself" in printed
    assert str(out) in printed
    assert out.read_text("utf-8").startswith("# Made by: linjian eval calibrate (")
    half = LogisticModel.of(dict.fromkeys(fitted.evidence.weights, 0.5), Features)
    set_by_hand = replace(fitted, evidence=half, threshold=0.25)
    out.write_text(set_by_hand.to_toml("by hand"), "utf-8")
    assert app.main([*command, "--only-gate"]) == 0
    again = Calibration.load(out)
    assert (again.evidence, again.cases, again.threshold) == (set_by_hand.evidence, fitted.cases, 0.25)
    assert again.answerability != fitted.answerability
    Corpus(tmp_path / "home", HashEncoder()).add([pages])
    answer = Assistant(SearchIndex.open(tmp_path / "home", HashEncoder()), calibration=fitted).invoke(Ask("和顺街道挤出多少车位"))
    assert 0 < answer.answerable < 1


def test_the_sample_suite_is_as_large_as_it_says() -> None:
    assert (len(SUITE), sum(case.answerable for case in SUITE), len({case.id for case in SUITE})) == (152, 124, 152)
    assert all(case.evidence for case in SUITE if case.answerable)


@pytest.mark.parametrize("case", [case for case in SUITE if case.answerable], ids=lambda case: case.id)
def test_gold_stands_word_for_word_in_the_sample_pages(case: EvalCase) -> None:
    for gold in case.evidence:
        assert gold.quote in TEXTS[gold.file]
    assert [answer for answer in case.answers if not any(answer in gold.quote for gold in case.evidence)] == []
