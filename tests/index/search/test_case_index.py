"""Cases of a published version: found by their own vector and by their passages, within filters. With a fake encoder."""

from pathlib import Path

import numpy as np
import pytest

from index.errors import DamagedIndex
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex, fuse_cases
from index.search.filters import Filters
from index.search.versions import current
from tests.fakes.hash_encoder import HashEncoder

EXAMPLES = Path(__file__).parents[3] / "examples" / "articles"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cases") / "home"
    Corpus(made, HashEncoder()).add([EXAMPLES])
    return made


@pytest.fixture(scope="module")
def index(home: Path) -> SearchIndex:
    return SearchIndex.open(home, HashEncoder())


def test_every_case_is_told_by_sentences_of_its_article(index: SearchIndex) -> None:
    cases = index.cases.all()
    assert len({case.id for case in cases}) == len(cases) > 20
    for case in cases:
        held = {s for p in index.article(case.article_id).paragraphs for s in p.sentences}
        assert case.telling
        assert {s.sentence for s in case.sentences} <= held
        assert all(s.sentence in index.passage(s.passage_id).sentences for s in case.sentences)


def test_the_nearest_are_those_that_numpy_finds(index: SearchIndex) -> None:
    vectors = index.encoder.encode_query(["老人在食堂吃饭"])
    all_rows = list(range(len(index.cases)))
    cosines = index.cases.cosines(vectors, all_rows)
    found = index.cases.nearest(vectors, 5)
    np.testing.assert_allclose(cosines[found], np.sort(cosines)[::-1][:5], atol=1e-6)
    evens = index.cases.nearest(vectors, 3, lambda case: index.cases.all().index(case) % 2 == 0)
    assert all(row % 2 == 0 for row in evens)


def test_beside_a_case_are_the_nearest_others(index: SearchIndex) -> None:
    vectors = index.cases._vectors.vectors(list(range(len(index.cases))))
    for rows in ([3], [3, 7]):
        mean = vectors[rows].mean(0) / np.linalg.norm(vectors[rows].mean(0))
        cosines = vectors @ mean
        order = [row for row in np.argsort(-cosines, kind="stable") if row not in rows][:4]
        beside = index.cases.beside(rows, 4)
        np.testing.assert_allclose(list(beside.values()), cosines[order], atol=1e-6)
        assert not set(beside) & set(rows)


def test_a_case_comes_with_all_passages_that_tell_it(index: SearchIndex) -> None:
    found = index.search_cases("老人在食堂吃饭", 10)
    assert len(found) == 10
    for one in found:
        assert {r.passage.id for r in one.passages} == {s.passage_id for s in one.case.telling}
        assert one.score == max(r.score for r in one.passages)
    assert [(f.case.id, f.score) for f in index.search_cases("老人在食堂吃饭", 10)] == [(f.case.id, f.score) for f in found]


def test_a_filter_bounds_cases(index: SearchIndex) -> None:
    paper = index.facets.sources[0][0]
    found = index.search_cases("老人在食堂吃饭", 50, filters=Filters(sources=(paper,)))
    assert found
    assert {one.article.source for one in found} == {paper}
    assert index.search_cases("老人", 5, filters=Filters(sources=("没有这家报",))) == []


@pytest.mark.parametrize(("passages", "near", "order"), [
    pytest.param([1.0, 0.0, 0.6], [0.0, 1.0, 0.9], [2, 0, 1], id="both count alike"),
    pytest.param([0.5, 0.5], [0.2, 0.2], [0, 1], id="equal stay in order"),
    pytest.param([], [], [], id="none"),
])
def test_the_order_of_cases(passages: list[float], near: list[float], order: list[int]) -> None:
    assert fuse_cases(passages, near) == order


def test_damaged_cases_are_named(home: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    path = next((current(copy) / "cases").iterdir())
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(DamagedIndex, match=path.name):
        SearchIndex.open(copy, HashEncoder())
