"""The cases of one published version: by id, by passage, and the nearest to a question in the space of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from index.cases.case_rows import unpack_cases
from index.cases.fitted import fitted_to
from index.catalog.catalog import Catalog
from index.errors import DamagedIndex
from index.search.shards import Shard
from index.search.vectors import VectorIndex
from index.search.versions import current, manifest_of
from index.types import Case, Passage


class CaseIndex:
    """`encoder` is the name of the encoder whose vectors the version holds; rows count from shard to shard."""

    def __init__(self, folder: Path, shards: Iterable[Shard], passages: Mapping[str, Passage], encoder: str) -> None:
        shards = list(shards)
        self._cases = [case for shard in shards for case in _read(shard.cases_file(folder), passages)]
        self._vectors = VectorIndex([shard.case_vectors_file(folder) for shard in shards])
        self._space = fitted_to(encoder)[1]
        self._telling_in: dict[str, list[int]] = {}
        for row, case in enumerate(self._cases):
            for passage_id in dict.fromkeys(s.passage_id for s in case.telling):
                self._telling_in.setdefault(passage_id, []).append(row)

    def __len__(self) -> int:
        return len(self._cases)

    def all(self) -> list[Case]:
        return list(self._cases)

    def case(self, row: int) -> Case:
        return self._cases[row]

    def told_in(self, passage_ids: Iterable[str]) -> list[int]:
        """Return the rows of the cases that these passages tell something of, in the passages' order."""
        return list(dict.fromkeys(row for i in passage_ids for row in self._telling_in.get(i, ())))

    def nearest(self, vectors: np.ndarray, k: int, allowed: Callable[[Case], bool] | None = None) -> list[int]:
        """Return the rows of the `k` cases nearest to the mean of questions' vectors, of those that are allowed."""
        if not len(self):
            return []
        question = self._turned(vectors)
        if allowed is None:
            return list(self._vectors.search(question, k))
        rows = [row for row, case in enumerate(self._cases) if allowed(case)]
        return [rows[i] for i in np.argsort(-self._vectors.cosines(question, rows), kind="stable")[:k]] if rows else []

    def cosines(self, vectors: np.ndarray, rows: list[int]) -> np.ndarray:
        """Return how near each case is to the mean of questions' vectors, in the space of cases."""
        return self._vectors.cosines(self._turned(vectors), rows) if rows else np.zeros(0, np.float32)

    def beside(self, rows: Sequence[int], k: int) -> dict[int, float]:
        """Return the rows of the `k` other cases nearest to the mean of these, with their cosines, best first."""
        mean = self._vectors.vectors(rows).mean(0)
        found = self._vectors.search(mean / max(float(np.linalg.norm(mean)), 1e-12), k + len(rows))
        return dict([pair for pair in found.items() if pair[0] not in rows][:k])

    def _turned(self, vectors: np.ndarray) -> np.ndarray:
        mean = (self._space.questions(vectors) if self._space else vectors).mean(0)
        return mean / max(float(np.linalg.norm(mean)), 1e-12)


def published_cases(home: Path, article_id: str) -> list[Case]:
    """Return the cases of one article in the current version, read without a model; [] where it is not published."""
    folder = current(home)
    with closing(Catalog(folder)) as catalog:
        passages = {p.id: p for p in catalog.passages_of(catalog.article(article_id))}
    return [case for shard in manifest_of(folder).shards for case in _read(shard.cases_file(folder), passages, article_id)]


def _read(path: Path, passages: Mapping[str, Passage], article_id: str = "") -> list[Case]:
    try:
        return unpack_cases(path.read_bytes(), passages, article_id)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise DamagedIndex(f"{str(path)!r} is missing or damaged. Mend the index: linjian index rebuild") from error
