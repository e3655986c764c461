"""Which evidence is about the year that a question names.

How many were mended in November 2024 says nothing of November 2023, however alike both are worded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.evidence.features import Evidence
from assistant.question.forms import Form
from assistant.question.understand import Question
from index.text.normalize import matching_form
from index.text.numerals import value_of
from index.types import Article

_BOUND = (Form.FACT, Form.HOW)
"""Forms that ask of one event; the others tell when what they tell of was."""
_YEAR = re.compile(r"(?<![\d.])((?:19|20)\d\d|[一二][〇零○一二三四五六七八九]{3})(?=\s?年(?!前|来)|[-/.]\d)")
_ENGLISH_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_RELATIVE = {"大前年": -3, "前年": -2, "去年": -1, "上年": -1, "今年": 0, "明年": 1}
_RELATIVE_YEAR = re.compile("大前年|前年|去年|(?<!以)上年(?!纪)|今年|明年")


def years_asked(question: Question) -> frozenset[int]:
    """Return the years that the question names; none where the answer may be of any."""
    if question.form not in _BOUND:
        return frozenset()
    return _printed(question.text, _YEAR if question.language == "zh" else _ENGLISH_YEAR)


def of_year(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence that can be of a year asked for: what tells another year is left out.

    What tells none is, where its article is older, or speaks of other years alone.
    """
    asked = years_asked(question)
    if not asked:
        return list(evidence)
    articles = {e.article.id: e.article for e in evidence}
    speaking = {key for key, article in articles.items() if _may_speak_of(article, asked)}
    kept = []
    for e in evidence:
        told = _told(e.sentence.text, e.article)
        if _spans(told, asked) if told else e.article.id in speaking:
            kept.append(e)
    return kept


def _may_speak_of(article: Article, asked: frozenset[int]) -> bool:
    """Tell whether sentences of an article that tell no year can be of one that is asked for."""
    own = _own(article)
    if own and own < min(asked):
        return False
    told = [years for p in article.paragraphs for s in p.sentences if (years := _told(s.text, article))]
    return not told or own in asked or any(_spans(years, asked) for years in told)


def _spans(told: frozenset[int], asked: frozenset[int]) -> bool:
    """Tell whether a year asked for is among those told or between them: 2021年至2024年 holds 2023."""
    return any(min(told) <= year <= max(told) for year in asked)


def _told(text: str, article: Article) -> frozenset[int]:
    """Return the years that a sentence prints, and those that it counts from its article's day."""
    own, text = _own(article), matching_form(text)
    return _printed(text, _YEAR) | frozenset(own + _RELATIVE[word] for word in _RELATIVE_YEAR.findall(text) if own)


def _own(article: Article) -> int:
    """Return the year of an article, 0 where its day is unknown."""
    return int(article.date[:4]) if article.date else 0


def _printed(text: str, pattern: re.Pattern[str]) -> frozenset[int]:
    return frozenset(int(year if year.isdecimal() else value_of(year) or 0) for year in pattern.findall(text))
