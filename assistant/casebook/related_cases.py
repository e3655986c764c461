"""The same need elsewhere: cards whose cases lie near those of a card in the space of cases."""

from __future__ import annotations

from assistant.casebook.casebook import BookCard, Casebook
from index.cases.fitted import fitted_to
from index.search.engine import SearchIndex

NEAR = 0.4
"""The cosine from which two cases count as about the same need: measured, see docs/casebook.md."""
MOST = 3
LOOKED_AT = 50
"""Cases that are looked at: more of one article or one place than this are not told apart from having no neighbours."""


def related(book: Casebook, card: BookCard, index: SearchIndex) -> list[BookCard]:
    """Return the nearest cards of other articles and other places, best first; [] where the encoder has no space of cases.

    `index` is of the book's version.
    """
    if fitted_to(index.encoder.name)[1] is None:  # the bar was measured in that space
        return []
    beside = index.cases.beside(card.rows, LOOKED_AT)
    near = [book.cards[book.at_row[row]] for row, cosine in beside.items() if cosine >= NEAR]
    elsewhere = {other.id: other for other in near
                 if other.article.id != card.article.id and (not card.chain or other.chain[-1:] != card.chain[-1:])}
    return list(elsewhere.values())[:MOST]
