"""Every format: what was put in comes out, in order, without what is no article. Run: python -m pytest -q
tests/index/files/test_formats.py"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from opencc import OpenCC

from index.catalog.catalog import Catalog
from index.files.discover import find_files
from index.files.load import PAGES, SUFFIXES
from index.ingest.corpus import Corpus
from index.pages.articles import read_articles
from index.pages.line_reasons import LineReason
from index.pages.page_labels import label_lines
from index.types import Article, Source, text_at
from tests.fakes import made_files
from tests.fakes.hash_encoder import HashEncoder

JUNK = (*made_files.MENU, *made_files.RELATED, "分享到", "当前位置", "关于我们", "上一版", "往期推荐", "track(", "color:red")


def read(tmp_path: Path, name: str, raw: bytes) -> Source:
    (tmp_path / name).write_bytes(raw)
    [found] = find_files(tmp_path / name)
    return found.read()


def body(article: Article) -> str:
    return "".join(s.text for p in article.paragraphs for s in p.sentences)


def assert_offsets(source: Source) -> None:
    for article in read_articles(source):
        for sentence in (s for p in article.paragraphs for s in p.sentences):
            assert text_at(source.text, sentence.spans) == sentence.text


# -- web pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "encoding", "paper", "date"), [
    (made_files.html_news, "utf-8", "云泽日报", "2024-05-06"),
    (made_files.html_news, "gb18030", "云泽日报", "2024-05-06"),
    (made_files.html_tables, "gb18030", "柳溪日报", "2024-05-06"),
    (made_files.html_post, "utf-8", "", "2024-05-06"),
    (made_files.html_epaper, "utf-8", "", "2024-05-06"),
], ids=["news-site", "news-site-gbk", "tables-gb2312", "post", "e-paper"])
def test_the_article_of_a_web_page(tmp_path: Path, make: Callable[[], str], encoding: str, paper: str, date: str) -> None:
    source = read(tmp_path, "page.html", make().encode(encoding))
    [article] = read_articles(source)
    assert article.title == "一部电梯装成了"
    assert (article.date, article.source) == (date, paper)
    text = body(article)
    assert all(paragraph in text for paragraph in made_files.PARAGRAPHS)
    assert not [junk for junk in JUNK if junk in text]
    assert source.encoding == encoding
    assert_offsets(source)


def test_headings_inside_a_web_page_are_sections(tmp_path: Path) -> None:
    [article] = read_articles(read(tmp_path, "page.html", made_files.html_news().encode()))
    assert [p.section for p in article.paragraphs][-1] == "“飞线”落了地"
    assert body(article).endswith(made_files.OTHERS[0])


def test_a_declared_charset_is_believed_where_bytes_can_be_both(tmp_path: Path) -> None:
    page = made_files.html_news(charset="big5")
    source = read(tmp_path, "page.html", OpenCC("s2t").convert(page).encode("big5", "ignore"))
    assert source.encoding == "big5hkscs"
    assert "社區" in source.text


@pytest.mark.parametrize(("head", "field", "value"), [
    ('<meta name="author" content="程小满">', "byline", "程小满"),
    ('<meta name="author" content="admin">', "byline", ""),
    ('<meta property="article:published_time" content="2023-01-02T08:00:00+08:00">', "date", "2023-01-02"),
], ids=["author", "account", "published"])
def test_what_the_page_says_in_its_head(tmp_path: Path, head: str, field: str, value: str) -> None:
    source = read(tmp_path, "page.html", made_files.html_news(head=head).encode())
    assert getattr(source.metadata, field) == value


def test_a_short_page_is_read_whole(tmp_path: Path) -> None:
    page = "<html><body><div><p>玉兰苑社区装好了电梯，一楼不出钱。</p></div></body></html>"
    assert "玉兰苑社区装好了电梯，一楼不出钱。" in read(tmp_path, "page.html", page.encode()).text


@pytest.mark.parametrize("name", [
    "<ruby>仝<rt>tóng</rt></ruby>明远", "<ruby>仝<rp>(</rp><rt>tóng</rt><rp>)</rp>明<rt>míng</rt></ruby>远", "<ruby><rb>仝</rb><rt>tóng</ruby>明远",
    "<ruby><ruby>仝<rt>tóng</rt></ruby><rt>姓<rt>名</rt></rt></ruby>明远",
], ids=["bare", "brackets", "unclosed", "nested"])
def test_readings_above_characters_are_no_text(tmp_path: Path, name: str) -> None:
    text = f"居民{name}说，这个电动车棚建得好，社区里再没有人拉飞线充电，夜里睡得也踏实多了。"
    for paragraphs in ((text,), (*made_files.PARAGRAPHS, text)):
        assert "居民仝明远说，这个电动车棚建得好" in read(tmp_path, "page.html", made_files.html_news(paragraphs).encode()).text


def test_markup_in_a_page_stays_text_and_is_not_run(tmp_path: Path) -> None:
    page = made_files.html_news((*made_files.PARAGRAPHS, "他写下&lt;script&gt;alert(1)&lt;/script&gt;这几个字，大家都笑了，说这回可算明白。"))
    assert "<script>alert(1)</script>" in read(tmp_path, "page.html", page.encode()).text


# -- Word ---------------------------------------------------------------------------------------------------------------


def test_a_bulletin_of_two_articles(tmp_path: Path) -> None:
    source = read(tmp_path, "简报.docx", made_files.docx_bulletin())
    first, second = read_articles(source)
    assert (first.title, first.byline, second.title) == ("一部电梯装成了", "本报记者 苏晴", "飞线落了地")
    assert all(text in body(first) for text in made_files.PARAGRAPHS)
    assert [p.section for p in first.paragraphs][-1] == "大家来出主意"
    assert body(second) == "".join(made_files.OTHERS), "the text box too, and once"
    assert "玉兰苑社区 | 230户 | 14台" in source.text.split("\n")
    assert_offsets(source)


def test_a_documents_properties_are_not_believed(tmp_path: Path) -> None:
    assert read(tmp_path, "a.docx", made_files.docx_bulletin()).metadata == read(tmp_path, "b.docx", made_files.docx_bulletin(False)).metadata
    [first, _] = read_articles(read(tmp_path, "c.docx", made_files.docx_bulletin()))
    assert (first.date, first.source) == ("", "")


# -- PDF ----------------------------------------------------------------------------------------------------------------

PAGE = (("一部电梯装成了", made_files.PARAGRAPHS * 2), ("飞线落了地", made_files.OTHERS))


@pytest.mark.parametrize(("columns", "scrambled"), [(1, False), (2, False), (3, False), (3, True), (5, True)],
                         ids=["1", "2", "3", "3-by-row", "5-by-row"])
def test_columns_are_read_one_after_the_other(tmp_path: Path, columns: int, scrambled: bool) -> None:
    source = read(tmp_path, "page.pdf", made_files.pdf_columns(PAGE, columns, scrambled))
    assert source.text.replace("\n", "") == "".join(head + "".join(texts) for head, texts in PAGE)
    first, second = read_articles(source)
    assert (first.title, second.title) == ("一部电梯装成了", "飞线落了地")
    assert body(second) == "".join(made_files.OTHERS), "a paragraph that goes on in the next column is joined"
    assert_offsets(source)


def test_two_articles_side_by_side(tmp_path: Path) -> None:
    source = read(tmp_path, "page.pdf", made_files.pdf_columns((("一部电梯装成了", made_files.PARAGRAPHS), ("", ()), ("飞线落了地", made_files.OTHERS)), 2))
    assert source.text.replace("\n", "") == "一部电梯装成了" + "".join(made_files.PARAGRAPHS) + "飞线落了地" + "".join(made_files.OTHERS)


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    for name, raw in (("a.pdf", made_files.pdf_columns(PAGE)), ("a.docx", made_files.docx_bulletin()), ("a.html", made_files.html_news().encode())):
        assert read(tmp_path, name, raw) == read(tmp_path, name, raw)


# -- Markdown -----------------------------------------------------------------------------------------------------------


def test_markdown_headings(tmp_path: Path) -> None:
    text = "\n".join(("# 一部电梯装成了", "", made_files.PARAGRAPHS[0], "", "## 大家来出主意 ##", "", made_files.PARAGRAPHS[1], "",
                      "# 飞线落了地", "", made_files.OTHERS[0], ""))
    source = read(tmp_path, "page.md", text.encode())
    assert source.text == text, "offsets are those of the file"
    first, second = read_articles(source)
    assert (first.title, second.title) == ("一部电梯装成了", "飞线落了地")
    assert [p.section for p in first.paragraphs] == ["", "大家来出主意"]
    assert source.text[second.start:second.end].startswith("飞线落了地")


# -- tables -------------------------------------------------------------------------------------------------------------

ROWS = [
    {"id": "a1", "title": "一部电梯装成了", "text": "".join(made_files.PARAGRAPHS), "source": "云泽日报", "date": "2024-05-06",
     "place": "柳溪区桃园街道玉兰苑社区", "byline": "苏晴", "url": "http://example.com/1"},
    {"id": "a2", "title": "飞线落了地", "text": "\n".join(made_files.OTHERS), "date": "某年某月"},
]


def as_csv(rows: list[dict], names: dict[str, str], delimiter: str = ",") -> str:
    def cell(value: str) -> str:
        return '"' + value.replace('"', '""') + '"'

    lines = [delimiter.join(names.values())] + [delimiter.join(cell(row.get(name, "")) for name in names) for row in rows]
    return "\n".join(lines)


ENGLISH = {name: name for name in ROWS[0]}
CHINESE = dict(zip(ROWS[0], ("编号", "标题", "正文", "来源", "日期", "地点", "记者", "网址"), strict=True))


@pytest.mark.parametrize(("name", "raw"), [
    ("新闻.jsonl", "\n".join(json.dumps(row) for row in ROWS).encode()),
    ("新闻.csv", as_csv(ROWS, ENGLISH).encode("utf-8-sig")),
    ("新闻.csv", as_csv(ROWS, CHINESE).encode("gb18030")),
    ("新闻.csv", as_csv(ROWS, CHINESE, "\t").encode()),
    ("新闻.csv", f"sep=;\n{as_csv(ROWS, CHINESE, ';')}".encode("utf-8-sig")),
    ("新闻.csv", f"三月新闻一览\n\n{as_csv(ROWS, CHINESE, ';')}".encode()),
    ("新闻.csv", f"三月新闻一览,,,,,,,\n{as_csv(ROWS, CHINESE)}".encode()),
    ("新闻.jsonl", "\n".join(json.dumps({CHINESE[k]: v for k, v in row.items()}, ensure_ascii=False) for row in ROWS).encode()),
], ids=["jsonl", "csv-excel", "csv-chinese-gbk", "csv-tabs", "csv-sep", "csv-title", "csv-title-of-cells", "jsonl-chinese"])
def test_rows_are_articles(tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / name).write_bytes(raw)
    first, second = (found.read() for found in find_files(tmp_path / name))
    assert (first.file, second.file) == (f"{name}#a1", f"{name}#a2")
    assert (first.text, second.text) == (ROWS[0]["text"], ROWS[1]["text"]), "offsets are those of the text column"
    [article] = read_articles(first)
    assert (article.title, article.source, article.date) == ("一部电梯装成了", "云泽日报", "2024-05-06")
    assert (article.place, article.byline, first.metadata.url) == ("柳溪区桃园街道玉兰苑社区", "苏晴", "http://example.com/1")
    [article] = read_articles(second)
    assert (article.title, article.date, body(article)) == ("飞线落了地", "", "".join(made_files.OTHERS))


def test_a_long_article_is_one_field(tmp_path: Path) -> None:
    text = "松岭社区办起了菜市。\n" * 15_000
    (tmp_path / "a.csv").write_text(f'标题,正文\n菜市,"{text}"\n', "utf-8")
    [found] = find_files(tmp_path / "a.csv")
    assert len(found.read().text) == len(text) > 131_072


@pytest.mark.parametrize("text", ["市民卡可以坐公交", "1984年出生于柳溪", "Residents pay nothing on the first floor", "一\n二\n三",
                                  f"{made_files.OTHERS[0]}请扫码关注公众号，点击阅读原文，转载请联系我们。"])
def test_a_row_is_text_however_short_its_lines_are(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"title": "题", "text": text}), "utf-8")
    [found] = find_files(tmp_path / "a.jsonl")
    [article] = read_articles(found.read())
    assert body(article).replace("\n", "") == text.replace("\n", "")


def test_rows_without_an_id_have_their_line_for_one(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "一。"}\n\n{"text": "二。"}\n', "utf-8")
    assert [found.file for found in find_files(tmp_path / "a.jsonl")] == ["a.jsonl#1", "a.jsonl#3"]


# -- archives -----------------------------------------------------------------------------------------------------------


def test_an_archive_of_everything(tmp_path: Path) -> None:
    members = {"甲/page.txt": "一张茶桌\n\n东风里社区摆出一张茶桌。".encode("gb18030"), "page.html": made_files.html_news().encode(),
               "a.docx": made_files.docx_bulletin(), "b.pdf": made_files.pdf_columns(PAGE), "rows.jsonl": json.dumps(ROWS[0]).encode(),
               "style.css": b"p {}", "__MACOSX/page.html": b"x"}
    (tmp_path / "all.zip").write_bytes(made_files.zipped(members))
    sources = [found.read() for found in find_files(tmp_path / "all.zip")]
    assert [s.file for s in sources] == ["all.zip/a.docx", "all.zip/b.pdf", "all.zip/page.html", "all.zip/rows.jsonl#a1",
                                         "all.zip/甲/page.txt"]
    assert len({s.path for s in sources}) == len(sources)
    assert all(read_articles(source) for source in sources)


def test_names_that_windows_packed_are_chinese(tmp_path: Path) -> None:
    name = "社区.txt".encode("gbk")
    raw = made_files.zipped({"x" * len(name): "玉兰苑社区装好了电梯。".encode()}).replace(b"x" * len(name), name)
    (tmp_path / "a.zip").write_bytes(raw)
    assert [found.file for found in find_files(tmp_path / "a.zip")] == ["a.zip/社区.txt"]


# -- in the index -------------------------------------------------------------------------------------------------------


def test_what_a_format_says_is_stored_and_survives_a_rebuild(tmp_path: Path) -> None:
    pages, home = tmp_path / "pages", tmp_path / "home"
    pages.mkdir()
    (pages / "a.docx").write_bytes(made_files.docx_bulletin())
    (pages / "b.jsonl").write_text(json.dumps(ROWS[0]), "utf-8")
    outcomes = Corpus(home, HashEncoder()).add([pages])
    assert [(o.file, o.status, o.articles) for o in outcomes] == [("a.docx", "added", 2), ("b.jsonl#a1", "added", 1)]
    catalog = Catalog(home)
    before, source = catalog.articles(), catalog.source("a.docx")
    catalog.close()
    assert source == find_files(pages / "a.docx")[0].read()
    Corpus(home, HashEncoder()).rebuild()
    catalog = Catalog(home)
    assert catalog.articles() == before
    catalog.close()
    assert {o.status for o in Corpus(home, HashEncoder()).add([pages])} == {"unchanged"}


def test_every_known_kind_is_tested_here() -> None:
    assert set(SUFFIXES) == {*PAGES, ".jsonl", ".csv", ".zip"}
    assert set(PAGES) == {".txt", ".md", ".html", ".htm", ".docx", ".pdf"}


def test_the_reasons_name_the_file_as_their_source(tmp_path: Path) -> None:
    source = read(tmp_path, "a.docx", made_files.docx_bulletin())
    marked = [line for line in label_lines(source.text, source.headings) if line.reason is LineReason.MARKED_HEADING]
    assert [(line.label, line.text) for line in marked] == [
        ("headline", "一部电梯装成了"), ("section", "大家来出主意"), ("headline", "飞线落了地")]
