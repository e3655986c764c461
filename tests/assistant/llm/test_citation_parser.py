"""Sentences and markers from a model's text, however it comes cut. Run: python -m pytest -q
tests/assistant/llm/test_citation_parser.py"""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.llm.citation_parser import LONGEST, MOST_NUMBERS, CitationParser, statements

CASES = {
    "plain": ("甲办了。[1]", [("甲办了。", (1,))]),
    "before the full stop": ("甲办了[1]。乙也办了[2]。", [("甲办了。", (1,)), ("乙也办了。", (2,))]),
    "full width": ("甲办了［１］。乙也办了【2】。", [("甲办了。", (1,)), ("乙也办了。", (2,))]),
    "several": ("甲办了[1][3]。乙也[1,2、4]。", [("甲办了。", (1, 3)), ("乙也。", (1, 2, 4))]),
    "range": ("甲办了[1-3]。乙[2~3]。丙[2至4]。", [("甲办了。", (1, 2, 3)), ("乙。", (2, 3)), ("丙。", (2, 3, 4))]),
    "clauses": ("甲办了[1]，乙没办[2]。", [("甲办了", (1,)), ("乙没办。", (2,))]),
    "no markers": ("甲(1)办了(2)。", [("甲(1)办了(2)。", ())]),
    "other brackets": ("见[附件]。", [("见[附件]。", ())]),
    "absurd numbers": ("甲[99999999]。乙[0]。丙[]。丁[3-1]。", [("甲。", ()), ("乙。", (0,)), ("丙。", ()), ("丁。", ())]),
    "never closed": ("甲办了[1", [("甲办了", ())]),
    "quotes": ("他说：“好。”[1]乙。", [("他说：“好。”", (1,)), ("乙。", ())]),
    "English": ("They paid 3.5 yuan. [1] Mr. Li said no. [2,3]", [("They paid 3.5 yuan.", (1,)), ("Mr. Li said no.", (2, 3))]),
    "a list": ("1. **甲**：办了[1]\n- 乙[2]", [("甲：办了", (1,)), ("乙", (2,))]),
    "Markdown and HTML": ("# 题\n`甲`[点](http://x)<b>好</b>。[2]", [("题", ()), ("甲点好。", (2,))]),
}


def read(pieces: list[str]) -> list:
    parser = CitationParser()
    return [s for piece in pieces for s in parser.feed(piece)] + parser.close()


@pytest.mark.parametrize(("written", "expected"), CASES.values(), ids=CASES)
def test_statements(written: str, expected: list) -> None:
    assert [(s.text, s.numbers) for s in statements(written)] == expected


WRITTEN = st.text(alphabet="甲乙。！,，;.[]［］【】(1）23-~、 \n*#A`\u201d", max_size=80)


@given(WRITTEN, st.lists(st.integers(0, 80), max_size=12))
def test_any_split_gives_the_same_statements(written: str, cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(written)]
    pieces = [written[a:b] for a, b in pairwise(ends)]
    if max(cuts, default=0) <= len(written):
        assert read(pieces) == statements(written)
    assert read(list(written)) == statements(written)


@given(WRITTEN)
def test_no_statement_holds_a_marker_or_a_line_end(written: str) -> None:
    for statement in statements(written):
        assert "\n" not in statement.text
        assert len(statement.numbers) <= MOST_NUMBERS
        assert statement.text.strip()


def test_a_sentence_without_end_is_cut() -> None:
    assert [len(s.text) for s in statements("甲" * (2 * LONGEST + 5))] == [LONGEST, LONGEST, 5]


def test_layout() -> None:
    first, second, third = statements("甲。乙。\n- 丙。")
    assert (first.new_line, second.new_line, third.new_line, third.item) == (True, False, True, True)
