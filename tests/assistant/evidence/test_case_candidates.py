"""Cases as candidates: what is seen of them, and which are told as one. With a fake encoder."""

import math
from pathlib import Path

import pytest

from assistant.answer.calibration import Calibration
from assistant.answer.case_weights import CaseWeights
from assistant.assistant import Assistant
from assistant.evidence.case_candidates import CaseCandidate, candidates_of, joined, weighed
from assistant.evidence.reranker import FAMILY, Text, TextScores
from assistant.types import Ask
from assistant.weights.logistic import named_features
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from tests.fakes.hash_encoder import HashEncoder

PAGES = sorted((Path(__file__).parents[3] / "examples" / "articles").iterdir())[:3]
QUESTION = "其他社区是怎么处理无物业小区的?"
SENTENCES = Calibration.load().cases


class Refusing:
    """A reranker that may not be asked."""

    family, name = FAMILY, FAMILY

    def read(self, question: str, texts: list[Text]) -> list[TextScores]:
        raise AssertionError("asked")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    home = tmp_path_factory.mktemp("home")
    Corpus(home, HashEncoder()).add(PAGES)
    return SearchIndex.open(home, HashEncoder())


@pytest.fixture(scope="module")
def candidates(index: SearchIndex) -> list[CaseCandidate]:
    question = Assistant(index).understand(QUESTION)
    return weighed(candidates_of(question, index.search_cases(**question.query()), SENTENCES), CaseWeights.load().answers)


def test_a_candidate_is_its_telling_sentences(candidates: list[CaseCandidate]) -> None:
    assert len(candidates) > 5
    for candidate in candidates:
        assert [e.sentence for e in candidate.evidence] == [s.sentence for s in candidate.case.telling]
        assert candidate.roles == tuple(s.role for s in candidate.case.telling)
        assert all(math.isfinite(value) for value in named_features(candidate.features).values())
    assert [c.score for c in candidates] == sorted((c.score for c in candidates), reverse=True)
    assert all(0 <= c.score <= 1 for c in candidates)


def test_no_case_no_candidate(index: SearchIndex) -> None:
    assert candidates_of(Assistant(index).understand(QUESTION), [], SENTENCES) == []


def test_cases_of_one_place_in_one_article_are_told_as_one(candidates: list[CaseCandidate]) -> None:
    first = candidates[0]
    once = joined([first, *candidates[1:]])
    keys = [(c.article.id, c.case.place or c.case.id) for c in candidates]
    assert len(once) == len(set(keys))
    assert [c.score for c in once] == [c.score for n, c in enumerate(candidates) if keys.index(keys[n]) == n]
    for c in once:
        starts = [e.sentence.start for e in c.evidence]
        assert starts == sorted(starts)
        assert len(c.roles) == len(c.evidence)
    assert sum(len(c.evidence) for c in once) == sum(len(c.evidence) for c in candidates)


def test_a_reranker_has_no_say_in_a_list_of_cases(index: SearchIndex) -> None:
    plain, reading = (Assistant(index, reranker=reranker).find(Ask(QUESTION)) for reranker in (None, Refusing()))
    assert reading.answer.text == plain.answer.text
    assert reading.answer.notice is None
