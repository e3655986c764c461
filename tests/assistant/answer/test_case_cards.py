"""Cards: which sentences of a case are told, in which order, and how much room there is. No model is needed."""

from dataclasses import replace

import pytest

from assistant.answer.case_cards import CardCut, CardModels, ToldFeatures, cards_of, told_features
from assistant.evidence.case_candidates import CaseCandidate, CaseFeatures
from assistant.weights.logistic import LogisticModel
from index.types import Case, CaseSentence, SentenceRole
from tests.fakes.made_answers import found, scored

CUT = CardCut(characters=120, least=20, most=60, sentences=3, told=0.5, ended=0.5)
LONGEST_FIRST = LogisticModel.of({"bias": -1.0, "length": 10.0}, ToldFeatures)
BY_ROLE = LogisticModel.of({"bias": -2.0, "result": 4.0}, ToldFeatures)
MODELS = CardModels(LONGEST_FIRST, BY_ROLE)
ROLES = {"p": SentenceRole.PROBLEM, "m": SentenceRole.MEASURE, "r": SentenceRole.RESULT}
COMMUNITY, TOWN_ITSELF, CITY = ("东湖市", "柳岸街道", "听雨社区"), ("东湖市", "柳岸街道"), ("东湖市",)


def candidate(*told: str, chain: tuple[str, ...] = COMMUNITY, file: str = "a.txt", score: float = 0.9) -> CaseCandidate:
    """A case whose sentences begin with the letter of their role."""
    hit = found(*told, chain=chain, file=file)
    evidence = tuple(scored(hit, *[0.5] * len(told)))
    by_start = sorted(evidence, key=lambda e: e.sentence.start)
    roles = tuple(ROLES[e.sentence.text[0]] for e in by_start)
    case = Case(f"{file}#1", hit.article.id, chain, tuple(
        CaseSentence(hit.passage.id, e.sentence, role) for e, role in zip(by_start, roles, strict=True)))
    return CaseCandidate(case, hit.article, tuple(by_start), roles, CaseFeatures(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), score)


def said(one: CaseCandidate, cut: CardCut = CUT) -> str:
    card, = cards_of([one], 8, MODELS, cut)
    assert [ROLES[e.sentence.text[0]] for e in card.evidence] == list(card.roles)
    return " ".join(e.sentence.text[:2] for e in card.evidence)


@pytest.mark.parametrize(("told", "expected"), [
    pytest.param(("r1" + "果" * 10, "m2" + "做" * 20, "p3" + "难" * 8), "p3 m2 r1", id="need, measure, result"),
    pytest.param(("m1" + "做" * 50, "r2" + "果" * 5), "m1 r2", id="a result though it is short"),
    pytest.param(("m1" + "做" * 70, "m2" + "做" * 20), "m1", id="one sentence, however long"),
    pytest.param(("m1" + "做" * 15, "m2" + "做" * 14, "m3" + "做" * 13, "m4" + "做" * 12), "m1 m2 m3", id="no more than three"),
    pytest.param(("m1" + "做" * 30, "m2"), "m1", id="none that nobody wants"),
])
def test_what_a_card_tells(told: tuple[str, ...], expected: str) -> None:
    assert said(candidate(*told)) == expected


def test_many_cards_have_less_room_each_and_one_at_most_its_own() -> None:
    three = [candidate("m1" + "做" * 30, "m2" + "做" * 25, file=f"{n}.txt") for n in range(3)]
    assert [len(card.evidence) for card in cards_of(three, 8, MODELS, CUT)] == [1, 1, 1]
    assert [len(card.evidence) for card in cards_of(three[:1], 8, MODELS, CUT)] == [2]
    assert [len(card.evidence) for card in cards_of(three[:1], 8, MODELS, replace(CUT, most=40))] == [1]


def test_communities_come_before_towns_and_cities_and_a_longer_list_begins_the_same() -> None:
    mixed = [candidate("m1做了", chain=chain, file=f"{n}.txt") for n, chain in enumerate((CITY, COMMUNITY, TOWN_ITSELF, COMMUNITY))]
    whole = cards_of(mixed, 3, MODELS, CUT)
    assert [card.place for card in whole] == ["东湖市柳岸街道听雨社区", "东湖市柳岸街道", "东湖市", "东湖市柳岸街道听雨社区"]
    assert cards_of(mixed[:3], 3, MODELS, CUT) == whole[:3]


def test_features_tell_where_a_sentence_stands() -> None:
    rows = told_features(candidate("p1难", "m2做了", "r3好了"))
    assert [(row.position, row.first, row.problem, row.measure, row.result) for row in rows] == [
        (0.0, 1.0, 1.0, 0.0, 0.0), (0.5, 0.0, 0.0, 1.0, 0.0), (1.0, 0.0, 0.0, 0.0, 1.0)]


def test_no_candidate_no_card() -> None:
    assert cards_of([], 8, MODELS, CUT) == []
