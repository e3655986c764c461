"""Web pages as sites leave them. Run: python -m pytest -q tests/index/files/test_web_pages.py"""

import pytest

from index.files.formats.html import read_html
from index.pages.articles import read_articles
from index.types import Article, Source, text_at

FIRST = "松岭社区的楼道里到处是乱堆的旧家具。"
SECOND = "社区请来居民代表坐在一起商量,把旧家具都搬到了院里的棚子下面,还给棚子装了灯。"
ORDER = "会议决定:在全市老旧院落修建凉亭一百二十座,供老人歇脚,由各街道负责,年底前完工。"
MENU = "<div><a href='/'>首页</a><script>function open(event) { go(); }</script><style>.a {}</style></div>"


def read(html: str) -> list[Article]:
    page = read_html(html.encode(), "a.html")
    articles = read_articles(Source("a.html", "a.html", page.text, "0", "utf-8", page.metadata, page.headings))
    assert all(text_at(page.text, s.spans) == s.text for a in articles for p in a.paragraphs for s in p.sentences)
    return articles


def body(article: Article) -> str:
    return "".join(s.text for p in article.paragraphs for s in p.sentences)


@pytest.mark.parametrize("inside", [
    f"<p>{FIRST}<br><b>大家想办法</b><br>{SECOND}</p>",
    f"<div>{FIRST}<br/><b>大家想办法</b><br/>{SECOND}</div>",
    f"<div>\n{FIRST}<br>\n<strong>大家想办法</strong><br>\n{SECOND}<br>\n</div>",
    f"<td>{FIRST}<br><br>大家想办法<br><br>{SECOND}</td>",
], ids=["p", "div", "div-with-line-ends", "cell"])
@pytest.mark.parametrize("times", [1, 6], ids=["short", "long"])
def test_a_line_ends_where_a_br_stands(inside: str, times: int) -> None:
    more = "".join(f"<p>第{n}栋的棚子也搭好了,{SECOND}</p>" for n in range(times - 1))
    article, = read(f"<html><head><title>松岭社区清楼道</title></head><body><h1>松岭社区清楼道</h1>{inside}{more}</body></html>")
    assert [(p.section, "".join(s.text for s in p.sentences)) for p in article.paragraphs][:2] == [("", FIRST), ("大家想办法", SECOND)]


@pytest.mark.parametrize("html", [
    f"<html><head><title>松岭市关于修建凉亭的决定</title></head><body>{MENU}</html><div><p>{ORDER}</p></div></body></html>",
    f"<html><head><title>松岭市关于修建凉亭的决定</title></head><body>{MENU}</body></html>\n<!-- text -->\n<p>{ORDER}</p>",
    f"<html><head><title>松岭市关于修建凉亭的决定</title></head><body>{MENU}<p>{ORDER}</p></body></html>",
    f"<HTML><HEAD><TITLE>松岭市关于修建凉亭的决定</TITLE></HEAD><BODY>{MENU}</HTML><TABLE><TR><TD>{ORDER}</TD></TR></TABLE></BODY></HTML>",
], ids=["end-behind-the-head", "all-behind-the-end", "whole", "capitals"])
def test_a_page_put_together_of_parts_keeps_its_text_and_no_script(html: str) -> None:
    article, = read(html)
    assert (article.title, body(article)) == ("松岭市关于修建凉亭的决定", ORDER)


@pytest.mark.parametrize("code", ["<script>alert('松岭社区办了食堂。')</script>", "<noscript>请开启脚本以浏览本站。</noscript>", "<style>p { content: '好。' }</style>"])
def test_scripts_are_never_text(code: str) -> None:
    article, = read(f"<html><head><title>松岭市关于修建凉亭的决定</title></head><body><p>{ORDER}</p>{code}</body></html>")
    assert body(article) == ORDER


@pytest.mark.parametrize(("said", "byline"), [
    ("name, email@gmail.com", ""), ("admin", ""), ("your name", ""), ("site@example.org", ""), ("苏晴", "苏晴"), ("Lin Qiao", "Lin Qiao"),
    ("Lin Qiao and Zhou Wen", "Lin Qiao and Zhou Wen"),
])
def test_what_a_template_says_is_no_byline(said: str, byline: str) -> None:
    article, = read(f"<html><head><title>松岭市修凉亭</title><meta name='author' content='{said}'></head><body><h1>松岭市修凉亭</h1><p>{ORDER}</p></body></html>")
    assert article.byline == byline


@pytest.mark.parametrize(("title", "heads", "headline"), [
    ("松岭市修凉亭 - 松岭政府网", "<h1>松岭政府网</h1><h2>松岭市修好凉亭，一百二十处老人有了歇脚点</h2>", "松岭市修好凉亭，一百二十处老人有了歇脚点"),
    ("松岭政府网", "<h1>松岭政府网</h1><h2>松岭市修好凉亭，一百二十处老人有了歇脚点</h2>", "松岭市修好凉亭，一百二十处老人有了歇脚点"),
    ("松岭市修凉亭_松岭市人民政府", "<h1>松岭市人民政府</h1><h3>松岭市修好凉亭，一百二十处老人有了歇脚点</h3>", "松岭市修好凉亭，一百二十处老人有了歇脚点"),
    ("松岭市修好凉亭，老人有了歇脚点 - 松岭政府网", "<h1>松岭政府网</h1><h2>松岭市修好凉亭，老人有了歇脚点</h2>", "松岭市修好凉亭，老人有了歇脚点"),
    ("松岭市修凉亭", "<h1>松岭市修凉亭</h1><h2>先从老院落修起</h2>", "松岭市修凉亭"),
], ids=["site-and-title", "site-only", "office", "title-is-head", "plain"])
def test_the_name_of_the_site_is_no_headline(title: str, heads: str, headline: str) -> None:
    article, = read(f"<html><head><title>{title}</title></head><body>{heads}<p>{ORDER}</p><p>{SECOND}</p></body></html>")
    assert article.title == headline
