"""Measure how long a change of one page takes in an index of many articles.

    linjian eval bench-index CORPUS.jsonl[.gz] [--articles N] [--home DIR] [--real]

CORPUS holds one article a line: {"id", "title", "text"}. All but one page get vectors by hash, which cost nothing, so that
what is timed is the index and not the model; with --real the changed page is embedded by the bundled model and that time is
told apart. The home is kept when it is named, and used again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from index.embedding.encoder import Encoder
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from index.search.versions import current, manifest_of

QUESTION = "老旧小区没有物业，其他社区是怎么管起来的？"
DIMENSION = 384


class MostlyHashed:
    """An Encoder that spends nothing on the bulk: vectors by hash, or by the real model once `real` is set."""

    name, dimension = "hashed-384", DIMENSION

    def __init__(self) -> None:
        self.real: Encoder | None = None
        self.seconds = 0.0
        self.embedded = 0

    def encode_query(self, texts: Sequence[str]) -> np.ndarray:
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str], **_: object) -> np.ndarray:
        started = time.perf_counter()
        self.embedded += len(texts)
        vectors = self.real.encode_document(texts) if self.real else np.stack([_by_hash(text) for text in texts])
        self.seconds += time.perf_counter() - started
        return vectors


def _by_hash(text: str) -> np.ndarray:
    seed = np.frombuffer(hashlib.shake_128(text.encode("utf-8", "replace")).digest(DIMENSION), "u1")
    vector = seed.astype("float32") - 127.5
    return vector / np.linalg.norm(vector)


def pages(corpus: Path, folder: Path, most: int) -> int:
    """Write each article as a page of its own into `folder` and return how many there are."""
    opener = gzip.open if corpus.suffix == ".gz" else open
    count = 0
    with opener(corpus, "rt", encoding="utf-8") as lines:
        for line in lines:
            if count == most:
                break
            row = json.loads(line)
            name = hashlib.sha256(row["id"].encode()).hexdigest()[:16]
            (folder / f"{name}.txt").write_text(f"{row['title'] or '简讯'}\n\n{row['text']}\n", "utf-8")
            count += 1
    return count


def measure(home: Path, folder: Path, encoder: MostlyHashed) -> Iterator[tuple[str, float]]:
    """Yield what was done and the seconds that it took beyond embedding."""
    paths = sorted(folder.iterdir())
    corpus = Corpus(home, encoder)

    def timed(what: str, act: Callable[[], object]) -> tuple[str, float]:
        encoder.seconds, started = 0.0, time.perf_counter()
        act()
        return what, time.perf_counter() - started - encoder.seconds

    yield timed("add all", lambda: corpus.add([folder]))
    yield timed("add all again, nothing changed", lambda: corpus.add([folder]))
    for n, path in enumerate(paths[:: max(1, len(paths) // 5)][:5]):
        path.write_text(path.read_text("utf-8") + f"第{n}次修改，改于{time.time_ns()}。\n", "utf-8")
        yield timed("add one changed page", lambda path=path: corpus.add([path]))
    path = paths[len(paths) // 2]
    path.write_text(path.read_text("utf-8") + f"又改于{time.time_ns()}。\n", "utf-8")
    yield timed("add the folder with one changed page", lambda: corpus.add([folder]))
    yield timed("remove a page", lambda: corpus.remove(path.name))
    yield timed("open the index", lambda: SearchIndex.open(home, encoder))
    index = SearchIndex.open(home, encoder)
    for _ in range(5):
        yield timed("search", lambda: index.search(QUESTION))


def time_changes(corpus: Path, articles: int, home: Path, real: Encoder | None) -> None:
    """Print how long each change takes in an index of `corpus` in `home`; `real`, if given, embeds the changed pages."""
    encoder = MostlyHashed()
    with tempfile.TemporaryDirectory() as written:
        folder = Path(written)
        print(f"{pages(corpus, folder, articles)} articles, each a page")
        taken: dict[str, list[float]] = {}
        for what, seconds in measure(home, folder, encoder):
            taken.setdefault(what, []).append(seconds)
            embedding = f", and {encoder.seconds:.2f} s to embed {encoder.embedded} texts" if encoder.embedded else ""
            print(f"{what}: {seconds:.2f} s{embedding}", flush=True)
            encoder.embedded, encoder.real = 0, real
    manifest = manifest_of(current(home))
    print(f"\n{manifest.articles} articles, {manifest.passages} passages, {manifest.sentences} sentences, "
          f"{len(manifest.shards)} shards")
    for what, seconds in taken.items():
        print(f"| {what} | {statistics.median(seconds):.2f} |")
