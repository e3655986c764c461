"""Which passages carry a claim, and which part of it. With a reader that is told what to say; no model is needed."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from assistant.verify.attribution import Held, attribute
from assistant.verify.clauses import carried_part
from assistant.verify.entailment import Entailment, Hypothesis
from assistant.verify.premise import Premise
from assistant.verify.verify import PLAIN, Verifier

CANTEEN = Held(Premise(("听雨社区的食堂每餐收12元。", "老人们都来吃。"), "听雨社区 食堂开张", "听雨社区 食堂开张"), (0.0, 0.0))
SHEDS = Held(Premise(("柳岸街道建了36座充电棚。",), "柳岸街道", "柳岸街道"), (0.0,))


class Reading:
    """A reader that finds every token of `wrong` unsaid, and all else carried."""

    def __init__(self, *wrong: str) -> None:
        self.wrong, self.given = wrong, []

    def read(self, hypotheses: Sequence[Hypothesis]) -> list[Entailment]:
        self.given += hypotheses
        out = []
        for one in hypotheses:
            places = [(one.claim.find(word), word) for word in self.wrong if word in one.claim]
            unsaid = tuple((at, at + len(word), 5.0) for at, word in places) or ((0, 1, -5.0),)
            out.append(Entailment(-5.0 if places else 5.0, unsaid))
        return out


def verifier(*wrong: str) -> Verifier:
    return replace(Verifier.load(PLAIN), reader=Reading(*wrong))


@pytest.mark.parametrize(("claim", "unsaid", "left"), [
    pytest.param("食堂每餐收12元，获得了表彰。", ((9, 13),), "食堂每餐收12元。", id="an invented tail"),
    pytest.param("食堂开张，免费，每餐收12元。", ((5, 7),), "食堂开张，每餐收12元。", id="in the middle"),
    pytest.param("在全国首创，食堂每餐收12元。", ((1, 5),), "", id="the first names what the others are about"),
    pytest.param("食堂每餐收12元。", ((0, 2),), "", id="one clause"),
    pytest.param("食堂每餐收12元，有人来吃。", (), "", id="nothing to leave out"),
    pytest.param("食堂，获得了表彰。", ((3, 7),), "", id="too little is left"),
    pytest.param("全年调解1,200件，获得了表彰。", ((11, 15),), "全年调解1,200件。", id="a comma within a number"),
    pytest.param("虽然一直没有物业公司，但获得了表彰。", ((12, 16),), "", id="what only leads to the rest"),
    pytest.param("在街道社区的大力支持下，获得了表彰。", ((12, 16),), "", id="no deed is left"),
    pytest.param("食堂每餐收12元；获得了表彰", ((9, 13),), "食堂每餐收12元", id="a semicolon, no full stop"),
])
def test_what_is_left_of_a_claim(claim: str, unsaid: tuple[tuple[int, int], ...], left: str) -> None:
    assert carried_part(claim, unsaid) == left


def test_what_is_carried_is_told_with_its_passage() -> None:
    found = attribute("听雨社区食堂一餐12元。", (), [SHEDS, CANTEEN], verifier())
    assert (found.text, found.is_carried, dict(found.sentences)) == ("听雨社区食堂一餐12元。", True, {1: (0,)})
    assert found.support > 0.5


def test_an_invented_clause_is_left_out_and_the_rest_is_checked_again() -> None:
    checking = verifier("表彰")
    found = attribute("听雨社区食堂一餐12元，受到了表彰。", (), [CANTEEN], checking)
    assert (found.text, found.is_carried) == ("听雨社区食堂一餐12元。", True)
    assert [one.claim for one in checking.reader.given] == ["听雨社区食堂一餐12元，受到了表彰。", "听雨社区食堂一餐12元。"]


@pytest.mark.parametrize(("claim", "wrong"), [
    pytest.param("听雨社区食堂一餐13元。", (), id="a number that is not there is not even read"),
    pytest.param("听雨社区食堂一餐12元。", ("食堂",), id="the reader says no"),
])
def test_what_is_not_carried_has_no_passage(claim: str, wrong: tuple[str, ...]) -> None:
    checking = verifier(*wrong)
    found = attribute(claim, (), [CANTEEN], checking)
    assert not found.is_carried
    assert found.text == claim
    assert bool(checking.reader.given) is bool(wrong)


def test_what_is_cited_is_looked_at_first_and_together() -> None:
    both = "听雨社区食堂一餐12元，柳岸街道建了36座充电棚。"
    found = attribute(both, (0, 1), [CANTEEN, SHEDS], verifier())
    assert dict(found.sentences) == {0: (0,), 1: (0,)}
    assert dict(attribute("柳岸街道有36座充电棚。", (1,), [CANTEEN, SHEDS], verifier()).sentences) == {1: (0,)}


def test_what_is_read_are_the_sentences_that_carry_and_the_nearest() -> None:
    checking = verifier()
    attribute("听雨社区食堂一餐12元。", (), [replace(CANTEEN, cosines=(0.1, 0.9))], checking)
    assert [(one.heading, one.sentences) for one in checking.reader.given] == [
        ("听雨社区 食堂开张", ("听雨社区的食堂每餐收12元。", "老人们都来吃。"))]
