"""What of a Markdown file is text, and where its articles begin. Run: python -m pytest -q tests/index/files/test_markdown_files.py"""

from dataclasses import dataclass, field

import pytest

from index.files.formats.plain import read_markdown
from index.pages.articles import read_articles
from index.types import Article, Source, text_at

ROAD = "松岭市修好了两条断头路,两岸居民出门不再绕行,孩子上学近了一公里。"
TALK = "芦湾县在22个村办起夜谈会,把村民、干部和企业请到一个院子里,半年议成190件。"
LINK = "[阅读全文](https://example.org/a_(1))"


def read(*lines: str) -> list[Article]:
    page = read_markdown("\n".join(lines).encode(), "a.md")
    articles = read_articles(Source(file="a.md", path="a.md", text=page.text, sha256="0", encoding="utf-8", headings=page.headings))
    assert all(text_at(page.text, s.spans) == s.text for a in articles for p in a.paragraphs for s in p.sentences)
    return articles


def body(article: Article) -> str:
    return "".join(s.text for p in article.paragraphs for s in p.sentences)


@dataclass(frozen=True)
class File:
    """A file, the headlines of its articles, the sections of the first, and the date."""

    id: str
    lines: list[str]
    titles: list[str]
    sections: list[str] = field(default_factory=lambda: [""])
    date: str = ""


NEWS = ["### 松岭修通两条路", "", ROAD, "", LINK, "", "### 芦湾办起夜谈会", "", TALK, "", LINK]
TITLES = ["松岭修通两条路", "芦湾办起夜谈会"]


@pytest.mark.parametrize("case", [
    File("list-of-headlines", ["# 早报 (20230714)", "## 提要", "- 松岭修通两条路", "- 芦湾办起夜谈会", "## 正文", *NEWS], TITLES, date="2023-07-14"),
    File("summary-in-words", ["# 早报 (20230714)", "## 提要", "松岭修通两条路;芦湾办起夜谈会。", "## 正文", *NEWS], TITLES, date="2023-07-14"),
    File("no-summary", ["# 早报 2023-07-14", "## 正文", *NEWS], TITLES),
    File("one-article-with-sections", ["# 松岭修通两条路", ROAD, "## 先修哪条", TALK, "## 后修哪条", "后来修的那条路" + TALK], ["松岭修通两条路"], ["", "先修哪条", "后修哪条"]),
    File("two-articles-with-sections", ["# 松岭修通两条路", ROAD, "## 先修哪条", TALK, "# 芦湾办起夜谈会", TALK], TITLES, ["", "先修哪条"]),
    File("sections-below-a-plain-headline", ["松岭修通两条路", "", ROAD, "", "## 先修哪条", "", TALK], ["松岭修通两条路"], ["", "先修哪条"]),
], ids=lambda case: case.id)
def test_headings(case: File) -> None:
    articles = read(*case.lines)
    assert [a.title for a in articles] == case.titles
    assert list(dict.fromkeys(p.section for p in articles[0].paragraphs)) == case.sections
    assert not case.date or {a.date for a in articles} == {case.date}


@pytest.mark.parametrize(("line", "text"), [
    (f"<p><strong>{ROAD}</strong></p>", ROAD),
    (f"{ROAD[:4]}**{ROAD[4:9]}**{ROAD[9:]}", ROAD),
    (f"{ROAD} {LINK}", ROAD + " 阅读全文"),
    (f"[{ROAD[:3]}](https://example.org){ROAD[3:]}", ROAD),
    (f"{ROAD}![照片](a.jpg)", ROAD),
    (f"- {ROAD}", ROAD),
    (f"> {ROAD}", ROAD),
    (f"{ROAD}<https://example.org>", ROAD),
    (f"{ROAD}<br/>", ROAD),
    ("居民张**反映,李**也说路灯坏了,社区当天就派人修好了灯。", "居民张**反映,李**也说路灯坏了,社区当天就派人修好了灯。"),
    ("每户每月收3~~5元,老人减半收1~~2元,账目每季度公布一次。", "每户每月收3~~5元,老人减半收1~~2元,账目每季度公布一次。"),
    ("面积算成2 ** 3 ** 4,居民说看不懂,社区改成了平方米来公布。", "面积算成2 ** 3 ** 4,居民说看不懂,社区改成了平方米来公布。"),
    ("气温<5度时,社区开放暖房,>30度时开放凉屋,居民都可以进来。", "气温<5度时,社区开放暖房,>30度时开放凉屋,居民都可以进来。"),
], ids=["tags", "bold", "link", "link-on-words", "picture", "item", "quotation", "address", "line-end", "masked-names", "ranges", "apart", "signs"])
def test_what_marks_words_up_is_no_text(line: str, text: str) -> None:
    article, = read("# 松岭修通两条路", "", line, "", TALK)
    assert body(article).replace(" ", "") == (text + TALK).replace(" ", "")


def test_the_rows_of_a_table_are_text() -> None:
    article, = read("# 松岭修通两条路", "", ROAD, "", "| 社区 | 地址 | 时间 |", "|---|:--:|---|", "| 枫桥社区 | 长安路8号 | 11:00 |", "| 石碾社区 | 石碾巷3号 | 12:00 |")
    assert [s.text for p in article.paragraphs for s in p.sentences][1:] == [
        "社区 | 地址 | 时间", "枫桥社区 | 长安路8号 | 11:00", "石碾社区 | 石碾巷3号 | 12:00"]


def test_many_marks_are_read_in_no_time() -> None:
    assert read_markdown(("**" * 90_000).encode(), "a.md").text
