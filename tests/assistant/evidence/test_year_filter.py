"""What another year saw is no answer. Run: python -m pytest -q tests/assistant/evidence/test_year_filter.py"""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.evidence.year_filter import of_year, years_asked
from index.types import Paragraph
from tests.fakes.made_answers import ask, found, scored

ASKED = "听雨社区2023年11月装了几副晾衣架?"


def kept(question: str, *texts: str, date: str = "2025-04-09") -> list[str]:
    """Return those of an article's sentences that stay evidence."""
    hit = found(*texts)
    hit = replace(hit, article=replace(hit.article, date=date, paragraphs=(Paragraph(hit.passage.sentences),)))
    return [e.sentence.text for e in of_year(ask(question), scored(hit, *[0.5] * len(texts)))]


@pytest.mark.parametrize(("question", "years"), [
    pytest.param(ASKED, {2023}, id="one"),
    pytest.param("二〇二三年听雨社区装了几副晾衣架?", {2023}, id="in numerals"),
    pytest.param("How many racks did Tingyu put up in 2023?", {2023}, id="English"),
    pytest.param("听雨社区装了几副晾衣架?", set(), id="none"),
    pytest.param("听雨社区100年来怎么修路?", set(), id="how many"),
    pytest.param("哪些社区2023年装了晾衣架?", set(), id="a list tells when"),
])
def test_the_year_that_is_asked_for(question: str, years: set[int]) -> None:
    assert years_asked(ask(question)) == years


@pytest.mark.parametrize(("question", "sentence", "date", "stays"), [
    pytest.param(ASKED, "2024年11月装了三十副晾衣架。", "2024-12-01", False, id="another year"),
    pytest.param(ASKED, "2023年11月装了三十副晾衣架。", "2024-12-01", True, id="that year"),
    pytest.param(ASKED, "二〇二三年十一月装了三十副晾衣架。", "2024-12-01", True, id="that year in numerals"),
    pytest.param(ASKED, "2021年至2024年装了三十副晾衣架。", "2024-12-01", True, id="between two"),
    pytest.param(ASKED, "去年11月装了三十副晾衣架。", "2025-04-09", False, id="last year is another"),
    pytest.param(ASKED, "去年11月装了三十副晾衣架。", "2024-04-09", True, id="last year is that one"),
    pytest.param(ASKED, "去年11月装了三十副晾衣架。", "", True, id="last year of an unknown one"),
    pytest.param(ASKED, "装了三十副晾衣架。", "2025-04-09", True, id="no year told"),
    pytest.param(ASKED, "装了三十副晾衣架。", "2022-04-09", False, id="no year told, an older article"),
    pytest.param("听雨社区装了几副晾衣架?", "2024年11月装了三十副晾衣架。", "2024-12-01", True, id="no year asked"),
])
def test_a_sentence_of_another_year_is_no_evidence(question: str, sentence: str, date: str, *, stays: bool) -> None:
    assert kept(question, sentence, date=date) == ([sentence] if stays else [])


def test_an_article_of_other_years_alone_has_no_evidence() -> None:
    texts = "2024年11月,社区动了工。", "居民装了三十副晾衣架。"
    assert kept(ASKED, *texts) == []
    assert kept(ASKED, *texts, "2023年12月,社区开过会。") == [texts[1], "2023年12月,社区开过会。"]
