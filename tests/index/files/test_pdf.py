"""Characters of a PDF that are drawings, columns close to each other, upright pages, sentences that go on overleaf.
Run: python -m pytest -q tests/index/files/test_pdf.py"""

from pathlib import Path

import pytest

from index.errors import FileError
from index.files.formats.pdf import read_pdf
from index.pages.articles import read_articles
from index.types import Article, Source, text_at
from tests.fakes import made_files

DATA = Path(__file__).parents[2] / "data"
EAST = ("东洼社区请居民轮流清扫楼道，每户", "每月出一次工，排班表贴在单元门口", "，谁家有事可以和邻居换班，三个月", "来没有一户缺席。")
WEST = ("西洼社区改请保洁公司清扫楼道，每", "户每月收八元，账目每季度公布一次", "，居民可以到居委会查账，半年来只", "有一户没有交。")
RULES = ("竹园社区的公约写了五条，居民两年", "来必须照办，一共处理了十二件事，", "每件都有记录，贴在门口的公告栏里", "，一条也没有落下。")


def lines_of(raw: bytes) -> list[str]:
    return [line for line in read_pdf(raw, "a.pdf").text.split("\n") if line]


def articles(raw: bytes) -> list[Article]:
    page = read_pdf(raw, "a.pdf")
    found = read_articles(Source(file="a.pdf", path="a.pdf", text=page.text, sha256="0", encoding="pdf", headings=page.headings))
    assert all(text_at(page.text, s.spans) == s.text for a in found for p in a.paragraphs for s in p.sentences)
    return found


def side_by_side(gutter: float, by_row: bool) -> tuple[tuple[float, float, str], ...]:
    placed = [(50 + column * (160 + gutter), 700 - 15.0 * row, text)
              for column, texts in enumerate((EAST, WEST)) for row, text in enumerate(texts)]
    return tuple(sorted(placed, key=lambda line: -line[1]) if by_row else placed)


def test_characters_that_are_drawings_are_read_whole() -> None:
    """The page was printed by a browser: of its font (Type 3) pdfium knows the ink alone, of 一 a line."""
    assert lines_of((DATA / "drawn_font.pdf").read_bytes()) == [
        "松岭晚报 2025年4月8日 星期二", "门长有了名单", "松岭区东风街道槐荫社区的门长共有二十六名，一栋一名，二单元另设一人。",
        "每户每月交十二元，一年一百二十元，一口井两家用。"]


@pytest.mark.parametrize("by_row", [False, True], ids=["by-column", "by-row"])
@pytest.mark.parametrize("gutter", [10.0, 15.0])
def test_columns_one_character_apart(gutter: float, by_row: bool) -> None:
    assert lines_of(made_files.pdf_lines((side_by_side(gutter, by_row),))) == ["".join(EAST), "".join(WEST)]


def test_a_page_in_upright_columns() -> None:
    upright = tuple((500 - 18.0 * column, 700 - 10.0 * row, character) for column, text in enumerate(RULES) for row, character in enumerate(text))
    assert lines_of(made_files.pdf_lines((upright,))) == ["".join(RULES)]


@pytest.mark.parametrize("folios", [("1", "2"), ("- 1 -", "- 2 -"), ("第1页", "第2页"), ("1/2", "2/2")])
def test_a_sentence_that_goes_on_overleaf_is_one(folios: tuple[str, str]) -> None:
    first = ("居民说方便多了，老人歇脚不用再坐", "台阶。松岭区东风")
    second = ("街道槐荫社区把灯全部换成了感应灯", "，一共花了一万二千元。")
    pages = tuple((*((50.0, 700 - 15.0 * n, text) for n, text in enumerate(texts)), (280.0, 40.0, folio))
                  for texts, folio in zip((first, second), folios, strict=True))
    [article] = articles(made_files.pdf_lines(pages))
    found = [s for p in article.paragraphs for s in p.sentences]
    assert [s.text for s in found] == ["居民说方便多了，老人歇脚不用再坐台阶。", "松岭区东风街道槐荫社区把灯全部换成了感应灯，一共花了一万二千元。"]
    assert lines_of(made_files.pdf_lines(pages[:1]))[-1] == folios[0], "one number counts no pages"
    assert found[1].chain == ("松岭区", "东风街道", "槐荫社区")


