"""Which evidence is about the place that a question names.

A sentence about another place is no answer, however alike it reads: the canteen of one community says nothing of the price
in another. So evidence out of articles that do not speak of the place is left out before it is weighed.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.evidence.features import Evidence
from assistant.question.forms import Form
from assistant.question.understand import Question
from index.text.normalize import simplified
from index.text.places import level_of
from index.types import Article

_BOUND = (Form.FACT, Form.HOW)
"""Forms that ask of one place; the others name the places that they tell of."""
_CITY = 1
"""Level up to which a place is not looked for: the articles of a city's newspaper name its districts, and rarely itself."""


def place_asked(question: Question) -> tuple[str, ...]:
    """Return the names that the narrowest place of the question can mean; () when the answer may be about any place."""
    if question.form not in _BOUND or not question.mentions:
        return ()
    narrowest = max(question.mentions, key=lambda names: level_of(names[0]))
    return narrowest if level_of(narrowest[0]) > _CITY else ()


def about_place(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence out of articles that speak of the place asked for; none for a place that no article names."""
    if question.form in _BOUND and question.foreign:
        return []
    names = place_asked(question)
    if not names:
        return list(evidence)
    articles = {e.article.id: e.article for e in evidence}
    speaking = {key for key, article in articles.items() if _speaks_of(article, names)}
    return [e for e in evidence if e.article.id in speaking]


def _speaks_of(article: Article, names: Sequence[str]) -> bool:
    sentences = [s for paragraph in article.paragraphs for s in paragraph.sentences]
    said = " ".join([article.kicker, article.title, article.subtitle, article.place,
                     *(f"{s.place} {simplified(s.text)}" for s in sentences)])
    return any(name in said for name in names)
