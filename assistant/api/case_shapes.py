"""Cases as the API takes and gives them: what selects them, and a page of cards. The same as the casebook's page shows."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from assistant.api.types import NAME, Given, Taken
from assistant.casebook.card_text import whole
from assistant.casebook.casebook import BookCard, Casebook
from assistant.casebook.selection import ON_A_PAGE, Selection, Shown, Sort
from assistant.question.limits import LONGEST_QUESTION
from index.types import SentenceRole

Month = Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{2})?$")]


class CasesAsked(Taken):
    """Which cases; a bound that is left out does not bind."""

    topic: str | None = Field(None, max_length=NAME, description="its Chinese name, as `topics` has it")
    place: str | None = Field(None, max_length=NAME, description="in this place, or in a place inside it")
    paper: str | None = Field(None, max_length=NAME, description="printed in this newspaper")
    month: Month | None = Field(None, description="printed in this month (YYYY-MM) or year (YYYY)")
    q: str | None = Field(None, max_length=LONGEST_QUESTION, description="found for these words")
    sort: Sort | None = Field(None, description="left out: the best first where there are words, else the newest")
    page: int = Field(1, ge=1, le=999_999, description="the last, where there are fewer")

    def selection(self) -> Selection:
        names = {name: (getattr(self, name) or "").strip() for name in ("topic", "place", "paper", "month", "q")}
        return Selection(**names, sort=self.sort or "", page=self.page)


class CaseShape(Given):
    """What one place did about one need, as one article tells it, in the article's own sentences."""

    id: str
    article_id: str
    title: str
    source: str = Field(description="the newspaper")
    date: str = Field(description="YYYY-MM-DD; empty when the page does not say")
    place: str
    topic: str
    topic_en: str
    documented: int = Field(description="how many it has of: need, measure, result, a figure in a result")
    need: list[str]
    measures: list[str]
    results: list[str]


Counts = list[tuple[str, int]]


class CasesShape(Given):
    """One page of the cases that are selected, and what else can be selected, each name with its number of cases."""

    index_version: str
    total: int
    page: int
    pages: int = Field(description=f"{ON_A_PAGE} cases a page")
    cases: list[CaseShape]
    topics: Counts = Field(description="the commonest first, as are the others; `其他` is no topic of the glossary")
    places: Counts = Field(description="every place that a case lies in, the wider ones too")
    papers: Counts
    months: Counts = Field(description="YYYY-MM, and years as YYYY")


def cases_in_json(book: Casebook, shown: Shown) -> dict[str, Any]:
    """Return a page of cases as a CasesShape."""
    counts = {f"{name}s": list(counted.items()) for name, counted in shown.counts.items()}
    return {"index_version": book.version, "total": shown.total, "page": shown.page, "pages": shown.pages,
            "cases": [_case(card) for card in shown.cards], **counts}


def _case(card: BookCard) -> dict[str, Any]:
    told = whole(card.sentences)
    said = {name: [t.text for t in told if t.role is role] for name, role in (
        ("need", SentenceRole.PROBLEM), ("measures", SentenceRole.MEASURE), ("results", SentenceRole.RESULT))}
    return {"id": card.id, "article_id": card.article.id, "title": card.article.title, "source": card.article.source,
            "date": card.article.date, "place": card.place, "topic": card.topic[0], "topic_en": card.topic[1],
            "documented": card.documented, **said}
