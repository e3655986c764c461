"""Metrics against definitions worked by hand and against reference libraries. Run: python -m pytest -q
tests/eval/test_metrics.py"""

import importlib.util
import json
import math
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from assistant.types import Answer, Citation, Claim, Found
from eval.datasets.suites import open_suite
from eval.datasets.types import EvalCase, Gold
from eval.metrics import estimate, ranking, text_metrics
from eval.metrics.citations import (
    TermJudge,
    citation_precision,
    citation_recall,
    evidence_precision,
    first_citation,
    grounded,
    statements,
)
from eval.metrics.metric_table import Context, score
from eval.run.answerers import OracleCeiling, RandomFloor
from eval.run.corpora import texts_of

ROOT = Path(__file__).parents[2]
SCORE = ROOT.parent / "shared" / "score" / "score.py"


def answer(said: str = "", *, quotes: Sequence[str] = (), found: Sequence[tuple[str, int, int]] = (), refused: bool = False,
           claims: Sequence[tuple[str, tuple[int, ...]]] = (), file: str = "a", at: list[int] | None = None) -> Answer:
    starts = at or [0] * len(quotes)
    return Answer(
        question="?", standalone_question="?", language="zh", text=said, model="m", index_version="", refused=refused,
        claims=tuple(Claim(t, numbers, 1.0, True) for t, numbers in claims),
        citations=tuple(Citation(n, "", "", "", "", "", "", file, ((s, s + len(q)),), q) for n, (q, s) in enumerate(zip(quotes, starts, strict=True), 1)),
        retrieved=tuple(Found("", "", "", "", f, a, b, 0.0) for f, a, b in found))


# CMRC 2018, worked by hand from its definition: F1 of the longest common run of units, punctuation left out,
# Chinese by character and anything else by word, the best reference counts.
@pytest.mark.parametrize(("said", "references", "f1", "exact"), [
    pytest.param("光荣和ω-force", ("光荣和ω-force",), 1.0, 1.0, id="the same"),
    pytest.param("2010年", ("2010 年",), 1.0, 1.0, id="a space parts no units and does not count"),
    pytest.param("《三国》。", ("三国",), 1.0, 1.0, id="punctuation does not count"),
    pytest.param("村雨城", ("任天堂游戏谜之村雨城",), 2 * 3 / (3 + 10), 0.0, id="a part: 3 of 3 and 3 of 10"),
    pytest.param("共有12人参加", ("12人",), 2 * 2 / (6 + 2), 0.0, id="a number is one unit: 共 有 12 人 参 加"),
    pytest.param("甲乙丙丁", ("乙甲丙丁",), 2 * 2 / 8, 0.0, id="a run, no subsequence"),
    pytest.param("甲", ("乙", "甲乙", "甲"), 1.0, 1.0, id="the best reference"),
    pytest.param("IBM公司", ("ibm 公司",), 1.0, 1.0, id="case aside"),
    pytest.param("甲", ("乙",), 0.0, 0.0, id="nothing common"),
    pytest.param("", ("乙",), 0.0, 0.0, id="nothing said"),
])
def test_cmrc_by_hand(said: str, references: tuple[str, ...], f1: float, exact: float) -> None:
    assert text_metrics.char_f1(said, references) == pytest.approx(f1)
    assert text_metrics.exact_match(said, references) == exact


def test_units_of_cmrc() -> None:
    assert text_metrics.mixed_segments("共有3.5%的HTTP请求,约1,200次。") == [*"共有", "3.5", "%", "的", "http", *"请求", ",", "约", "1,200", "次"]


WORDS = st.text("甲乙丙丁", min_size=1, max_size=12)


@given(WORDS, WORDS)
def test_the_longest_run_is_what_trying_all_runs_says(a: str, b: str) -> None:
    longest = max(n for n in range(len(a) + 1) if any(a[i:i + n] in b for i in range(len(a) - n + 1)))
    assert text_metrics.char_f1(a, (b,)) == pytest.approx(2 * longest / (len(a) + len(b)))


