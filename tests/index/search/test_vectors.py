"""FAISS against numpy. Run: python -m pytest -q tests/index/search/test_vectors.py"""

from pathlib import Path

import numpy as np
import pytest

from index.search.vectors import VectorIndex, write_vectors

RANDOM = np.random.default_rng(7)


def unit(n: int, dimension: int = 16) -> np.ndarray:
    vectors = RANDOM.normal(size=(n, dimension)).astype("float32")
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def index_of(vectors: np.ndarray, folder: Path) -> VectorIndex:
    """Search the vectors in three files, the middle one of a single row."""
    cuts = np.array_split(vectors, [len(vectors) // 3, len(vectors) // 3 + 1]) if len(vectors) else [vectors]
    paths = [folder / f"{n}.faiss" for n in range(len(cuts))]
    for path, part in zip(paths, cuts, strict=True):
        write_vectors(path, part)
    return VectorIndex(paths)


@pytest.mark.parametrize("k", [1, 7, 50, 51, 1000])
def test_the_best_rows_are_numpys(tmp_path: Path, k: int) -> None:
    vectors = unit(50)
    index = index_of(vectors, tmp_path)
    for query in unit(5):
        cosines = vectors @ query
        best = np.argsort(-cosines)[:k]
        found = index.search(query, k)
        assert list(found) == best.tolist()
        np.testing.assert_allclose(list(found.values()), cosines[best], atol=1e-6)


def test_cosines_of_given_rows_keep_their_order(tmp_path: Path) -> None:
    vectors, query = unit(20), unit(1)[0]
    rows = [13, 2, 2, 19]
    np.testing.assert_allclose(index_of(vectors, tmp_path).cosines(query, rows), vectors[rows] @ query, atol=1e-6)


def test_python_numbers_come_out(tmp_path: Path) -> None:
    found = index_of(unit(3), tmp_path).search(unit(1)[0], 2)
    assert {(type(row), type(score)) for row, score in found.items()} == {(int, float)}


def test_no_vectors_no_rows(tmp_path: Path) -> None:
    index = index_of(np.zeros((0, 16), "float32"), tmp_path)
    query = unit(1)[0]
    assert (len(index), index.search(query, 5), index.cosines(query, []).shape) == (0, {}, (0,))


def test_no_rows_wanted(tmp_path: Path) -> None:
    assert index_of(unit(3), tmp_path).search(unit(1)[0], 0) == {}


def test_what_was_given_need_not_be_contiguous_or_float32(tmp_path: Path) -> None:
    vectors = np.asfortranarray(unit(9).astype("float64"))
    query = unit(1)[0].astype("float64")
    assert next(iter(index_of(vectors, tmp_path).search(query, 1))) == int(np.argmax(vectors @ query))