@pytest.mark.parametrize(("ascent", "descent"), [(1328, -1036), (1900, -600), (880, -120)], ids=["typesetting", "taller", "usual"])
def test_digits_in_a_font_that_claims_much_room_stay_in_their_lines(ascent: int, descent: int) -> None:
    lines = (("松岭社区办起菜市",), ("松岭社区去年搭了", "18", "个摊位，一共花了"), ("52", "万元，可以停放三轮车"), ("160", "辆，居民都说方便。"),
             ("菜市由居委会看管，每天", "5", "点开门，晚上关灯。"))
    article, = articles(made_files.pdf_with_digits(lines, ascent, descent))
    assert article.title == "松岭社区办起菜市"
    assert [s.text.replace(" ", "") for p in article.paragraphs for s in p.sentences] == [
        "松岭社区去年搭了18个摊位，一共花了52万元，可以停放三轮车160辆，居民都说方便。", "菜市由居委会看管，每天5点开门，晚上关灯。"]


@pytest.mark.parametrize("sign", ["\x80", "\x9f", "\x91"])
def test_control_characters_in_place_of_punctuation_are_told(sign: str) -> None:
    lines = tuple((50.0, 700 - 15.0 * n, text.replace("，", sign).replace("。", sign)) for n, text in enumerate(EAST))
    raw = made_files.pdf_lines((lines,))
    with pytest.raises(FileError, match=r"damaged text layer.*OCR"):
        read_pdf(raw, "a.pdf")


@pytest.mark.parametrize("heads", [
    (("松岭晚报 2025年4月9日",), ("松岭晚报 2025年4月9日",)), (("松岭晚报 第1版",), ("松岭晚报 第2版",)), (("松岭晚报", "社区周刊"), ("松岭晚报", "社区周刊")),
], ids=["paper-and-day", "number-of-the-page", "two-lines"])
@pytest.mark.parametrize("foot", [False, True], ids=["head", "foot"])
def test_running_heads_part_no_sentence(heads: tuple[tuple[str, ...], ...], foot: bool) -> None:
    first = ("居民说方便多了，老人歇脚不用再坐", "台阶。松岭区东风")
    second = ("街道槐荫社区把灯全部换成了感应灯", "，一共花了一万二千元。")
    pages = tuple((*((50.0, 700 - 15.0 * n, text) for n, text in enumerate(texts)),
                   *((50.0 + 30 * n, (60 if foot else 760) - 20.0 * n, text) for n, text in enumerate(head)))
                  for texts, head in zip((first, second), heads, strict=True))
    [article] = articles(made_files.pdf_lines(pages))
    assert [s.text for p in article.paragraphs for s in p.sentences] == [
        "居民说方便多了，老人歇脚不用再坐台阶。", "松岭区东风街道槐荫社区把灯全部换成了感应灯，一共花了一万二千元。"]


TABLE = (("社区", "地址", "开放时间"), ("枫桥社区", "长安路8号", "11:00—12:30"), ("石碾社区", "石碾巷3号", "11:00—13:00"), ("白鹭社区", "河东街21号", "10:30—12:00"))


@pytest.mark.parametrize(("rows", "lefts"), [
    (TABLE, (60.0, 200.0, 340.0)), (tuple(row[::2] for row in TABLE), (60.0, 260.0)), (TABLE, (60.0, 115.0, 180.0)),
], ids=["three-columns", "two-columns", "close"])
@pytest.mark.parametrize("around", [False, True], ids=["alone", "between-text"])
def test_the_rows_of_a_table_stay_together(rows: tuple[tuple[str, ...], ...], lefts: tuple[float, ...], around: bool) -> None:
    above = ((50.0, 760.0, "松岭区的助餐点从五月起多开半小时，居民凭卡就餐，地址和时间列在下面的表里。"),) if around else ()
    below = ((50.0, 500.0, "没有办卡的老人带上身份证到社区登记，当天就能办好，第一个月每餐只收六块钱。"),) if around else ()
    cells = tuple((left, 700 - 20.0 * n, cell) for n, row in enumerate(rows) for left, cell in zip(lefts, row, strict=True))
    read = lines_of(made_files.pdf_lines(((*above, *cells, *below),)))
    assert read == [*(text for _, _, text in above), *(" | ".join(row) for row in rows), *(text for _, _, text in below)]
    [article] = articles(made_files.pdf_lines(((*above, *cells, *below),))) if around else [None]
    assert not around or [s.text for p in article.paragraphs for s in p.sentences][1:-1] == [" | ".join(row) for row in rows]
