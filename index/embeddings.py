"""Vectors that were computed once: kept by model and text, so that nothing unchanged is embedded again.

`home/embeddings.sqlite` holds one row a text: the model's name, the SHA-256 of the text, and the vector as
little-endian float32. It is a cache: deleting it costs time, never data.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from index.encoder import Encoder

_GROUP = 256


def embed_documents(home: Path, encoder: Encoder, texts: Sequence[str],
                    progress: Callable[[int, int], None]) -> np.ndarray:
    """Return the vectors of `texts`, shape (len(texts), dimension); `progress` counts those that must be embedded."""
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    with closing(sqlite3.connect(home / "embeddings.sqlite")) as db:
        db.execute("CREATE TABLE IF NOT EXISTS vectors "
                   "(model TEXT, digest TEXT, vector BLOB, PRIMARY KEY (model, digest)) WITHOUT ROWID")
        known = _known(db, encoder.name, digests)
        missing = {d: t for d, t in zip(digests, texts, strict=True) if d not in known}
        # Groups are stored as they are done, so that an interrupted run goes on where it stopped.
        todo = list(missing.items())
        for i in range(0, len(todo), _GROUP):
            group = todo[i:i + _GROUP]
            progress(i, len(todo))
            vectors = encoder.encode_document([text for _, text in group])
            for (digest, _), vector in zip(group, vectors, strict=True):
                known[digest] = np.asarray(vector, dtype="<f4")
            with db:
                db.executemany("INSERT OR REPLACE INTO vectors VALUES (?,?,?)",
                               [(encoder.name, d, known[d].tobytes()) for d, _ in group])
        progress(len(todo), len(todo))
    return np.stack([known[d] for d in digests]) if digests else np.zeros((0, encoder.dimension), dtype="float32")


def _known(db: sqlite3.Connection, model: str, digests: list[str]) -> dict[str, np.ndarray]:
    known: dict[str, np.ndarray] = {}
    for i in range(0, len(digests), 500):
        some = digests[i:i + 500]
        marks = ",".join("?" * len(some))
        rows = db.execute(
            f"SELECT digest, vector FROM vectors WHERE model = ? AND digest IN ({marks})", (model, *some)
        )
        known.update((digest, np.frombuffer(blob, "<f4")) for digest, blob in rows)
    return known
