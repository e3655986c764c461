"""The casebook's pages as HTML (templates/casebook); everything from a case, an article or an address is escaped there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from assistant.answer.reference import Style, reference, reprints
from assistant.casebook.card_text import figures, folded, whole
from assistant.casebook.casebook import BookCard, Casebook
from assistant.casebook.overview import heat_table, timeline
from assistant.casebook.selection import FACETS, Selection, Shown
from assistant.locales.loader import LANGUAGES, Section, words
from assistant.templates.environment import render
from index.types import Article

OFFERED = 80
"""Names that a field offers at most, the commonest first."""
PRINTED = ("source", "date")


@dataclass(frozen=True, slots=True)
class Tongue:
    """The language of a page; `said` when the address says it, so that links go on saying it."""

    code: str
    said: bool

    @property
    def text(self) -> Section:
        return words(self.code).casebook

    def address(self, path: str, query: str = "", code: str = "") -> str:
        """Return an address on this server in this language, or in that of `code`."""
        spoken = f"lang={code or self.code}" if code or self.said else ""
        joined = "&".join(filter(None, (query, spoken)))
        return f"{path}?{joined}" if joined else path


def cases_page(tongue: Tongue, book: Casebook, wanted: Selection, shown: Shown) -> str:
    """Return one page of cards with the ways to browse."""
    return _page("cases", tongue, book, "/cases", wanted, shown=shown, filters=_filters(wanted, shown))


def overview_page(tongue: Tongue, book: Casebook, wanted: Selection, shown: Shown) -> str:
    """Return the table of topics by areas and the timeline of what is selected."""
    return _page("overview", tongue, book, "/cases/overview", wanted, shown=shown, filters=_filters(wanted, shown),
                 heat=heat_table(book, shown.selected), bars=timeline(book.months.counts(shown.selected)))


def article_page(tongue: Tongue, book: Casebook, article: Article, card: BookCard | None, near: Sequence[BookCard]) -> str:
    """Return a whole article, the sentences of `card` marked, and the cards that lie `near` it."""
    roles = {s.sentence: s.role for s in card.sentences} if card else {}
    return _page("article", tongue, book, f"/cases/article/{article.id}", None, article=article, card=card, related=near,
                 roles=roles, siblings=[other for other in book.of_article(article.id) if other is not card],
                 also=reprints(article.also_in, tongue.code, Style(missing=tongue.text)))


def message_page(tongue: Tongue, said: str) -> str:
    """Return a page that says why there is nothing to show."""
    return render("casebook/message.html", **_shared(tongue, "/cases", None), said=said)


def _page(name: str, tongue: Tongue, book: Casebook, path: str, wanted: Selection | None, **values: Any) -> str:
    def topic(zh: str) -> str:
        return zh if tongue.code == "zh" else book.english.get(zh, zh)

    printed = partial(reference, style=Style(PRINTED, tongue.text))
    return render(f"casebook/{name}.html", **_shared(tongue, path, wanted), book=book, wanted=wanted, topic=topic,
                  printed=printed, folded=folded, whole=whole, figures=figures, **values)


def _shared(tongue: Tongue, path: str, wanted: Selection | None) -> Mapping[str, Any]:
    """Return what every page needs: its words, its addresses, and itself in the other languages."""
    def here(path: str = path, **changes: Any) -> str:
        return tongue.address(path, (wanted or Selection()).query(**changes))

    query = wanted.query(page=wanted.page) if wanted else ""
    others = [(code, words(code).shared["language_name"], tongue.address(path, query, code))
              for code in LANGUAGES if code != tongue.code]
    return {"text": tongue.text, "tongue": tongue, "path": path, "here": here, "address": tongue.address, "others": others}


def _filters(wanted: Selection, shown: Shown) -> list[tuple[str, str, list[tuple[str, int]]]]:
    """Return for each facet its name, what is selected, and what it offers, each name with its number of cards."""
    out = []
    for name in FACETS:
        chosen, counts = getattr(wanted, name), shown.counts[name]
        offered = list(counts.items())[:OFFERED]
        if chosen and chosen not in dict(offered):
            offered.append((chosen, counts.get(chosen, 0)))
        out.append((name, chosen, sorted(offered, key=_SORTED.get(name, lambda row: 0), reverse=name in _SORTED)))
    return out


_SORTED: Mapping[str, Callable[[tuple[str, int]], Any]] = {"month": lambda row: (row[0][:4], len(row[0]) == 4, row[0])}
"""How names are sorted where the commonest is not the first: the latest year, then its months."""
