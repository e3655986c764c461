"""Search over one published version, with a fake encoder. Run: python -m pytest -q tests/index/search/test_engine.py"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import MissingIndex, NotFound
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex, Weights, _scale
from index.search.filters import Filters
from tests.fakes.hash_encoder import HashEncoder

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example pages, indexed with the fake encoder."""
    made = tmp_path_factory.mktemp("search") / "home"
    outcomes = Corpus(made, HashEncoder()).add([ROOT / "examples" / "articles"])
    assert {outcome.status for outcome in outcomes} == {"added"}
    return made


@pytest.fixture(scope="module")
def index(home: Path) -> SearchIndex:
    return SearchIndex.open(home, HashEncoder())


def keys(found: Sequence) -> list[tuple[str, float]]:
    return [(r.passage.id, r.score) for r in found]


@pytest.mark.parametrize(("query", "title"), [
    ("纺机家属院的门房里贴着收支条子", "“没人管”的院子请来“自家管家”"),
    ("柳堤饭堂的老人吃一顿饭多少钱", "一碗热饭的距离"),
    ("值周长轮值 粮站家属楼", "【城西镇】粮站家属楼:一家轮一周 当好“值周长”"),
    ("错时共享 停车 车位 包月", "澄湖区和顺街道:错时共享“挤”出车位412个"),
])
def test_the_best_hit(index: SearchIndex, query: str, title: str) -> None:
    best = index.search(query, weights=Weights(0.2, 0.3, 0.5))[0]  # here vectors know letters only
    assert best.article.title == title
    assert best.passage.article_id == best.article.id


def test_every_sentence_finds_its_own_passage(index: SearchIndex) -> None:
    article = index.articles()[2]
    for sentence in [s for p in article.paragraphs for s in p.sentences if len(s.text) > 30][:8]:
        assert sentence in index.search(sentence.text, 1)[0].passage.sentences


def test_scores_fall_and_lie_between_0_and_1(index: SearchIndex) -> None:
    found = index.search("加装电梯", 50)
    scores = [r.score for r in found]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= min(scores) < max(scores) <= 1
    assert len({r.passage.id for r in found}) == len(found)


@pytest.mark.parametrize("k", [0, 1, 5, 10_000])
def test_k_bounds_the_result(index: SearchIndex, k: int) -> None:
    every = index.search("物业", 10_000)
    assert keys(index.search("物业", k)) == keys(every)[:k]
    assert len(every) > 20


def test_results_hold_python_numbers_only(index: SearchIndex) -> None:
    found = index.search("物业", 5)[0]
    numbers = [found.score, found.dense, found.lexical, *found.sentence_dense, index.rarity("物业")]
    assert {type(number) for number in numbers} == {float}
    assert len(found.sentence_dense) == len(found.passage.sentences)
    json.dumps(asdict(found))


def test_the_same_question_gives_the_same_order(index: SearchIndex, home: Path) -> None:
    once, again = index, SearchIndex.open(home, HashEncoder())
    for query in ("社区 居民", "没有这样的字", ""):
        assert keys(once.search(query, 100)) == keys(again.search(query, 100))


def test_cosines_are_numpys(index: SearchIndex) -> None:
    encoder = HashEncoder()
    query = encoder.encode_query(["加装电梯"])[0]
    for hit in index.search("加装电梯", 10):
        heading_and_text = encoder.encode_document([f"{hit.passage.heading}\n{hit.passage.text}"])[0]
        assert hit.dense == pytest.approx(float(heading_and_text @ query), abs=1e-5)
        inputs = [f"{s.place}:{s.text}" if s.place else s.text for s in hit.passage.sentences]
        assert hit.sentence_dense == pytest.approx((encoder.encode_document(inputs) @ query).tolist(), abs=1e-5)


def test_other_wordings_count_by_their_mean(index: SearchIndex) -> None:
    alone = {r.passage.id: r.dense for r in index.search("装电梯", 10_000)}
    other = {r.passage.id: r.dense for r in index.search("elevator", 10_000)}
    both = {r.passage.id: r.dense for r in index.search("装电梯", 10_000, also=["elevator"])}
    shared = alone.keys() & other.keys() & both.keys()
    assert len(shared) > 20
    assert all(both[i] == pytest.approx((alone[i] + other[i]) / 2, abs=1e-5) for i in shared)


