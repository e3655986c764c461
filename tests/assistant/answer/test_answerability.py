"""Does a question have an answer in the articles? Its features, and the bundled calibration on the sample pages."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.answer.answerability import CosineScale, answerability_features, combined_probability
from assistant.answer.calibration import Calibration
from assistant.assistant import Assistant
from assistant.evidence.features import Reading
from assistant.types import Ask, Turn
from assistant.weights.logistic import named_features
from eval.datasets.own import read_cases
from eval.datasets.types import EvalCase
from eval.metrics.estimate import roc_area
from index.embedding.encoder import Encoder
from index.search.engine import SearchIndex
from tests.fakes.hash_encoder import HashEncoder
from tests.fakes.made_answers import ask, best_first, found, scored

EXAMPLES = Path(__file__).parents[3] / "examples"
FOREIGN = read_cases(EXAMPLES / "off_topic.jsonl", all_off_topic=True)
SCALE = Calibration.load().cosines
ANSWERABLE = [case for case in read_cases(EXAMPLES / "questions.jsonl") if case.answerable][::3][:40]


def test_no_evidence_has_no_features() -> None:
    assert answerability_features(ask("怎么停车"), [], [], SCALE) is None


class EmptyIndex:
    """An index of no article: every search finds nothing."""

    version = "0"
    encoder = HashEncoder()

    def articles(self) -> list:
        return []

    def rarity(self, term: str) -> float:
        return 1.0

    def is_printed(self, term: str) -> bool:
        return False

    def search(self, query: str, k: int = 10, **_: object) -> list:
        return []

    def search_cases(self, query: str, k: int = 50, **_: object) -> list:
        return []


@pytest.mark.parametrize("question", ["怎么停车", "how did other communities handle parking", "听雨社区花了多少钱", ""])
def test_without_evidence_nothing_is_answered(question: str) -> None:
    answer = Assistant(EmptyIndex()).invoke(Ask(question))
    assert (answer.refused, answer.answerable, answer.citations, answer.claims) == (True, 0.0, (), ())


@pytest.mark.parametrize(("question", "text", "absent"), [
    pytest.param("其他社区怎么处理无物业小区", "社区种了花。", 1.0, id="not spoken of"),
    pytest.param("其他社区怎么处理无物业小区", "小区失管多年。", 0.0, id="spoken of in another wording"),
    pytest.param("今天晚饭吃什么", "社区种了花。", 0.0, id="no topic asked for"),
])
def test_topic_absent(question: str, text: str, absent: float) -> None:
    hit = found(text)
    assert answerability_features(ask(question), scored(hit, 0.5), [hit], SCALE).topic_absent == absent


def test_what_is_wanted_must_stand_with_the_right_place() -> None:
    hit = found("食堂每餐12元。", "食堂开张。")
    question = ask("听雨社区的食堂一顿多少钱")
    right = answerability_features(question, best_first(scored(hit, 0.9, 0.2, wanted=1.0, place=1.0)), [hit], SCALE)
    wrong = answerability_features(question, best_first(scored(hit, 0.9, 0.2, wanted=1.0, place=-1.0)), [hit], SCALE)
    assert right.wanted_best == right.evidence > wrong.wanted_best


@pytest.mark.parametrize("score", [0.0, 1e-300, 0.5, 1.0])
def test_features_are_finite_at_the_ends_of_the_scale(score: float) -> None:
    hit = found("食堂开张。")
    row = answerability_features(ask("食堂"), scored(hit, score), [hit], SCALE)
    assert all(math.isfinite(value) for value in named_features(row).values())


def test_what_was_reranked_is_a_part_of_the_whole() -> None:
    hit = found("食堂开张。", "花开了。", "食堂收摊。", "食堂很远。")
    logits = zip((0.1, 0.4, 0.3, 0.2), (0.5, 0.6, 0.7, 0.8), strict=True)
    unread = scored(hit, 0.5, 0.5, 0.5, 0.5)
    evidence = [replace(e, reading=Reading(0.5, logit, window, logit)) for e, (logit, window) in zip(unread, logits, strict=True)]
    assert answerability_features(ask("食堂"), unread, [hit], SCALE).reading is None
    reading = answerability_features(ask("食堂"), evidence, [hit], SCALE).reading
    assert (reading.logit, reading.window_logit, reading.top_logits) == (0.4, 0.8, pytest.approx(0.3))


def test_cosines_are_measured_from_where_those_of_the_language_lie() -> None:
    hit = found("食堂开张。", dense=0.9)
    scale = CosineScale(sentence={"zh": 0.8, "en": 0.6}, passage={"zh": 0.7, "en": 0.5}, slope=10)
    for question, cosine, passage in (("食堂", 1.0, 2.0), ("canteen", 3.0, 4.0)):
        row = answerability_features(ask(question), scored(hit, 0.5, raw_cosine=0.9), [hit], scale)
        assert (row.cosine, row.passage_cosine) == (pytest.approx(cosine), pytest.approx(passage))


@pytest.fixture(scope="module")
def probabilities(encoder: Encoder, examples_home: Path) -> dict[str, np.ndarray]:
    """How answerable the sample pages make each question, with the real model."""
    assistant = Assistant(SearchIndex.open(examples_home, encoder))
    before = (Turn("其他社区是怎么处理无物业小区的?", "资料中有 3 个地方的做法：纺机家属院、槐花社区……"),)

    def ask_all(cases: list[EvalCase], history: tuple[Turn, ...] = ()) -> np.ndarray:
        return np.array([assistant.invoke(Ask(case.question, case.history or history)).answerable for case in cases])

    return {"answerable": ask_all(ANSWERABLE), "foreign": ask_all(FOREIGN), "foreign, asked second": ask_all(FOREIGN[::2], before)}


def test_the_samples_are_as_large_as_they_say() -> None:
    assert (len(ANSWERABLE), len(FOREIGN)) == (40, 119)
    assert all(case.off_topic for case in FOREIGN)


# The weights were fitted on these very files, so what follows guards against breakage; it measures nothing new.

def test_answerable_questions_are_answered(probabilities: dict[str, np.ndarray]) -> None:
    assert np.mean(probabilities["answerable"] < Calibration.load().threshold) <= 0.08


def test_off_topic_questions_lie_below_answerable_ones(probabilities: dict[str, np.ndarray]) -> None:
    assert roc_area(probabilities["answerable"], probabilities["foreign"]) >= 0.97


@pytest.mark.parametrize(("asked", "cases"), [("foreign", FOREIGN), ("foreign, asked second", FOREIGN[::2])],
                         ids=["alone", "after an answer"])
def test_off_topic_questions_are_refused(asked: str, cases: list[EvalCase], probabilities: dict[str, np.ndarray]) -> None:
    refused = probabilities[asked] < Calibration.load().threshold
    assert np.mean(refused) >= 0.9, [c.question for c, no in zip(cases, refused, strict=True) if not no]


@pytest.mark.parametrize(("reranker", "plain", "both"), [
    pytest.param(0.3, 0.3, 0.3, id="agreed"),
    pytest.param(0.8, 0.5, 1 / (1 + 4 ** (-2 / 3)), id="the reranker's counts twice"),
    pytest.param(0.5, 0.8, 1 / (1 + 4 ** (-1 / 3)), id="the other once"),
    pytest.param(0.0, 1.0, 0.0, id="certain against certain"),
])
def test_what_both_gates_say_together(reranker: float, plain: float, both: float) -> None:
    assert combined_probability(reranker, plain, 2) == pytest.approx(both, abs=1e-4)
