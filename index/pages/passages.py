"""Cut an article into passages: whole sentences, one paragraph where it fits, short paragraphs together."""

from __future__ import annotations

from index.types import Article, Passage, Sentence, first_place

LONGEST = 450
"""Characters beyond which a paragraph is cut between sentences."""
SHORTEST = 150
"""Characters below which a paragraph joins the one before it in its section."""


def cut_passages(article: Article) -> list[Passage]:
    """Return the article's passages in order; together they hold every sentence once."""
    groups: list[tuple[str, list[Sentence]]] = []
    for paragraph in article.paragraphs:
        for piece in _pieces(paragraph.sentences):
            size = sum(len(s.text) for s in piece)
            if groups and groups[-1][0] == paragraph.section and _fits(groups[-1][1], size):
                groups[-1][1].extend(piece)
            else:
                groups.append((paragraph.section, list(piece)))
    return [
        Passage(id=f"{article.id}-{n}", article_id=article.id, sentences=tuple(sentences),
                heading=_heading(article, section, sentences))
        for n, (section, sentences) in enumerate(groups, start=1)
    ]


def _pieces(sentences: tuple[Sentence, ...]) -> list[list[Sentence]]:
    pieces: list[list[Sentence]] = [[]]
    for sentence in sentences:
        if pieces[-1] and sum(len(s.text) for s in pieces[-1]) + len(sentence.text) > LONGEST:
            pieces.append([])
        pieces[-1].append(sentence)
    return pieces


def _fits(before: list[Sentence], size: int) -> bool:
    held = sum(len(s.text) for s in before)
    return min(held, size) < SHORTEST and held + size <= LONGEST


def _heading(article: Article, section: str, sentences: list[Sentence]) -> str:
    place = first_place(sentences) or article.place
    return " ".join(filter(None, (place, article.title, section)))