def test_words_take_the_place_of_the_querys_own(index: SearchIndex) -> None:
    lexical = Weights(passage=0, sentence=0, lexical=1)
    assert "电梯" in index.search("怎么办", 1, words={"电梯": 1.0}, weights=lexical)[0].passage.text
    assert index.search("电梯", 1)[0].lexical > 0
    assert all(r.lexical == 0 for r in index.search("电梯", 5, words={}))


def test_the_weights_decide(index: SearchIndex) -> None:
    query = "加装电梯的钱怎么分摊"
    for weights, signal in ((Weights(1, 0, 0), "dense"), (Weights(0, 0, 1), "lexical")):
        found = index.search(query, 10, weights=weights)
        values = [getattr(r, signal) for r in found]
        assert values == sorted(values, reverse=True)
    best = [max(r.sentence_dense) for r in index.search(query, 10, weights=Weights(0, 1, 0))]
    assert best == sorted(best, reverse=True)


@pytest.mark.parametrize("query", ["", " ", "?", "🙂", "a" * 5000, "没" * 3000, "\ud800", '"x" AND (y*'],
                         ids=["empty", "blank", "mark", "emoji", "long", "long-chinese", "surrogate", "syntax"])
def test_no_question_is_too_strange(index: SearchIndex, query: str) -> None:
    assert len(index.search(query, 3)) == 3


def test_threads_share_one_index(index: SearchIndex) -> None:
    queries = [a.title or a.byline for a in index.articles()]
    alone = [keys(index.search(query, 5)) for query in queries]
    with ThreadPoolExecutor(4) as pool:
        assert [keys(found) for found in pool.map(lambda query: index.search(query, 5), queries)] == alone


def test_what_is_not_there_is_named(index: SearchIndex, tmp_path: Path) -> None:
    article = index.articles()[0]
    assert index.article(article.id) == article
    with pytest.raises(NotFound, match="'nothing'"):
        index.article("nothing")
    with pytest.raises(NotFound, match="'nothing-1'"):
        index.passage("nothing-1")
    passage = index.search("物业")[0].passage
    assert index.passage(passage.id) == passage
    with pytest.raises(MissingIndex, match="linjian index add"):
        SearchIndex.open(tmp_path, HashEncoder())


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=9))
@settings(deadline=None)
def test_scaling_keeps_the_order(values: list[float]) -> None:
    scaled = _scale(np.array(values))
    assert np.isfinite(scaled).all()
    assert scaled.min() == 0
    assert (np.diff(scaled[np.argsort(values, kind="stable")]) >= 0).all()
    assert scaled.max() == (1 if min(values) < max(values) else 0)


@pytest.mark.parametrize("filters", [
    pytest.param(Filters(places=("澄湖区",)), id="place"),
    pytest.param(Filters(places=("澄湖区", "白藤县")), id="places"),
    pytest.param(Filters(sources=("云泽晨报",)), id="newspaper"),
    pytest.param(Filters(since="2024-07-01"), id="since"),
    pytest.param(Filters(until="2024-07-01"), id="until"),
    pytest.param(Filters(places=("澄湖区",), sources=("云泽晨报",), since="2024-01-01", until="2024-12-31"), id="all"),
])
def test_filters_pass_what_they_should_and_all_of_it(index: SearchIndex, filters: Filters) -> None:
    found = index.search("居民 停车 食堂", 1000, filters=filters)
    everything = {r.passage.id: r for r in index.search("居民 停车 食堂", 1000)}
    assert {r.passage.id for r in found} == {i for i, r in everything.items() if filters.allow(r.article, r.passage)}
    assert 0 < len(found) < len(everything)
    for r in found:
        assert not filters.sources or r.article.source in filters.sources
        if filters.since or filters.until:
            assert filters.since <= r.article.date <= (filters.until or "9")
        assert not filters.places or {n for s in r.passage.sentences for n in s.chain} & set(filters.places)


def test_a_filter_that_passes_nothing(index: SearchIndex) -> None:
    assert index.search("停车", filters=Filters(places=("无此地",))) == []


def test_no_filter_is_no_filter(index: SearchIndex) -> None:
    assert not Filters()
    assert keys(index.search("停车", filters=Filters())) == keys(index.search("停车"))
