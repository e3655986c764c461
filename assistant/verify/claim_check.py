"""Claims checked against texts: the passages that an answer is written from, or what somebody sends with their claims.

A text is looked at as a `Premise` with the vectors of its sentences, so that many claims cost it nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.verify.attribution import Attribution, Held, attribute
from assistant.verify.premise import Premise
from assistant.verify.verify import Verifier
from index.embedding.encoder import Encoder
from index.search.engine import SearchIndex
from index.text.sentences import sentence_bounds
from index.types import Article, Passage


@dataclass(frozen=True, slots=True)
class CitedClaim:
    """A claim, and the texts that it names itself, by their numbers from 0."""

    text: str
    cited: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedText:
    """What claims are checked against; `vectors` are unit vectors of its sentences, shape (sentences, dimension)."""

    premise: Premise
    vectors: np.ndarray


class ClaimChecker:
    """Checks claims against texts with one verifier; safe to share between threads."""

    def __init__(self, encoder: Encoder, verifier: Verifier) -> None:
        self._encoder, self._verifier = encoder, verifier

    def check(self, claims: Sequence[CitedClaim], texts: Sequence[CheckedText]) -> list[Attribution]:
        """Return of each claim what of it the texts carry, those that it cites first; all claims are embedded at once."""
        if not claims:
            return []
        vectors = self._encoder.encode_document([claim.text for claim in claims], rough=True)
        cosines = [text.vectors @ vectors.T for text in texts]
        return [attribute(claim.text, claim.cited,
                          [Held(text.premise, [float(c) for c in rows[:, column]])
                           for text, rows in zip(texts, cosines, strict=True)], self._verifier)
                for column, claim in enumerate(claims)]

    def text(self, text: str, heading: str = "") -> CheckedText:
        """Return a text that no index holds; `heading` is what is printed around it: headline, place, date."""
        sentences = tuple(filter(None, (" ".join(text[a:b].split()) for a, b in sentence_bounds(text))))
        return CheckedText(Premise(sentences, heading, heading), self._encoder.encode_document(list(sentences), rough=True))


def checked_passage(index: SearchIndex, passage: Passage, article: Article, place: str) -> CheckedText:
    """Return a passage of the index as it is checked: with what the prompt prints around it, `place` first."""
    return CheckedText(premise_of(passage, article, place), index.sentence_vectors(passage.id))


def checked_article(index: SearchIndex, article_id: str) -> list[tuple[Passage, CheckedText]]:
    """Return the passages of an article with how they are checked; NotFound when the index holds no such article."""
    article = index.article(article_id)
    return [(passage, checked_passage(index, passage, article, passage.place or article.place))
            for passage in index.passages() if passage.article_id == article.id]


def premise_of(passage: Passage, article: Article, place: str) -> Premise:
    """Return the passage with what is printed around it, and the places inside its communities that the article names.

    An article names its courtyard once and goes on with "the group": a sentence about it may name the courtyard again.
    """
    chains = {s.chain for s in passage.sentences if s.chain}
    places = {s.place for p in article.paragraphs for s in p.sentences if any(s.chain[: len(c)] == c for c in chains)}
    around = (passage.heading, article.title, article.subtitle, *sorted(places), article.place, article.source, article.date)
    return Premise(tuple(s.text.replace("\n", "") for s in passage.sentences), " ".join(filter(None, around)),
                   " ".join(filter(None, (place, article.title, article.date))))
