"""Pages that were once read wrong, one case a kind of fault and others like it. Run: python -m pytest -q
tests/index/pages/test_page_faults.py"""

from dataclasses import dataclass, field

import pytest

from index.types import Article
from tests.fakes.made_pages import read

LONG = "松岭社区把旧锅炉房改成了菜市,二十个摊位都租给本院的居民,摊位费一年收一次。"
MORE = "菜市由居委会管,每天早上六点开门,物业派人打扫,居民说买菜近了,也便宜了。"
CALL = "芦湾县在22个村办起夜谈会,把村民、干部和企业请到一个院子里。半年里议成修路、装灯等事项190件。"
GRID = "松岭市把老城分成64个片区,每个片区配齐两名楼长。小事由楼长管,难事由街道管,去年办结诉求2700件。"


def sentences(article: Article) -> list[str]:
    return [s.text for p in article.paragraphs for s in p.sentences]


@dataclass(frozen=True)
class Kept:
    """Lines under a headline, and those of them that must be the text."""

    id: str
    lines: list[str]
    text: list[str]


LEAD = "松岭社区把旧锅炉房改成菜市,每个摊位一年只收六百块。"
CREDIT = "(纪云帆 摄)"


@pytest.mark.parametrize("case", [
    Kept("short-lead", [LEAD, MORE], [LEAD, MORE]),
    Kept("short-lead-full-width", [LEAD.replace(",", "\uff0c"), MORE], [LEAD.replace(",", "\uff0c"), MORE]),
    Kept("short-lead-traditional", ["松嶺社區把舊鍋爐房改成菜市,每個攤位一年祇收六百塊。", MORE], ["松嶺社區把舊鍋爐房改成菜市,每個攤位一年祇收六百塊。", MORE]),
    Kept("short-lead-on-a-page-with-a-photo", [LEAD, MORE, "", "图为居民在买菜。" + CREDIT], [LEAD, MORE]),
    Kept("dated-lead-on-a-page-with-a-photo", ["5月3日,松岭社区的菜市开张。", MORE, "", "图为居民在买菜。" + CREDIT], ["5月3日,松岭社区的菜市开张。", MORE]),
    Kept("caption-under-the-headline", ["居民在菜市挑选蔬菜。", CREDIT, "", LONG, MORE], [LONG, MORE]),
    Kept("credit-below-the-text", [LONG, MORE + LEAD, CREDIT], [LONG, MORE, LEAD]),
    Kept("lead-above-a-section-head", [LEAD, "先把摊位摆好", LONG + MORE], [LEAD, LONG, MORE]),
    Kept("dash", [LONG, "", "——菜市很快有了二十个摊主。", "", MORE], [LONG, "——菜市很快有了二十个摊主。", MORE]),
    Kept("dash-half", [LONG, "", "--第二年又添了六个摊位!", "", MORE], [LONG, "--第二年又添了六个摊位!", MORE]),
    Kept("dash-speaker", [LONG, "——松岭市民政局局长 邵长庚", MORE], [LONG, MORE]),
    Kept("lead-with-a-photographer-behind", [f"{LONG}新华社记者何一平摄", MORE], [LONG, MORE]),
    Kept("caption-with-a-photographer-behind", ["居民在菜市挑选蔬菜。纪云帆摄", LONG, MORE], [LONG, MORE]),
    Kept("agency-behind-a-stop", [f"{LONG}松岭网发", MORE], [LONG, MORE]),
    Kept("agency-with-space", [f"{LONG} 华南社供稿", MORE], [LONG, MORE]),
    Kept("reporter-behind-a-stop", [f"{LONG}本报记者 苏晴", MORE], [LONG, MORE]),
    Kept("sentence-that-goes-on", [f"{LONG}社区网", f"格员每天巡查。{MORE}"], [LONG, "社区网格员每天巡查。", MORE]),
    Kept("reporter-who-goes-on", [f"{LONG}本报记者从社区", f"了解到,摊位还要加。{MORE}"], [LONG, "本报记者从社区了解到,摊位还要加。", MORE]),
], ids=lambda case: case.id)
def test_what_is_text(case: Kept) -> None:
    article, = read("松岭社区办菜市", "", *case.lines)
    assert "".join(sentences(article)) == "".join(case.text)


@dataclass(frozen=True)
class Opened:
    """A page, and the headlines and places of its articles."""

    id: str
    lines: list[str]
    titles: list[str]
    places: list[str] = field(default_factory=list)
    bylines: list[str] = field(default_factory=list)


BRIEFS = ["本报松岭讯\uff08通讯员宋组轩\uff09松岭市新建楼道小组38个。", "小组每周碰头。", "", "本报芦湾讯\uff08通讯员鲁组轩\uff09芦湾县组建车队6支。", "队员接送老人。"]


