"""Newspapers by their names. Run: python -m pytest -q tests/index/text/test_newspapers.py"""

import pytest

from index.text.newspapers import city_of, is_paper, paper_in


@pytest.mark.parametrize(("text", "paper"), [
    ("来源:云山日报 2024-05-06", "云山日报"), ("云山新闻 · 社区", "云山新闻"), ("社区新闻很多", ""), ("据本市报道", ""), ("石梨县融媒体中心", "石梨县融媒"),
    ("云山区报道", ""), ("", ""),
])
def test_the_newspaper_that_a_line_names(text: str, paper: str) -> None:
    assert paper_in(text) == paper


@pytest.mark.parametrize(("text", "alone"), [
    ("云山日报", True), ("茉里周刊", True), ("云山日报 · 社区", True), ("云山县融媒体中心", True), ("云山日报记者走进社区", False), ("日报", False),
])
def test_a_line_that_is_the_name_of_a_newspaper(text: str, alone: bool) -> None:
    assert is_paper(text) is alone


@pytest.mark.parametrize(("paper", "city"), [("云山日报", "云山"), ("云山新闻网", "云山"), ("人民", ""), ("", "")])
def test_the_city_of_a_newspaper(paper: str, city: str) -> None:
    assert city_of(paper) == city
