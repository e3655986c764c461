"""An answer and its evidence, gathered when it is given, and as JSON in the database."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Protocol, TypeVar

from pydantic import TypeAdapter

from assistant.storage.types import Snapshot
from assistant.types import Answer
from index.errors import NotFound
from index.search.filters import Filters
from index.types import Article, Passage

ALSO_FOUND = 5
"""Passages that were found beside the cited ones and are kept too."""
LARGEST = 2_000_000
"""Characters of evidence kept with one answer; what is cited goes first, and its quotes are kept in any case."""

_Kept = TypeVar("_Kept")


class PassageIndex(Protocol):
    """What holds the passages and articles that an answer names; NotFound when it does not."""

    def article(self, article_id: str) -> Article: ...

    def passage(self, passage_id: str) -> Passage: ...


def gather(answer: Answer, index: PassageIndex) -> Snapshot:
    """Fetch what the answer names: all that it cites, and the best of what it found beside that."""
    cited = {citation.passage_id: citation.article_id for citation in answer.citations}
    rest = [(f.passage_id, f.article_id) for f in answer.retrieved if f.passage_id not in cited][:ALSO_FOUND]
    named = cited | dict(rest)
    return Snapshot(answer, _fetched(index.passage, named), _fetched(index.article, named.values()))


def _fetched(fetch: Callable[[str], _Kept], ids: Iterable[str]) -> dict[str, _Kept]:
    kept = {}
    for one in dict.fromkeys(ids):
        with suppress(NotFound):  # removed since; the citation holds its own quote
            kept[one] = fetch(one)
    return kept


def store_evidence(db: sqlite3.Connection, turn: int, snapshot: Snapshot) -> None:
    """Store the evidence of a turn in place of what it had; what is beyond LARGEST is left out."""
    db.execute("DELETE FROM evidence WHERE turn = ?", (turn,))
    left = LARGEST
    for kind, kept in (("passage", snapshot.passages), ("article", snapshot.articles)):
        for own, one in kept.items():
            body = as_json(one)
            left -= len(body)
            if left < 0:
                return
            digest = hashlib.sha256(body.encode()).hexdigest()
            db.execute("INSERT OR IGNORE INTO bodies VALUES (?,?)", (digest, body))
            db.execute("INSERT INTO evidence VALUES (?,?,?,?)", (turn, kind, own, digest))


def load_evidence(db: sqlite3.Connection, turn: int, answer: str) -> Snapshot:
    """Return the answer (JSON) of a turn with its evidence."""
    rows = db.execute("SELECT kind, id, body FROM evidence JOIN bodies USING (digest) WHERE turn = ?", (turn,)).fetchall()
    return Snapshot(
        Answer.from_dict(json.loads(answer)),
        {own: _shape(Passage).validate_python(json.loads(body)) for kind, own, body in rows if kind == "passage"},
        {own: _shape(Article).validate_python(json.loads(body)) for kind, own, body in rows if kind == "article"},
    )


def drop_unused(db: sqlite3.Connection) -> None:
    """Delete the bodies that no evidence names any more."""
    db.execute("DELETE FROM bodies WHERE digest NOT IN (SELECT digest FROM evidence)")


def as_json(one: Article | Passage | Filters) -> str:
    """Return one of our nouns as JSON."""
    shape: Mapping[str, Any] = _shape(type(one)).dump_python(one, mode="python")
    return json.dumps(shape, separators=(",", ":"))  # ASCII: halves of surrogate pairs come back as they were


def filters_of(text: str) -> Filters:
    """Return the filters of a JSON text that `as_json` made."""
    return _shape(Filters).validate_python(json.loads(text))


@cache
def _shape(kind: type[_Kept]) -> TypeAdapter[_Kept]:
    return TypeAdapter(kind)
