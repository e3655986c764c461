"""Every case of one version of the index as a card, with all that needs all of them: made once a version and kept."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.casebook.card_text import documented
from assistant.casebook.case_topics import Group, topic_of
from assistant.casebook.facet_counts import FacetCounts
from assistant.evidence.case_candidates import card_key
from index.search.engine import SearchIndex
from index.search.glossary import Glossary
from index.text.places import COUNTY, level_of
from index.types import Article, CaseSentence


@dataclass(frozen=True, slots=True)
class BookCard:
    """The cases of one place in one article. `rows` are theirs in the index, `sentences` tell them, in printed order.

    `number` is that of its first case within the article; `documented` counts need, measure, result and a figure.
    """

    number: int
    rows: tuple[int, ...]
    article: Article
    chain: tuple[str, ...]
    sentences: tuple[CaseSentence, ...]
    topic: Group
    documented: int

    @property
    def id(self) -> str:
        return f"{self.article.id}#{self.number}"

    @property
    def place(self) -> str:
        return "".join(self.chain)

    @property
    def area(self) -> str:
        """The city or district that it lies in, the widest that is known; "" when none is."""
        return self.chain[0] if self.chain and level_of(self.chain[0]) <= COUNTY else ""

    @property
    def months(self) -> tuple[str, ...]:
        """Year and month of the paper; () when it has no date."""
        return (self.article.date[:4], self.article.date[:7]) if self.article.date else ()


class Casebook:
    """The cards of an index, the newest first. It keeps no hold of the index itself, whose version may be replaced."""

    def __init__(self, index: SearchIndex, glossary: Glossary) -> None:
        self.version, self.articles = index.version, len(index.articles())
        rows: dict[tuple[str, str], list[int]] = {}
        cases = index.cases.all()
        for row, case in enumerate(cases):
            rows.setdefault(card_key(case), []).append(row)
        cards = [_card(index, own, glossary) for own in rows.values()]
        cards.sort(key=lambda c: c.id)
        self.cards: Sequence[BookCard] = sorted(cards, key=lambda c: c.article.date, reverse=True)
        self.at_row = {row: at for at, card in enumerate(self.cards) for row in card.rows}
        self.at_case = {cases[row].id: at for row, at in self.at_row.items()}
        self.topics = FacetCounts([[c.topic[0]] for c in self.cards])
        self.places = FacetCounts([c.chain for c in self.cards])
        self.areas = FacetCounts([[c.area] for c in self.cards])
        self.papers = FacetCounts([[c.article.source] if c.article.source else [] for c in self.cards])
        self.months = FacetCounts([c.months for c in self.cards])
        self.english = dict(c.topic for c in self.cards)
        self._of_article: dict[str, list[BookCard]] = {}
        for card in sorted(self.cards, key=lambda c: c.number):
            self._of_article.setdefault(card.article.id, []).append(card)

    def __len__(self) -> int:
        return len(self.cards)

    def of_article(self, article_id: str) -> Sequence[BookCard]:
        """Return the cards of one article in the order of print."""
        return self._of_article.get(article_id, ())


class Casebooks:
    """The casebook of the version that answers now; safe to share between threads."""

    def __init__(self, glossary: Glossary | None = None) -> None:
        self._glossary = glossary or Glossary.load()
        self._making = threading.Lock()
        self._kept: Casebook | None = None

    def of(self, index: SearchIndex) -> Casebook:
        """Return the casebook of an index; who asks while it is made waits for it."""
        kept = self._kept
        if kept is not None and kept.version == index.version:
            return kept
        with self._making:
            if self._kept is None or self._kept.version != index.version:
                self._kept = Casebook(index, self._glossary)
            return self._kept


def _card(index: SearchIndex, rows: Sequence[int], glossary: Glossary) -> BookCard:
    cases = [index.cases.case(row) for row in rows]
    article = index.article(cases[0].article_id)
    told = sorted((s for case in cases for s in case.telling), key=lambda s: s.sentence.start)
    number = int(cases[0].id.rpartition("#")[2])
    topic = topic_of(article.title, [s.sentence.text for s in told], glossary)
    return BookCard(number, tuple(rows), article, cases[0].chain, tuple(told), topic, documented(told))