@given(st.text("社区改造了车棚人有", min_size=1, max_size=40), st.text("社区改造了车棚人有", min_size=1, max_size=40))
def test_rouge_l_is_what_rouge_chinese_says(said: str, reference: str) -> None:
    rouge = pytest.importorskip("rouge_chinese").Rouge(metrics=["rouge-l"])
    expected = rouge.get_scores(" ".join(said), " ".join(reference))[0]["rouge-l"]["f"]
    assert text_metrics.rouge_l(said, (reference,)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("said", "groups", "right"), [
    pytest.param("共12人, 在A市", (("12人",), ("a市", "b市")), 1.0, id="one wording of each group, case aside"),
    pytest.param("共12人", (("12人",), ("a市", "b市")), 0.0, id="a group is missing"),
])
def test_rgb_accuracy(said: str, groups: tuple, right: float) -> None:
    assert text_metrics.contains_all(said, groups) == right


@pytest.mark.parametrize(("quotes", "right"), [
    pytest.param(["去年来了 12 人。", "别的"], 1.0, id="the first holds a wording, white space aside"),
    pytest.param(["别的", "来了12人。"], 0.0, id="only the second does"),
    pytest.param([], 0.0, id="nothing is cited"),
])
def test_the_first_citation(quotes: list[str], right: float) -> None:
    case = EvalCase("q", "?", "", True, groups=(("十二人", "12人"), ("甲",)))
    assert first_citation(case, answer("x", quotes=quotes)) == right


def test_an_answer_as_plain_text() -> None:
    assert text_metrics.plain_text(answer("**甲社区**:有12个。[1]\n- 乙[2]")) == "甲社区:有12个。\n乙"
    assert text_metrics.plain_text(answer("资料中没有", refused=True)) == ""


# -- ranking: the same numbers by the textbook's formulas ------------------------------------------------------------

RANKING = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)
GRADES = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(1, 3), min_size=1, max_size=5)


@settings(deadline=None)
@given(RANKING, GRADES)
def test_ranking_metrics_are_the_formulas(found: list[str], grades: dict[str, int]) -> None:
    case = EvalCase("q", "?", "", True, relevant=tuple(grades.items()))
    said = answer(found=[(document, 0, 1) for document in found for _ in range(2)])  # two passages of each document
    gains = [grades.get(document, 0) for document in found]

    def dcg(values: list[int]) -> float:
        return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(values, start=1))

    ranks = [rank for rank, gain in enumerate(gains, start=1) if gain]
    assert ranking.recall(case, said, {}, 5) == pytest.approx(sum(rank <= 5 for rank in ranks) / len(grades))
    assert ranking.reciprocal_rank(case, said, {}) == pytest.approx(1 / ranks[0] if ranks else 0)
    assert ranking.ndcg(case, said) == pytest.approx(dcg(gains) / dcg(sorted(grades.values(), reverse=True)))


def test_quotes_are_ranked_by_the_first_passage_that_overlaps_them() -> None:
    page = "0123456789abcdefghijklmnopqrstuvwxyz"
    case = EvalCase("q", "?", "", True, evidence=(Gold("a", "", page[0:12]), Gold("a", "", page[20:32]), Gold("b", "", "nowhere")))
    said = answer(found=[("a", 12, 20), ("a", 18, 36), ("a", 0, 9), ("a", 0, 10)])
    texts = {"a": page, "b": ""}
    assert [ranking.recall(case, said, texts, k) for k in (1, 2, 3, 4)] == [0, 1 / 3, 1 / 3, 2 / 3]
    assert ranking.reciprocal_rank(case, said, texts) == 1 / 2


# -- citations -------------------------------------------------------------------------------------------------------

class Table:
    """A judge who knows what is supported: pairs of claim and the texts, one a line."""

    name = "table"

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self._pairs = pairs

    def supports(self, claim: str, cited: str) -> bool:
        return any(claim == c and set(needed) <= set(cited.split("\n")) for c, needed in self._pairs)


