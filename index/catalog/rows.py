"""What the catalog's rows say, and how an article's sentences are packed into one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from index.types import Article, Sentence


@dataclass(frozen=True, slots=True)
class FileRow:
    """One stored file, as `linjian index list` shows it."""

    file: str
    path: str
    sha256: str
    encoding: str
    articles: int
    added_at: str
    container: str

    @property
    def on_disk(self) -> str:
        """The path of the file that it was read from: its own, or that of the archive or table that holds it."""
        return self.container or self.path


@dataclass(frozen=True, slots=True)
class Searched:
    """An article whose passages are searched: its place in the order of rows and a digest of what is embedded."""

    key: str
    id: str
    inputs: str
    passages: int


@dataclass(frozen=True, slots=True)
class Holding:
    """An article as a list shows it; `reprint` tells that another printing of it is searched."""

    id: str
    file: str
    title: str
    source: str
    date: str
    place: str
    reprint: bool
    corrected: bool


def row_key(article: Article) -> str:
    """Return 16 hex digits that order the rows: the articles of a file lie together, files where their names' hash says."""
    return "".join(hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8] for name in (article.file, article.id))


def pack(sentences: tuple[Sentence, ...]) -> str:
    """Return sentences as JSON: spans, text and chain of each."""
    return json.dumps([[s.spans, s.text, s.chain] for s in sentences], ensure_ascii=False)


def unpack(packed: str) -> tuple[Sentence, ...]:
    """Return the sentences that `pack` packed."""
    return tuple(Sentence(spans=tuple((a, b) for a, b in spans), text=text, chain=tuple(chain))
                 for spans, text, chain in json.loads(packed))
