"""Questions to go on with, each tried before it is offered: the articles answer it, and with something not said yet.

They are made from what search found beside the answer (another place with the same topic), from what the cited articles say
further (what it cost), and from the topic (who else).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from assistant.evidence.features import holds
from assistant.locales.loader import words
from assistant.question.forms import Form, Wanted
from assistant.types import Answer
from index.errors import NotFound
from index.search.engine import SearchIndex
from index.search.glossary import Glossary
from index.types import Passage

SAMPLED = 400
"""Passages, evenly spread, whose topics say what an index is about."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, and the articles one of which has to answer it; any may when there are none."""

    question: str
    articles: frozenset[str] = frozenset()


def suggestions(answer: Answer, index: SearchIndex, glossary: Glossary, ask: Callable[[str], Answer], *, most: int,
                seconds: float, go_on: Callable[[], bool]) -> list[str]:
    """Return at most `most` questions that follow an answer, tried within `seconds` and while `go_on()`."""
    topics = [match.topic for match in glossary.find(answer.standalone_question)]
    topic = (topics[0].zh if answer.language == "zh" else topics[0].en)[0] if topics else ""
    said = {(c.file, c.start) for c in answer.citations}
    return _tried(_candidates(answer, index, topic), ask, said, most, seconds, go_on)


def starters(index: SearchIndex, glossary: Glossary, ask: Callable[[str], Answer], language: str, *, most: int,
             seconds: float, go_on: Callable[[], bool]) -> list[str]:
    """Return questions about the topics that the articles speak of most, tried as above."""
    passages = index.passages()
    spread = passages[:: max(1, len(passages) // SAMPLED)]
    counts: dict[tuple[str, str], int] = {}
    for passage in spread:
        for topic in {match.topic for match in glossary.find(passage.text)}:
            counts[topic.zh[0], topic.en[0]] = counts.get((topic.zh[0], topic.en[0]), 0) + 1
    text = words(language).suggestions
    ranked = sorted(counts, key=lambda names: (-counts[names], names))
    made = [Candidate(text["who"].format(topic=zh if language == "zh" else en)) for zh, en in ranked]
    return _tried(iter(made), ask, set(), most, seconds, go_on)


def _tried(candidates: Iterator[Candidate], ask: Callable[[str], Answer], said: set[tuple[str, int]], most: int,
           seconds: float, go_on: Callable[[], bool]) -> list[str]:
    started, kept = time.monotonic(), []
    for candidate in candidates:
        if len(kept) == most or time.monotonic() - started > seconds or not go_on():
            break
        answer = ask(candidate.question)
        new = [c for c in answer.citations if (c.file, c.start) not in said]
        if new and (not candidate.articles or candidate.articles & {c.article_id for c in answer.citations}):
            kept.append(candidate.question)
            said |= {(c.file, c.start) for c in answer.citations}
    return kept


def _candidates(answer: Answer, index: SearchIndex, topic: str) -> Iterator[Candidate]:
    """Yield the likeliest first, one of each kind in turn."""
    text = words(answer.language).suggestions
    cited = {c.article_id for c in answer.citations}
    if answer.form != Form.CASES and topic:
        yield Candidate(text["who"].format(topic=topic))
    others = _places(index, [f.passage_id for f in answer.retrieved if f.article_id not in cited])
    own = _places(index, [c.passage_id for c in answer.citations])
    for place, passage in others[:3]:
        if place not in dict(own):
            title = index.article(passage.article_id).title
            if topic or title:
                asked = text["place"].format(place=place, topic=topic) if topic else text["title"].format(title=title)
                yield Candidate(asked, frozenset({passage.article_id}))
    for place, passage in own[:2]:
        told = [s for p in index.article(passage.article_id).paragraphs for s in p.sentences if place in s.chain]
        if any(holds(Wanted.MONEY, s.text) for s in told) and "\u94b1" not in answer.question:
            yield Candidate(text["cost"].format(place=place), frozenset({passage.article_id}))


def _places(index: SearchIndex, passage_ids: Sequence[str]) -> list[tuple[str, Passage]]:
    """Return the narrowest place of each passage that has one, once each, with the passage."""
    places: dict[str, Passage] = {}
    for passage_id in dict.fromkeys(passage_ids):
        try:
            passage = index.passage(passage_id)
        except NotFound:
            continue  # removed since the answer was given
        chain = next((s.chain for s in passage.sentences if s.chain), ())
        if chain:
            places.setdefault(chain[-1], passage)
    return list(places.items())
