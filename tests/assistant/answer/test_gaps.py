"""What a refusal says is there, and what is not."""

from __future__ import annotations

import pytest

from assistant.answer.gaps import Gap, gap_of, kinds_missing, lacks_asked_kind
from assistant.question.forms import Wanted
from tests.fakes.made_answers import ask, found

NEAR = [found("听雨社区的老年食堂去年开张,老人都说好。")]


def rarity(_: str) -> float:
    return 1.0


@pytest.mark.parametrize(("question", "gap"), [
    pytest.param("老年食堂一顿饭多少钱", Gap(("老年食堂",), ("一顿饭",), Wanted.MONEY), id="the price"),
    pytest.param("老年食堂罢免", Gap(("老年食堂",), ("罢免",), Wanted.ANY), id="a word"),
    pytest.param("听雨社区的电梯", Gap(("听雨社区",), ("电梯",), Wanted.ANY), id="a place is there, its topic is not"),
])
def test_gap(question: str, gap: Gap) -> None:
    got = gap_of(ask(question), NEAR, rarity)
    assert (got.wanted, got.absent) == (gap.wanted, gap.absent)
    assert set(gap.spoken_of) <= set(got.spoken_of)


def test_nothing_is_near() -> None:
    assert gap_of(ask("老年食堂一顿饭多少钱"), [], rarity).spoken_of == ()


@pytest.mark.parametrize(("question", "sentences", "unsaid"), [
    pytest.param("食堂什么时候开的,花了多少钱", ["去年5月开张。"], (Wanted.MONEY,), id="one of two"),
    pytest.param("食堂什么时候开的,花了多少钱", ["去年5月花3万元开张。"], (), id="both said"),
    pytest.param("食堂花了多少钱", ["去年5月开张。"], (), id="one part is no part"),
    pytest.param("when did it open and what did it cost?", ["去年5月开张。"], (Wanted.MONEY,), id="english"),
])
def test_parts_that_are_not_said(question: str, sentences: list[str], unsaid: tuple[Wanted, ...]) -> None:
    assert kinds_missing(ask(question), sentences) == unsaid


@pytest.mark.parametrize(("question", "sentences", "unsaid"), [
    pytest.param("听雨社区的食堂一顿饭多少钱", ["食堂有6张桌,价格实惠。"], True, id="no amount"),
    pytest.param("听雨社区的食堂一顿饭多少钱", ["食堂有6张桌。", "一顿饭8元。"], False, id="an amount in one of them"),
    pytest.param("收入增加了多少", ["两年里收入翻了两番。"], False, id="a rate is an answer"),
    pytest.param("物业费收了多少", ["收费率升到88%。"], False, id="a share is an answer"),
    pytest.param("食堂什么时候开的", ["食堂有6张桌。"], True, id="no date"),
    pytest.param("食堂有几张桌,花了多少钱", ["食堂有6张桌。"], False, id="another part is said"),
    pytest.param("食堂有多少张桌", ["食堂里坐得下全楼的老人。"], False, id="numbers are written in many ways"),
    pytest.param("哪些社区的食堂便宜,一顿饭多少钱", ["食堂开张。"], False, id="a list is no fact"),
])
def test_a_question_for_nothing_but_what_is_not_said(question: str, sentences: list[str], unsaid: bool) -> None:
    assert lacks_asked_kind(ask(question), sentences) is unsaid