@pytest.mark.parametrize("case", [
    Opened("place-and-colon", ["东川省松岭市\uff1a “两长一员”管好小事", "", GRID, "", "图为楼长入户走访", "", "东川省芦湾县\uff1a “夜谈会”商量村里事", "", CALL, "", "图为村民在夜谈会上"],
           ["东川省松岭市\uff1a “两长一员”管好小事", "东川省芦湾县\uff1a “夜谈会”商量村里事"], ["东川省松岭市", "东川省芦湾县"]),
    Opened("place-and-half-colon", ["松岭市:楼长管小事", "", GRID, "", "芦湾县:夜谈会商量村里事", "", CALL], ["松岭市:楼长管小事", "芦湾县:夜谈会商量村里事"],
           ["松岭市", "芦湾县"]),
    Opened("place-in-brackets", ["【松岭市】楼长管小事", GRID, "【芦湾县】夜谈会商量村里事", CALL], ["【松岭市】楼长管小事", "【芦湾县】夜谈会商量村里事"], ["松岭市", "芦湾县"]),
    Opened("place-traditional", ["松嶺市\uff1a樓長管小事", "", GRID, "", "蘆灣縣\uff1a夜談會商量村裏事", "", CALL], ["松嶺市\uff1a樓長管小事", "蘆灣縣\uff1a夜談會商量村裏事"]),
    Opened("place-on-its-own-line", ["松岭市青山区\uff1a", "“两长一员”管好小事", "", GRID, "", "松岭市白沙区\uff1a", "“夜谈会”商量村里事", "", CALL],
           ["“两长一员”管好小事", "“夜谈会”商量村里事"], ["松岭市青山区", "松岭市白沙区"]),
    Opened("short-place-on-its-own-line", ["松岭市:", "“两长一员”管好小事", "", GRID, "", "芦湾县:", "“夜谈会”商量村里事", "", CALL],
           ["“两长一员”管好小事", "“夜谈会”商量村里事"], ["松岭市", "芦湾县"]),
    Opened("sections-by-place", ["楼长和夜谈会", "", LONG, "", "松岭市:楼长管小事", "", GRID, "", "芦湾县:夜谈会", "", CALL], ["楼长和夜谈会"]),
    Opened("briefs", BRIEFS, ["", ""], ["松岭市", "芦湾县"], ["本报松岭讯\uff08通讯员宋组轩\uff09", "本报芦湾讯\uff08通讯员鲁组轩\uff09"]),
    Opened("briefs-with-a-day", ["本报松岭5月3日讯(记者 苏晴)" + GRID, MORE, "", "本报芦湾5月4日讯(记者 宋临)" + CALL], ["", ""], ["松岭市", "芦湾县"],
           ["本报松岭5月3日讯(记者 苏晴)", "本报芦湾5月4日讯(记者 宋临)"]),
    Opened("briefs-in-brackets", ["【本报松岭讯】" + GRID, MORE, "", "【本报芦湾讯】" + CALL], ["", ""], ["松岭市", "芦湾县"], ["【本报松岭讯】", "【本报芦湾讯】"]),
    Opened("briefs-traditional", ["本報松嶺訊\uff08通訊員宋組軒\uff09" + GRID, "本報蘆灣訊\uff08通訊員魯組軒\uff09" + CALL], ["", ""], ["松岭市", "芦湾县"]),
    Opened("brief-under-its-headline", ["楼长管小事", "", "本报讯(记者 苏晴)" + GRID, "", MORE], ["楼长管小事"], ["松岭市"]),
    Opened("app-under-the-bar", ["松岭社区:四招管住楼道杂物", "来源: 李四 2023-06-02 11:05:09 责编: 王五", "", "松岭日报第二端", "", "封面", "", LONG, MORE],
           ["松岭社区:四招管住楼道杂物"], [], [""]),
    Opened("app-without-a-bar", ["四招管住楼道杂物", "松岭日报第二端", "[图片]", LONG, MORE], ["四招管住楼道杂物"], [], [""]),
    Opened("reporters-traditional", ["頂樓漏水鬧不和,樓長四訪說和", "", "松嶺新聞記者 周一安", "", "通訊員 李四 張五", "", LONG, MORE], ["頂樓漏水鬧不和,樓長四訪說和"], [],
           ["松嶺新聞記者 周一安 通訊員 李四 張五"]),
    Opened("reporters-of-an-app", ["四招管住楼道杂物", "看松岭客户端首席记者 苏晴 通讯员 冯雷", LONG, MORE], ["四招管住楼道杂物"], [], ["看松岭客户端首席记者 苏晴 通讯员 冯雷"]),
    Opened("reporter-and-trainee", ["四招管住楼道杂物", "松岭观察记者 苏晴 实习生 冯雷", LONG, MORE], ["四招管住楼道杂物"], [], ["松岭观察记者 苏晴 实习生 冯雷"]),
    Opened("reporter-is-the-subject", ["小记者走进菜市", LONG, MORE], ["小记者走进菜市"], [], [""]),
    Opened("picture-link", ["![]()", "松岭社区坐落在河边,有居民六百户。", LONG, MORE], [""]),
    Opened("picture-link-with-a-name", ["四招管住楼道杂物", "![封面](https://example.org/a.jpg)", LONG, MORE], ["四招管住楼道杂物"]),
    Opened("poem", ["旧门", "", "旧门上的铜环", "又亮了一回", "雨从檐下过", "打湿谁的伞", "", "钟响了", "老人出门", "手里的灯", "照着台阶", "像一条河"], ["旧门"]),
    Opened("poem-in-one-piece", ["旧门", "旧门上的铜环", "又亮了一回", "雨从檐下过", "打湿谁的伞"], ["旧门"]),
    Opened("menu", ["首页", "新闻中心", "政务公开", "便民服务", "专题专栏", "互动交流"], []),
], ids=lambda case: case.id)
def test_where_articles_begin(case: Opened) -> None:
    articles = read(*case.lines)
    assert [a.title for a in articles] == case.titles
    assert not case.places or [a.place for a in articles] == case.places
    assert not case.bylines or [a.byline for a in articles] == case.bylines