def test_alce_by_hand() -> None:
    """Three statements: one supported by one of two, one needing both, one not supported (Gao et al. 2023, section 4)."""
    judge = Table(("s1", "x"), ("s2", "yz"))
    said = answer("text", quotes=["x", "y", "z"], claims=[("s1", (1, 2)), ("s2", (2, 3)), ("s3", (3,))])
    assert citation_recall(said, judge) == pytest.approx(2 / 3)
    # s1: x is needed, y is not; s2: y and z are needed; s3: z supports nothing
    assert citation_precision(said, judge) == pytest.approx(3 / 5)
    assert citation_recall(answer("no", refused=True), judge) is None


def test_a_text_without_claims_is_read_by_its_markers() -> None:
    said = answer("甲社区建了车棚。[1]乙社区没有。又说[2]丙。", quotes=["甲社区建了车棚", "丙"])
    assert statements(said) == [("甲社区建了车棚。", ["甲社区建了车棚"]), ("乙社区没有。", []), ("又说丙。", ["丙"])]


@pytest.mark.parametrize(("claim", "cited", "supported"), [
    pytest.param("甲社区建了3个车棚", "去年,甲社区建了3个车棚。", True, id="said so"),
    pytest.param("甲社区建了4个车棚", "去年,甲社区建了3个车棚,甲社区建了个车棚", False, id="another number"),
    pytest.param("甲社区建了车棚", "乙小区拆除了围墙", False, id="something else"),
    pytest.param("。", "。", False, id="nothing said"),
])
def test_the_judge_of_terms(claim: str, cited: str, supported: bool) -> None:
    assert TermJudge().supports(claim, cited) is supported


def test_near_is_120_characters_and_borderline_places_do_not_count() -> None:
    page = "证" * 20 + "x" * 300 + "y" * 10
    gold = Gold("a", "", "证" * 20)
    case = EvalCase("q", "?", "", True, evidence=(gold,), notes="BORDERLINE: 甲社区 (half an answer)")
    beside = answer(quotes=["x" * 10, "x" * 10], at=[139, 140])
    assert evidence_precision(case, beside, {"a": page}) == 1 / 2
    doubtful = Citation(1, "", "", "", "", "", "某市甲社区", "a", ((200, 210),), "x" * 10)
    assert evidence_precision(case, Answer("?", "?", "zh", "", (), (doubtful,), (), "m", ""), {"a": page}) is None


def test_grounded_is_the_files_own_text() -> None:
    assert grounded(answer(quotes=["甲乙", "丙丁", ""], at=[0, 0, 0]), {"a": "甲乙丙"}) == pytest.approx(1 / 3)
    assert grounded(answer(quotes=["甲"], file="b"), {"a": "甲"}) == 0
    assert grounded(answer(), {}) is None


# -- floor, ceiling, and the outside script --------------------------------------------------------------------------

EXAMPLES = open_suite(ROOT / "examples")
TEXTS = texts_of(EXAMPLES)
CONTEXT = Context(TEXTS, TermJudge())


def test_the_oracle_is_perfect_where_perfection_is_possible() -> None:
    for case in EXAMPLES.cases:
        measured = score(case, OracleCeiling(TEXTS).answer(case).answer, CONTEXT)
        perfect = {"recall@10", "mrr@10", "evidence_recall", "case_recall", "evidence_precision", "grounded", "accuracy",
                   "answer_recall", "exact_match", "f1", "rouge_l", "right_refusal", "citation_recall", "citation_precision"}
        assert {name: measured[name] for name in perfect & measured.keys() if measured[name] != 1} == {}, case.id
        assert measured.get("wrong_refusal", 0) == 0


def test_the_floor_is_low_and_always_the_same() -> None:
    floor = RandomFloor(TEXTS, EXAMPLES.cases, seed=0)
    again = RandomFloor(TEXTS, EXAMPLES.cases, seed=0)
    said = [floor.answer(case) for case in EXAMPLES.cases]
    assert said == [again.answer(case) for case in EXAMPLES.cases]
    found = [score(c, s.answer, CONTEXT).get("evidence_recall", 0) for c, s in zip(EXAMPLES.cases, said, strict=True)]
    assert 0 < sum(s.answer.refused for s in said) < len(said) / 2
    assert np.mean(found) < 0.1


