"""Articles cut into cases: which sentences belong together, of which place, and that stored cases come back the same."""

from collections.abc import Sequence

import numpy as np
import pytest

from index.cases.case_rows import pack_cases, unpack_cases
from index.cases.case_vectors import CaseSpace, case_input
from index.cases.cut import all_measures, cut_cases, place_key
from index.cases.roles import ROLES, RoleReading
from index.types import Article, Case, Paragraph, Passage, Sentence, SentenceRole

DISTRICT = ("东城区",)
RIVER, HILL = ("东城区", "河湾社区"), ("东城区", "坡顶社区")
GARDEN, COURT = (*RIVER, "花园小区"), (*RIVER, "庭院小区")
LETTERS = {"p": SentenceRole.PROBLEM, "m": SentenceRole.MEASURE, "r": SentenceRole.RESULT, "n": SentenceRole.PLAN, "v": SentenceRole.VOICE, "b": SentenceRole.BACKGROUND}


def cut(*told: tuple[str, tuple[str, ...]], begins: Sequence[int] = ()) -> list[Case]:
    """Cut an article of one passage: a letter for the role of each sentence, and its place."""
    sentences = tuple(Sentence(((10 * n, 10 * n + 10),), f"{letter}{n}", chain) for n, (letter, chain) in enumerate(told))
    article = Article("a", "f", "题", 0, 10 * len(told), (Paragraph(sentences),), place="东城区")
    reading = RoleReading(np.eye(len(ROLES))[[ROLES.index(LETTERS[letter]) for letter, _ in told]],
                          np.isin(np.arange(len(told)), list(begins)).astype(float))
    return cut_cases(article, [Passage("a-1", "a", sentences)], reading)


def texts(case: Case) -> str:
    return " ".join(s.sentence.text for s in case.sentences)


@pytest.mark.parametrize(("told", "begins", "expected"), [
    pytest.param([("p", RIVER), ("m", RIVER), ("r", RIVER)], (), [("东城区河湾社区", "p0 m1 r2")], id="one"),
    pytest.param([("p", RIVER), ("m", RIVER), ("p", HILL), ("m", HILL)], (),
                 [("东城区河湾社区", "p0 m1"), ("东城区坡顶社区", "p2 m3")], id="two places"),
    pytest.param([("m", RIVER), ("m", HILL), ("r", RIVER)], (),
                 [("东城区河湾社区", "m0 r2"), ("东城区坡顶社区", "m1")], id="back to the first place"),
    pytest.param([("m", RIVER), ("r", RIVER), ("m", RIVER)], (2,),
                 [("东城区河湾社区", "m0 r1"), ("东城区河湾社区", "m2")], id="another need of one place"),
    pytest.param([("m", GARDEN), ("m", COURT)], (), [("东城区河湾社区", "m0 m1")], id="two estates are their community"),
    pytest.param([("m", RIVER), ("b", HILL), ("r", RIVER)], (), [("东城区河湾社区", "m0 b1 r2")], id="a place in passing"),
    pytest.param([("b", RIVER), ("n", RIVER), ("v", RIVER)], (), [], id="a plan is no case"),
    pytest.param([("m", ())], (), [("东城区", "m0")], id="the article's place"),
])
def test_cut(told: list[tuple[str, tuple[str, ...]]], begins: tuple[int, ...], expected: list[tuple[str, str]]) -> None:
    cases = cut(*told, begins=begins)
    assert [(case.place, texts(case)) for case in cases] == expected
    assert [case.id for case in cases] == [f"a#{n}" for n in range(1, len(cases) + 1)]


def test_without_a_model_every_sentence_is_a_measure() -> None:
    reading = all_measures(3)
    assert [ROLES[i] for i in reading.roles.argmax(1)] == [SentenceRole.MEASURE] * 3
    assert not reading.begins.any()


@pytest.mark.parametrize(("chain", "key"), [
    pytest.param(GARDEN, "河湾社区", id="estate"), pytest.param(DISTRICT, "东城区", id="district"), pytest.param((), "", id="none"),
])
def test_what_makes_one_place(chain: tuple[str, ...], key: str) -> None:
    assert place_key(chain) == key


def test_stored_cases_come_back_the_same() -> None:
    cases = cut(("p", RIVER), ("m", RIVER), ("m", HILL))
    passages = {"a-1": Passage("a-1", "a", tuple(sorted((s.sentence for c in cases for s in c.sentences), key=lambda s: s.start)))}
    packed = pack_cases(cases, passages)
    assert unpack_cases(packed, passages) == cases
    with pytest.raises((ValueError, LookupError)):
        unpack_cases(packed.replace(b"a-1", b"a-2"), passages)


def test_what_is_embedded_of_a_case() -> None:
    case, = cut(("p", RIVER), ("m", RIVER), ("v", RIVER))
    assert case_input(case, "題目") == "东城区河湾社区 题目\np0m1"


def test_the_space_turns_vectors_and_keeps_their_length() -> None:
    space = CaseSpace.load()
    vectors = np.random.default_rng(1).normal(size=(5, 384)).astype(np.float32)
    for turned in (space.questions(vectors), space.cases(vectors)):
        np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 1.0, atol=1e-5)
    assert space.encoder == "e5-small"