def test_the_stanzas_of_a_poem_are_paragraphs() -> None:
    article, = read("旧门", "", "旧门上的铜环", "又亮了一回", "", "钟响了", "老人出门")
    assert ["".join(s.text for s in p.sentences) for p in article.paragraphs] == ["旧门上的铜环又亮了一回", "钟响了老人出门"]


@pytest.mark.parametrize(("lines", "date"), [
    ([LONG, "加载更多", "-", "远方的河需要一座桥", "2017-04-05 07:31:20"], ""),
    ([LONG, "远方的河需要一座桥", "2017-04-05 07:31:20", "另一条河也要", "2017-04-06 07:31"], ""),
    ([LONG, "远方的河需要一座桥 2017-04-05 07:31:20", "另一条河也要修桥 2017-04-06 07:31"], ""),
    ([LONG, "2017-04-05 07:31:20 来源:松岭日报"], "2017-04-05"),
    ([LONG, "松岭市民政局", "2017年4月5日"], "2017-04-05"),
    (["2017-04-05 07:31:20 来源:松岭日报", LONG, "加载更多", "远方的河需要一座桥", "2016-01-02 07:31:20"], "2017-04-05"),
], ids=["list", "list-without-a-head", "list-in-one-line", "bar-below", "signature", "bar-above"])
def test_the_date_of_another_article_is_not_its_own(lines: list[str], date: str) -> None:
    article, = read("松岭社区办菜市", *lines)
    assert article.date == date


@pytest.mark.parametrize(("source", "paper"), [("李四", ""), ("周一安", ""), ("松岭网", "松岭网"), ("松岭日报", "松岭日报"), ("新浪", "新浪")])
def test_an_author_is_no_newspaper(source: str, paper: str) -> None:
    article, = read("松岭社区办菜市", f"来源: {source} 2023-06-02 11:05:09", LONG, MORE)
    assert (article.source, article.date) == (paper, "2023-06-02")


@pytest.mark.parametrize("between", ["\t", " | ", "\u3000\u3000"], ids=["tabs", "bars", "wide-spaces"])
def test_each_row_of_a_table_is_about_its_own_place(between: str) -> None:
    rows = [("社区", "地址", "开放时间"), ("枫桥社区", "长安路8号", "11:00—12:30"), ("石碾社区", "石碾巷3号", "11:00—13:00")]
    article, = read("社区助餐点开放时间", "", *(between.join(row) for row in rows))
    found = {s.text: s.place for p in article.paragraphs for s in p.sentences}
    assert found == {between.join(row): row[0] if row[0] != "社区" else "" for row in rows}


def test_a_headline_with_a_colon_above_a_dispatch_is_no_piece_of_its_sentence() -> None:
    brief = "中山社4月2日电 据当地报纸报道,松岭市法院宣布了裁决,判定六人赔偿。此次裁决经历了七个月的审理。"
    article, = read("2019年群租案宣判:6名房东被判赔偿", "", brief)
    assert article.title == "2019年群租案宣判:6名房东被判赔偿"
    assert sentences(article)[0].startswith("据当地报纸报道")
