"""Cases weighed one by one: what is read of them within the budget, and who has a say in the bar. With a fake encoder."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answer.calibration import FITTED_RERANKED, Calibration
from assistant.assistant import Assistant
from assistant.evidence.case_candidates import CaseCandidate, candidates_of, read_cases, weighed
from assistant.evidence.latency_budget import LatencyBudget
from assistant.evidence.reranker import FAMILY, Text, TextScores
from assistant.types import Ask
from assistant.weights.logistic import named_features
from index.errors import RerankerError
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from tests.fakes.hash_encoder import HashEncoder

PAGES = sorted((Path(__file__).parents[3] / "examples" / "articles").iterdir())[:3]
QUESTION = "其他社区是怎么处理无物业小区的?"
PLAIN, RERANKED = Calibration.load(), Calibration.load(FITTED_RERANKED)
PLAN = RERANKED.reading


class Saying:
    """A reranker that gives every text and sentence the same logit."""

    def __init__(self, logit: float, family: str = FAMILY) -> None:
        self.family, self.name, self.logit = family, family, logit
        self.given: list[Text] = []

    def read(self, question: str, texts: list[Text]) -> list[TextScores]:
        self.given += texts
        return [TextScores(self.logit, (self.logit,) * len(text.sentences), ()) for text in texts]


class Failing(Saying):
    def read(self, question: str, texts: list[Text]) -> list[TextScores]:
        raise RerankerError("down")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    home = tmp_path_factory.mktemp("home")
    Corpus(home, HashEncoder()).add(PAGES)
    return SearchIndex.open(home, HashEncoder())


@pytest.fixture(scope="module")
def candidates(index: SearchIndex) -> list[CaseCandidate]:
    question = Assistant(index).understand(QUESTION)
    return weighed(candidates_of(question, index.search_cases(**question.query()), PLAIN.cases), PLAIN.cards)


def test_a_candidate_is_its_telling_sentences(candidates: list[CaseCandidate]) -> None:
    assert len(candidates) > 5
    for candidate in candidates:
        assert [e.sentence for e in candidate.evidence] == [s.sentence for s in candidate.case.telling]
        assert candidate.roles == tuple(s.role for s in candidate.case.telling)
        assert all(math.isfinite(value) for value in named_features(candidate.features).values())
    assert [c.score for c in candidates] == sorted((c.score for c in candidates), reverse=True)
    assert all(0 <= c.score <= 1 for c in candidates)


def test_no_case_no_candidate(index: SearchIndex) -> None:
    assert candidates_of(Assistant(index).understand(QUESTION), [], PLAIN.cases) == []


@pytest.mark.parametrize("characters", [0, 300, 1000, 10**6])
def test_what_is_read_keeps_to_the_budget(index: SearchIndex, candidates: list[CaseCandidate], characters: int) -> None:
    reranker = Saying(1.0)
    plan = replace(PLAN, budget_for_cases=characters)
    read = read_cases(Assistant(index).understand(QUESTION), candidates, reranker, plan, LatencyBudget(math.inf))
    assert sum(len(part) for text in reranker.given for part in (text.heading, *text.sentences)) <= characters
    assert [c.case.id for c in read] == [c.case.id for c in candidates]
    count = len(reranker.given)
    assert [t.place for t in reranker.given] == [c.case.place for c in candidates[:count]]
    if count:  # what was not read counts as one that does not answer
        assert {c.features.reading for c in read[:count]} == {plan.bounded(1.0)}
        assert {c.features.reading for c in read[count:]} <= {-plan.bound}
        assert all(c.was_read for c in read)
    else:
        assert read == candidates


def test_a_reranker_that_fails_changes_nothing(index: SearchIndex, candidates: list[CaseCandidate]) -> None:
    question = Assistant(index).understand(QUESTION)
    assert read_cases(question, candidates, Failing(0.0), PLAN, LatencyBudget(math.inf)) == candidates


def test_the_bar_hears_no_reranker_that_it_was_not_fitted_to(index: SearchIndex) -> None:
    def told(reranker: Saying | None) -> tuple[float, ...]:
        assistant = Assistant(index, calibration=PLAIN, reranker=reranker, reranker_calibration=RERANKED)
        return tuple(c.features.search for c in assistant.find(Ask(QUESTION)).candidates), assistant.find(Ask(QUESTION)).refused

    assert told(Saying(-9.0, "another")) == told(Saying(9.0, "another"))
    against, for_it = (Assistant(index, calibration=PLAIN, reranker=Saying(logit), reranker_calibration=RERANKED)
                       .find(Ask(QUESTION)).answerable for logit in (-9.0, 9.0))
    assert against < for_it
