"""Reading takes time in proportion to the text, whatever it repeats. Run: python -m pytest -q
tests/index/text/test_linear.py"""

import hashlib
import time
from collections.abc import Callable
from itertools import islice

import pytest

from assistant.verify.names import names_in
from index.files.formats.html import read_html
from index.files.formats.plain import read_markdown, read_text
from index.files.load import finish
from index.pages.articles import read_articles
from index.text.dates import dateline, iso_date, states_date
from index.text.language import is_english, language_of
from index.text.newspapers import paper_in
from index.text.normalize import printed
from index.text.numbers import figures_in, numbers_in, states_money, states_number
from index.text.places import find_mentions
from index.text.sentences import sentence_bounds
from index.text.tokens import terms
from index.types import Metadata

SIZE = 5_000
MOST = 2.5
"""Times that twice the text may take at most."""
NOISE = 0.004
"""Seconds that a busy machine may add."""

IN_A_LINE = [
    "()", "Mr. ", "a.m. ", "村", "日报", "街道社区", "社区", "和顺社区党委,", "院里", "精神家园", "北京医院", "王国华、", "社区党委组织居民把杂物清理干净",
    "“", "“好”", "。", "“好。”他说", "。(某某", "。王某摄", "。(王某摄)", "...", "a. ", "1", "1,", "三", "三块", "百分之", "壹佰", "廿", "三户", "12点", "12月", "12    ", "，", "居民种树，", "2024年5月6日", "二〇二四年", "民国 ",
    "\t|", "来源:", "记者", "图", "说:", "甲    乙", " (转", "讯 ", "分享 ", "社 ", "首页>", "图/张三 文某某 ", "张三 ", "—— ",
]
IN_LINES = {
    "the same body line": "社区党委组织居民把楼道里的杂物清理干净并且装上了灯。\n", "headlines": "社区党委组织居民\n\n居民把楼道里的杂物清理干净并且装上了灯。\n\n",
    "captions": "图为居民在楼道。王某摄\n", "date bars": "2024年5月6日 来源:云山日报\n", "digits": "123456\n", "names": "王国华\n", "open lines": "居民把楼道里的\n",
}
FUNCTIONS = (sentence_bounds, numbers_in, find_mentions, names_in, paper_in, dateline, iso_date, states_date, states_number, states_money,
             figures_in, terms, printed, is_english, language_of)


def seconds(read: Callable[[], object]) -> float:
    def once() -> float:
        started = time.process_time()
        read()
        return time.process_time() - started

    return min(once() for _ in range(3))


def page(text: str, form: Callable = read_text) -> Callable[[], object]:
    raw = text.encode()
    return lambda: read_articles(finish("a", "a", hashlib.sha256(raw), form(raw, "a"), Metadata()))


def repeated(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


def assert_linear(read: Callable[[int], Callable[[], object]]) -> None:
    for attempt in (1, 2, 3):  # each longer than the one before: where the machine was busy, the next is clearer
        small, large = (seconds(read(n * SIZE)) for n in (attempt, 2 * attempt))
        if large <= MOST * small + NOISE:
            return
    pytest.fail(f"{large:.3f} s for twice the text of {small:.3f} s")


@pytest.mark.parametrize("unit", IN_A_LINE)
def test_a_page_of_one_line(unit: str) -> None:
    assert_linear(lambda size: page(repeated(unit, size)))


@pytest.mark.parametrize("unit", IN_LINES.values(), ids=IN_LINES)
def test_a_page_of_like_lines(unit: str) -> None:
    assert_linear(lambda size: page(repeated(unit, size)))


@pytest.mark.parametrize("piece", ["第{}个社区装灯记\n\n居民把楼道里的杂物清理干净并且装上了灯。\n\n", "{}号社区的居民把杂物清理干净。\n", "{}里和{}院、{}社区"],
                         ids=["different headlines", "different places", "different places in a line"])
def test_a_page_of_different_names(piece: str) -> None:
    def text(size: int) -> str:
        named = ("".join("天地玄黄宇宙洪荒日月"[int(digit)] for digit in str(n)) for n in range(size))
        return "".join(islice((piece.replace("{}", name) for name in named), size // len(piece) + 1))[:size]

    assert_linear(lambda size: page(text(size)))


@pytest.mark.parametrize("line", ["# 社区{}b", "# a{}", "□{}b", "(转第3版{}b", "讯{}b", "12{}b", "来源:{}b", "图/张三{}b"])
def test_a_line_with_many_spaces(line: str) -> None:
    assert_linear(lambda size: page(line.format(" " * size), read_markdown))


@pytest.mark.parametrize("unit", ["<p>a", "<p>社区开会。</p>", "<a href=x>b</a>", "<div>茶</div>", "<td>茶</td>", "<?xml ", "<!-- ", "<b>茶"])
def test_a_web_page_of_like_pieces(unit: str) -> None:
    assert_linear(lambda size: page(f"<?xml {' ' * size}<html><body><p>社区开会，大家都说好。</p>{repeated(unit, size)}", read_html))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_each_reader_of_a_line(function: Callable[[str], object]) -> None:
    assert_linear(lambda size: lambda: [function(repeated(unit, size // 4)) for unit in IN_A_LINE])