@pytest.mark.skipif(not SCORE.is_file(), reason=f"no scoring script in {SCORE.parent}")
def test_the_outside_script_says_the_same() -> None:
    """The script that scores this project from outside, over floor and ceiling answers: every figure it shares with ours."""
    outside = _module(SCORE)
    rows = [json.loads(line) for line in (ROOT / "examples" / "questions.jsonl").read_text("utf-8").splitlines()]
    shared = {"evidence_recall": "evidence_recall", "case_recall": "case_recall", "citation_precision": "evidence_precision",
              "answer_recall": "answer_recall", "grounded": "grounded", "wrong_refusal": "wrong_refusal",
              "right_refusal": "right_refusal", "retrieved@10": "recall@10"}
    compared = 0
    for answerer in (OracleCeiling(TEXTS), RandomFloor(TEXTS, EXAMPLES.cases, seed=1)):
        for row, case in zip(rows, EXAMPLES.cases, strict=True):
            said = answerer.answer(case).answer
            theirs, ours = outside.score(row, said.to_dict(), TEXTS), score(case, said, CONTEXT)
            for name, own in shared.items():
                if name in theirs:
                    compared += 1
                    assert ours[own] == pytest.approx(theirs[name]), (case.id, name)
    assert compared > 1000


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("outside_score", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- estimates -------------------------------------------------------------------------------------------------------

def test_the_interval_of_a_mean_covers_it_as_often_as_it_says() -> None:
    """Of 100 samples of 60 coin throws with 0.7, the 95% interval holds 0.7 in nine of ten at least."""
    throws = np.random.default_rng(1).random((100, 60)) < 0.7
    held = [e.low <= 0.7 <= e.high for e in (estimate.mean(row.astype(float), seed=0) for row in throws)]
    assert 0.88 <= np.mean(held) <= 0.99


def test_the_interval_is_near_the_normal_one_and_repeats() -> None:
    values = np.random.default_rng(2).normal(5, 2, 400)
    first = estimate.mean(values, seed=7)
    low, high = stats.norm.interval(0.95, values.mean(), stats.sem(values))
    assert (first.low, first.high) == (pytest.approx(low, abs=0.05), pytest.approx(high, abs=0.05))
    assert estimate.mean(values, seed=7) == first


@pytest.mark.parametrize("values", [[0.5], [1.0, 1.0, 1.0]], ids=["one", "all the same"])
def test_an_interval_of_nothing_spread_is_a_point(values: list[float]) -> None:
    assert estimate.mean(values, seed=0) == estimate.Estimate(values[0], values[0], values[0], len(values))


def test_a_difference_is_shown_only_when_it_is_there() -> None:
    chance = np.random.default_rng(3)
    base = chance.random(80)
    assert estimate.difference(base, base + chance.normal(0, 0.2, 80), seed=0).p > 0.05
    better = estimate.difference(base, base + chance.normal(0.15, 0.2, 80), seed=0)
    assert better.p < 0.01
    assert better.low > 0
    assert estimate.difference(base, base, seed=0).p == 1


def test_the_paired_test_is_exact_on_few() -> None:
    """Five pairs that all differ one way: of 2**5 ways to swap, two are as extreme."""
    assert estimate.difference([0, 0, 0, 0, 0], [1, 1, 1, 1, 1], seed=0).p == pytest.approx(2 / 32)


def test_auroc_and_its_interval() -> None:
    area = estimate.auroc([0.9, 0.8, 0.4, 0.7], [0.1, 0.4, 0.5], seed=0)
    assert area
    assert area.value == pytest.approx(roc_auc_score([1, 1, 1, 1, 0, 0, 0], [0.9, 0.8, 0.4, 0.7, 0.1, 0.4, 0.5]))
    assert area.value == pytest.approx((3 + 3 + 1.5 + 3) / 12)
    assert area.low <= area.value <= area.high
    assert estimate.auroc([], [0.1], seed=0) is None
