"""An answer's statements laid out by case. Run: python -m pytest -q tests/assistant/answer/test_cases.py"""

from dataclasses import replace

import pytest

from assistant.answer.case_table import case_rows
from assistant.types import Answer, Citation, Claim

TOLD = [
    ("云泽市和顺街道桂花巷社区", "居民选出自管小组。"), ("云泽市和顺街道桂花巷社区纺机家属院", "一年后收缴率升到九成。"),
    ("云泽市东闸街道", "三栋楼请来一家物业。"), ("", "有个院子装了门禁。"), ("", "另一个院子铺了路。"),
]


def made(told: list[tuple[str, str]], form: str = "cases", **changes: object) -> Answer:
    claims = tuple(Claim(text, (n,), 1.0, True, place) for n, (place, text) in enumerate(told, 1))
    citations = tuple(Citation(n, f"p{n}", f"a{n}", "题", "报", "", place, "f", ((n, n + 1),), text)
                      for n, (place, text) in enumerate(told, 1))
    return Answer("问", "问", "zh", "答", claims, citations, (), "extractive", "1", form=form, **changes)


def test_a_compound_counts_to_its_community_and_nameless_places_stay_apart() -> None:
    rows = case_rows(made(TOLD))
    assert [row.place for row in rows] == ["云泽市和顺街道桂花巷社区", "云泽市东闸街道", "", ""]
    assert [c.text for c in rows[0].done] == ["居民选出自管小组。"]
    assert [c.text for c in rows[0].outcome] == ["一年后收缴率升到九成。"]
    assert [[c.number for c in row.sources] for row in rows] == [[1, 2], [3], [4], [5]]


def test_every_supported_statement_is_in_one_row_and_no_other_is() -> None:
    answer = made(TOLD)
    weak = replace(answer.claims[2], supported=False, citations=())
    rows = case_rows(replace(answer, claims=(*answer.claims[:2], weak, *answer.claims[3:])))
    assert [c.text for row in rows for c in (*row.done, *row.outcome)] == [t for _, t in TOLD if t != weak.text]


def test_the_first_statement_of_a_case_is_never_its_outcome() -> None:
    first = [("甲社区", "如今收缴率升到九成。"), ("甲社区", "目前欠费减少了三成。"), ("乙社区", "请来物业。")]
    assert [(len(row.done), len(row.outcome)) for row in case_rows(made(first))] == [(1, 1), (1, 0)]


@pytest.mark.parametrize(("told", "form", "refused"), [
    pytest.param(TOLD, "how", False, id="no list is asked for"),
    pytest.param(TOLD[:2], "cases", False, id="one place only"),
    pytest.param([], "cases", True, id="refused"),
])
def test_what_is_no_list_has_no_rows(told: list[tuple[str, str]], form: str, refused: bool) -> None:
    assert case_rows(made(told, form, refused=refused)) == ()
