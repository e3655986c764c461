"""Vectors that were computed once: kept by model and text, so that nothing unchanged is embedded again.

`home/embeddings.sqlite` holds one row a text: the model's name, the SHA-256 of the text, and the vector as
little-endian float32 with a CRC-32 of text and vector behind it. It is a cache: deleting it costs time, never data, and a
vector that was damaged there is embedded again.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from index.embedding.encoder import Encoder
from index.sqlite import REBUILD, Schema, connect, damage_named

EMBEDDINGS = "embeddings.sqlite"
_SCHEMA = Schema(0, "CREATE TABLE IF NOT EXISTS vectors (model TEXT, digest TEXT, vector BLOB, "
                    "PRIMARY KEY (model, digest)) WITHOUT ROWID", REBUILD)
_GROUP = 256
_CHECK = 4


class VectorCache:
    """The vectors of one model, by its name and dimension, in one home."""

    def __init__(self, db: sqlite3.Connection, model: str, dimension: int) -> None:
        self._db, self._model, self._dimension = db, model, dimension

    def embed(self, texts: Sequence[str], encoder: Encoder, progress: Callable[[int, int], None]) -> None:
        """Embed and keep those of `texts` that are not kept yet; `progress` counts them."""
        todo = self.missing(texts)
        # Groups are stored as they are done, so that an interrupted run goes on where it stopped.
        for i in range(0, len(todo), _GROUP):
            group = todo[i:i + _GROUP]
            progress(i, len(todo))
            vectors = encoder.encode_document(group)
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?,?,?)", [
                (self._model, digest := _digest(text), _checked(digest, np.asarray(vector, dtype="<f4").tobytes()))
                for text, vector in zip(group, vectors, strict=True)])
            self._db.execute("COMMIT")
        progress(len(todo), len(todo))

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Return the vectors of `texts`, shape (len(texts), dimension); KeyError when one was not embedded."""
        digests = [_digest(text) for text in texts]
        known = {digest: blob for group in _groups(digests) for digest, blob in self._rows("digest, vector", group)}
        out = np.zeros((len(texts), self._dimension), dtype="float32")
        for row, digest in enumerate(digests):
            out[row] = np.frombuffer(known[digest][:-_CHECK], "<f4")
        return out

    def missing(self, texts: Sequence[str]) -> list[str]:
        """Return those of `texts`, each once, that have no vector, or a damaged one."""
        by_digest = {_digest(text): text for text in texts}
        size = 4 * self._dimension
        known = {digest for group in _groups(list(by_digest)) for digest, blob in self._rows("digest, vector", group)
                 if len(blob) == size + _CHECK and blob == _checked(digest, blob[:size])}
        return [text for digest, text in by_digest.items() if digest not in known]

    def damaged(self) -> list[tuple[str, str]]:
        """Return model and text's digest of all vectors kept here, of whatever model, that are not what was written."""
        rows = self._db.execute("SELECT model, digest, vector FROM vectors")
        return [(model, digest) for model, digest, blob in rows if blob != _checked(digest, blob[:-_CHECK])]

    def drop_damaged(self) -> None:
        """Delete those: what is needed of them is embedded again."""
        self._db.executemany("DELETE FROM vectors WHERE model = ? AND digest = ?", self.damaged())

    def _rows(self, columns: str, digests: Sequence[str]) -> Iterator[tuple]:
        marks = ",".join("?" * len(digests))
        return self._db.execute(f"SELECT {columns} FROM vectors WHERE model = ? AND digest IN ({marks})",
                                (self._model, *digests))


@contextmanager
def open_vector_cache(home: Path, model: str, dimension: int) -> Iterator[VectorCache]:
    """Open the vectors kept in `home`; DamagedIndex when the file is no database."""
    path = home / EMBEDDINGS
    with damage_named(path), closing(connect(path, _SCHEMA)) as db:
        db.execute(_SCHEMA.tables)
        yield VectorCache(db, model, dimension)


def _groups(digests: Sequence[str]) -> Iterator[Sequence[str]]:
    return (digests[i:i + 500] for i in range(0, len(digests), 500))


def _checked(digest: str, vector: bytes) -> bytes:
    return vector + zlib.crc32(digest.encode() + vector).to_bytes(_CHECK, "little")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
