"""Lexical terms, and Tantivy against BM25 written out. Run: python -m pytest -q tests/index/text/test_tokens.py"""

import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.search.lexical import LexicalIndex, join_parts, write_part
from index.text.normalize import fold
from index.text.tokens import terms

TEXTS = [
    "桂花巷社区没有物业,居民每月交二十元,自己选人管门岗、管账目。",
    "和顺街道请来国企物业兜底,头一年的服务费由街道补一半。",
    "柳堤社区办起食堂,老人吃一顿饭八元,八十岁以上再减两元,饭菜由中央厨房送来。",
    "电动车拉飞线充电,社区先建车棚再劝拆,一个月拆掉飞线一千三百余条。",
    "加装电梯一楼不出钱,二楼每户八千元,越高越多。电梯由住户自己管。",
    "文桥社区清走楼道杂物68吨,楼道干净了,居民又盯上了垃圾桶。",
]


@pytest.mark.parametrize(("text", "expected"), [
    ("无物业小区", ["无物", "物业", "业小", "小区"]),
    ("楼", ["楼"]),
    ("停车,充电", ["停车", "充电"]),
    ("Wi-Fi覆盖", ["wi", "fi", "覆盖"]),
    ("12345热线", ["12345", "热线"]),
    ("同比下降17.3%", ["同比", "比下", "下降", "17.3%"]),
    ("\uff11\uff12元 \uff37\uff49", ["12", "元", "wi"]),
    ("物业 物业", ["物业", "物业"]),
    ("。、!", []),
    ("", []),
], ids=["bigrams", "lone", "punctuation-parts", "latin", "digits", "per-cent", "full-width", "repeated", "marks-only", "empty"])
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@given(st.text())
def test_terms_hold_no_space_and_do_not_change_when_folded_again(text: str) -> None:
    assert all(term and term == fold(term) and not any(map(str.isspace, term)) for term in terms(text))
    assert terms(fold(text)) == terms(text)


# -- Tantivy ------------------------------------------------------------------------------------------------------------


def bm25(query: list[str], documents: list[list[str]], *, k1: float = 1.2, b: float = 0.75) -> list[float]:
    """Score every document by the formula, term by term."""
    mean = sum(map(len, documents)) / len(documents)
    scores = []
    for document in documents:
        counts, score = Counter(document), 0.0
        for term in query:
            n = sum(term in other for other in documents)
            idf = math.log(1 + (len(documents) - n + 0.5) / (n + 0.5))
            score += idf * counts[term] * (k1 + 1) / (counts[term] + k1 * (1 - b + b * len(document) / mean))
        scores.append(score)
    return scores


def write_lexical(folder: Path, rows: list[tuple[str, str]], parts: int = 1) -> LexicalIndex:
    """Write rows to an index of as many parts, of like size."""
    folder.mkdir()
    cuts = [len(rows) * n // parts for n in range(parts + 1)]
    join_parts(folder, [write_part(folder, rows[a:b]) for a, b in pairwise(cuts)])
    return LexicalIndex(folder)


@pytest.fixture(scope="module")
def lexical(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    return write_lexical(tmp_path_factory.mktemp("lexical") / "lexical", [(text, "") for text in TEXTS])


@given(st.lists(st.sampled_from(sorted({t for text in TEXTS for t in terms(text)})), min_size=1, max_size=6, unique=True))
@settings(deadline=None)
def test_scores_are_bm25(lexical: LexicalIndex, query: list[str]) -> None:
    oracle = bm25(query, [terms(text) for text in TEXTS])
    found = lexical.search(dict.fromkeys(query, 1.0), len(TEXTS))
    assert set(found) == {row for row, score in enumerate(oracle) if score > 0}
    for row, score in found.items():
        assert score == pytest.approx(oracle[row], rel=0.05)  # Tantivy keeps a text's length in one byte
    first, *others = sorted(oracle, reverse=True)
    if first > 1.1 * others[0]:
        assert max(found, key=found.__getitem__) == oracle.index(first)


def test_rarity_is_the_formulas_idf(lexical: LexicalIndex) -> None:
    assert lexical.rarity("物业") == pytest.approx(math.log(1 + (6 - 2 + 0.5) / (2 + 0.5)))
    assert lexical.rarity("没影") == pytest.approx(math.log(1 + (6 + 0.5) / 0.5))


def test_a_heading_counts_less_than_the_text(tmp_path: Path) -> None:
    found = write_lexical(tmp_path / "lexical", [("甲乙丙丁。", "电梯"), ("电梯丙丁。", "甲乙")]).search({"电梯": 1.0}, 5)
    assert found[1] > found[0] > 0


def test_weights_multiply(lexical: LexicalIndex) -> None:
    one, half = lexical.search({"电梯": 1.0}, 5), lexical.search({"电梯": 0.5}, 5)
    assert half[4] == pytest.approx(one[4] / 2)


@pytest.mark.parametrize("weights", [{}, {"没影": 1.0}, {"a b": 1.0}, {"": 1.0}, {'"x" OR *': 1.0}],
                         ids=["none", "unknown", "blank", "empty", "syntax"])
def test_nothing_is_found_for_nothing(lexical: LexicalIndex, weights: dict[str, float]) -> None:
    assert lexical.search(weights, 5) == {}


def test_k_bounds_the_result(lexical: LexicalIndex) -> None:
    assert list(lexical.search({"社区": 1.0, "飞线": 1.0}, 1)) == [3]
    assert len(lexical.search({"社区": 1.0}, 99)) == 4


def test_an_empty_index_is_searched_in_vain(tmp_path: Path) -> None:
    index = write_lexical(tmp_path / "lexical", [])
    assert (len(index), index.search({"电梯": 1.0}, 5)) == (0, {})
    assert index.rarity("电梯") > 0


@pytest.mark.parametrize("parts", [2, 3, 6])
def test_many_parts_score_as_one(lexical: LexicalIndex, tmp_path: Path, parts: int) -> None:
    other = write_lexical(tmp_path / "lexical", [(text, "") for text in TEXTS], parts)
    assert len(other) == len(lexical)
    for term in sorted({t for text in TEXTS for t in terms(text)}):
        assert other.search({term: 1.0, "社区": 0.5}, 9) == lexical.search({term: 1.0, "社区": 0.5}, 9)
        assert other.rarity(term) == lexical.rarity(term)


def test_threads_share_one_index(lexical: LexicalIndex) -> None:
    queries = [dict.fromkeys(terms(text[i:i + 8]), 1.0) for text in TEXTS for i in range(10)]
    alone = [lexical.search(query, 6) for query in queries]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda query: lexical.search(query, 6), queries * 5)) == alone * 5
