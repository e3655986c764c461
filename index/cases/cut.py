"""Cut an article into cases: one place doing something about one need, with the sentences that tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

import numpy as np

from index.cases.roles import ROLES, RoleReading
from index.text.places import COMMUNITY, level_of
from index.types import TELLING, Article, Case, CaseSentence, Passage, Sentence, SentenceRole

BEGINS = 0.35
"""The probability from which a sentence of the same place begins another case."""
LONG = 5
"""Telling sentences from which a new paragraph begins another case: a profile of one community tells of many needs."""


def cut_cases(article: Article, passages: Sequence[Passage], reading: RoleReading) -> list[Case]:
    """Return the article's cases in the order of print; none where nothing was done (an editorial, a plan, a meeting).

    `reading` is of the sentences of all `passages`, in their order.
    """
    drafts: list[_Draft] = []
    latest: dict[str, _Draft] = {}
    flat = [(passage, sentence) for passage in passages for sentence in passage.sentences]
    roles = [ROLES[i] for i in reading.roles.argmax(1)] if len(flat) else []
    now: _Draft | None = None
    for (passage, sentence), role, begins in zip(flat, roles, reading.begins, strict=True):
        key = place_key(sentence.chain) or article.place
        told = role in TELLING
        another = now is not None and now.is_done and (begins > BEGINS or now.is_long and now.passage_id != passage.id)
        if now is None or told and (key != now.key or another):
            known = latest.get(key)
            if known is not None and known is not now and begins <= BEGINS and not known.is_long:
                now = known
            else:
                now = _Draft(key)
                drafts.append(now)
            latest[key] = now
        now.add(passage, sentence, role)
    done = [draft for draft in drafts if draft.is_done]
    return [Case(id=f"{article.id}#{n}", article_id=article.id, chain=draft.chain(article), sentences=tuple(draft.sentences))
            for n, draft in enumerate(done, start=1)]


def place_key(chain: Sequence[str]) -> str:
    """Return what makes two sentences speak of one place: the community (a compound counts to its own), else the place."""
    community = next((name for name in chain if level_of(name) == COMMUNITY), "")
    return community or "".join(chain)


def all_measures(sentences: int) -> RoleReading:
    """Return the reading where no model was fitted to the vectors: every sentence tells what was done."""
    roles = np.zeros((sentences, len(ROLES)), np.float32)
    roles[:, ROLES.index(SentenceRole.MEASURE)] = 1.0
    return RoleReading(roles, np.zeros(sentences, np.float32))


@dataclass
class _Draft:
    """A case while it is gathered."""

    key: str
    sentences: list[CaseSentence] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        return any(s.role is SentenceRole.MEASURE for s in self.sentences)

    @property
    def is_long(self) -> bool:
        return sum(s.role in TELLING for s in self.sentences) >= LONG

    @property
    def passage_id(self) -> str:
        return self.sentences[-1].passage_id

    def add(self, passage: Passage, sentence: Sentence, role: SentenceRole) -> None:
        self.sentences.append(CaseSentence(passage.id, sentence, role))

    def chain(self, article: Article) -> tuple[str, ...]:
        """Return what the places of the sentences that tell the case have in common; else the place of the first."""
        chains = [s.sentence.chain for s in self.sentences if s.role in TELLING and s.sentence.chain]
        if not chains:
            return (article.place,) if article.place else ()
        common = tuple(names[0] for names in takewhile(lambda names: len(set(names)) == 1, zip(*chains, strict=False)))
        return common if common and place_key(common) == self.key else chains[0]
