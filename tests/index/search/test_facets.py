"""What can be selected, and its counts: selecting it leaves as many articles. Run: python -m pytest -q
tests/index/search/test_facets.py"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from index.search.facets import PlaceNode, facets_of
from index.search.filters import Filters
from index.types import Article, Passage, Sentence
from tests.fakes.hash_encoder import HashEncoder

ROOT = Path(__file__).parents[3]
CHAINS = [(), ("甲区",), ("甲区", "一街道"), ("甲区", "一街道", "子社区"), ("乙区", "二街道"), ("乙区",)]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    home = tmp_path_factory.mktemp("facets") / "home"
    Corpus(home, HashEncoder()).add([ROOT / "examples" / "articles"])
    return SearchIndex.open(home, HashEncoder())


def test_each_count_is_what_selecting_it_leaves(index: SearchIndex) -> None:
    facets = index.facets
    nodes = [node for place in facets.places for _, node in place.walk()]
    names = [node.name for node in nodes]
    assert len(nodes) > 20
    for node in nodes:
        if names.count(node.name) == 1:
            assert index.selected(Filters(places=(node.name,))) == node.count, node.name
    for source, count in facets.sources:
        assert index.selected(Filters(sources=(source,))) == count
    for month, count in facets.months:
        assert index.selected(Filters(since=f"{month}-01", until=f"{month}-31")) == count
    assert sum(count for _, count in facets.months) + facets.undated == facets.articles == index.selected(Filters())


@given(st.lists(st.lists(st.sampled_from(CHAINS), min_size=1, max_size=4), max_size=8))
def test_a_wider_place_counts_every_article_inside_it_once(spoken: list[list[tuple[str, ...]]]) -> None:
    articles = {str(n): Article(str(n), f"{n}.txt", "", 0, 1, (), source="报", date="2024-06-18") for n in range(len(spoken))}
    passages = [Passage(f"{n}/{i}", str(n), (Sentence(((0, 1),), "句", chain),))
                for n, chains in enumerate(spoken) for i, chain in enumerate(chains)]
    facets = facets_of(articles, passages)

    def check(node: PlaceNode, chain: tuple[str, ...]) -> None:
        assert node.count == sum(any(c[: len(chain)] == chain for c in chains) for chains in spoken)
        for inside in node.inside:
            check(inside, (*chain, inside.name))

    for place in facets.places:
        check(place, (place.name,))
    assert {place.name for place in facets.places} == {c[0] for chains in spoken for c in chains if c}
    assert facets.sources == ((("报", len(spoken)),) if spoken else ())
