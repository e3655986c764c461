"""Which cards are shown: what the address of the page, or a request of the API, asks for, and what the book has of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args
from urllib.parse import urlencode

import numpy as np
from starlette.concurrency import run_in_threadpool

from assistant.casebook.casebook import BookCard, Casebook, Casebooks
from assistant.question.limits import LONGEST_QUESTION
from assistant.service.answering import Answering
from index.types import Case

ON_A_PAGE = 20
LONGEST_NAME = 200
"""Characters of a name in an address."""
FACETS = ("topic", "place", "paper", "month")
"""What cards are selected by."""
Sort = Literal["best", "newest", "documented"]
_MONTH = re.compile(r"\d{4}(-\d{2})?")


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for; "" selects nothing away. `q` are words to search for, `sort` "" is the best first where there are
    words and else the newest."""

    topic: str = ""
    place: str = ""
    paper: str = ""
    month: str = ""
    q: str = ""
    sort: Sort | Literal[""] = ""
    page: int = 1

    @staticmethod
    def of(asked: Mapping[str, str]) -> Selection:
        """Return what an address asks for, within bounds: what is beyond them is cut or left out."""
        names = {name: asked.get(name, "").strip()[:LONGEST_NAME] for name in FACETS}
        names["month"] = names["month"] if _MONTH.fullmatch(names["month"]) else ""
        page = asked.get("page", "")
        sort = next((one for one in get_args(Sort) if one == asked.get("sort", "")), "")
        return Selection(**names, q=asked.get("q", "").strip()[:LONGEST_QUESTION], sort=sort,
                         page=max(1, int(page)) if re.fullmatch(r"[0-9]{1,6}", page) else 1)

    @property
    def order(self) -> Sort:
        """How the cards are sorted."""
        if self.sort and (self.sort != "best" or self.q):
            return self.sort
        return "best" if self.q else "newest"

    @property
    def bounds(self) -> Mapping[str, str]:
        """The facets that are bound, by name."""
        return {name: value for name in FACETS if (value := getattr(self, name))}

    def query(self, **changes: Any) -> str:
        """Return the query string of this selection with some changes: of another page, or else of the first."""
        changed = asdict(replace(self, **{"page": 1, **changes}))
        return urlencode({name: value for name, value in changed.items() if value and (name, value) != ("page", 1)})


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the cards selected, how many there are, and for each facet the counts of what else could be selected."""

    cards: Sequence[BookCard]
    total: int
    page: int
    pages: int
    counts: Mapping[str, Mapping[str, int]]
    selected: np.ndarray


def browse(book: Casebook, wanted: Selection, found: Sequence[Case] | None = None) -> Shown:
    """Return what is selected of the book; `found` are the cases found for its words, best first, where there are words.

    A page beyond the last is the last.
    """
    facets = {"topic": book.topics, "place": book.places, "paper": book.papers, "month": book.months}
    among, ranked = np.ones(len(book), bool), list(range(len(book)))
    if found is not None:
        ranked = list(dict.fromkeys(book.at_case[case.id] for case in found))
        among[:] = False
        among[ranked] = True
    masks = {name: facets[name].holding(value) for name, value in wanted.bounds.items()}
    selected = _all(among, masks.values())
    others = {name: _all(among, (mask for other, mask in masks.items() if other != name)) for name in FACETS}
    if wanted.order != "best":
        ranked.sort()
    if wanted.order == "documented":
        ranked.sort(key=lambda at: -book.cards[at].documented)
    rows = [at for at in ranked if selected[at]]
    pages = max(1, -(-len(rows) // ON_A_PAGE))
    page = min(wanted.page, pages)
    return Shown(cards=[book.cards[at] for at in rows[(page - 1) * ON_A_PAGE:page * ON_A_PAGE]], total=len(rows), page=page,
                 pages=pages, counts={name: facets[name].counts(others[name]) for name in FACETS}, selected=selected)


async def selected(answering: Answering, casebooks: Casebooks, wanted: Selection) -> tuple[Casebook, Shown]:
    """Return the casebook of the version that answers now, and what is selected of it.

    Words are searched for in a place of the queue, like a question. Raises Busy, TooSlow, or what the assistant raises.
    """
    assistant, found = answering.current(), None
    book = await run_in_threadpool(casebooks.of, assistant.index)
    if wanted.q:
        found = await answering.value(lambda: assistant.cases_for(wanted.q))
    return book, browse(book, wanted, found)


def _all(among: np.ndarray, masks: Iterable[np.ndarray]) -> np.ndarray:
    out = among.copy()
    for mask in masks:
        out &= mask
    return out
