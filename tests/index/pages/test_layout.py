"""Pages that are set in ways of their own: what each line is taken for. Run: python -m pytest -q
tests/index/pages/test_layout.py"""

import gzip
import json
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest

from index.pages.page_labels import label_lines
from index.types import Article
from tests.fakes.made_pages import read

NEWS = Path(__file__).parents[4] / "shared" / "data" / "news-20k" / "corpus.jsonl.gz"
TEXT = "桂花巷社区把收费标准贴到墙上,谁家交了、交了多少,一眼就能看见。居民说,账目清楚了,大家才愿意掏这个钱。"
MORE = "街道随后请来国企物业兜底,头一年的服务费由街道补一半。第二年开始,住户按面积自己交,收缴率到了九成。"
BY = "本报记者 林知远"


def body(article: Article) -> str:
    return "".join(s.text for p in article.paragraphs for s in p.sentences)


@dataclass(frozen=True)
class Page:
    """A page, its headlines, and the lines that are labelled in a certain way."""

    id: str
    lines: list[str]
    titles: list[str]
    labels: dict[str, str] = field(default_factory=dict)


PAGES = [
    Page("masthead", ["云泽晚报", "2024年3月12日 星期二", "05 民生·社区", "责编/柏宁 美编/姚可", "", "一碗热饭的距离", BY, TEXT, MORE],
         ["一碗热饭的距离"], {"云泽晚报": "site", "05 民生·社区": "site"}),
    Page("bar-under-the-headline", ["首页 > 新闻 > 基层", "一碗热饭的距离", "2024-05-21 10:42 来源:云泽日报 浏览:12", "【开篇的话】", TEXT, MORE],
         ["一碗热饭的距离"], {"【开篇的话】": "label"}),
    Page("contents-name-headlines", ["社区治理工作简报", "第7期(总第43期)", "本期要目", "巡楼队守住用电安全", "代办积分破解跑腿难", "巡楼队守住用电安全", TEXT, MORE,
                                     "代办积分破解跑腿难", MORE, TEXT],
         ["巡楼队守住用电安全", "代办积分破解跑腿难"]),
    Page("headline-printed-twice", ["一碗热饭的距离", BY, TEXT, MORE, "", "一碗热饭的距离", BY, MORE + TEXT], ["一碗热饭的距离"] * 2),
    Page("two-line-headline", ["六十年老院装上“空中连廊”", "轮椅终于能出门", BY, TEXT, MORE], ["六十年老院装上“空中连廊” 轮椅终于能出门"]),
    Page("names-behind-the-text", ["逃生包发到家", TEXT, MORE, "柴新", "旧家电有人上门收", MORE, TEXT], ["逃生包发到家", "旧家电有人上门收"], {"柴新": "credit"}),
    Page("county-above-a-headline", ["一碗热饭的距离", BY, TEXT, MORE, "梅岭县", "党校开进果园", "本报讯(记者 宋临)" + TEXT],
         ["一碗热饭的距离", "党校开进果园"], {"梅岭县": "kicker"}),
    Page("letters", ["断头路何时能通", "编辑同志:", TEXT, MORE, "锦和里居民 田守诚", "", "为保洁员点赞", "编辑同志:", MORE, TEXT, "渌水县 邵长庚"],
         ["断头路何时能通", "为保洁员点赞"], {"锦和里居民 田守诚": "credit", "渌水县 邵长庚": "credit"}),
    Page("counted-section-heads", ["一碗热饭的距离", "阅读提示", TEXT, "文/图 云泽晨报记者 容成", "1.留住红砖楼", MORE, "2.厂房变成菜场", TEXT + MORE],
         ["一碗热饭的距离"], {"1.留住红砖楼": "section", "2.厂房变成菜场": "section"}),
    Page("who-said-it", ["声音里的社区", BY, TEXT, MORE, "——云泽大学教授 钟书培", MORE + TEXT], ["声音里的社区"], {"——云泽大学教授 钟书培": "credit"}),
    Page("author-in-brackets", ["积分超市别成了摆设", "○ 施永平", TEXT, MORE, "(作者系渌水县桃溪镇驻村干部)", "", "公示栏请说人话", "○ 关小曼", MORE, TEXT],
         ["积分超市别成了摆设", "公示栏请说人话"], {"(作者系渌水县桃溪镇驻村干部)": "credit", "○ 关小曼": "byline"}),
    Page("arrow-points-at-a-photo", ["一碗热饭的距离", BY, TEXT, "↑便民驿站里的修鞋摊。", MORE], ["一碗热饭的距离"], {"↑便民驿站里的修鞋摊。": "caption"}),
    Page("caption-without-a-stop", ["一碗热饭的距离", BY, TEXT, "图为调解现场", MORE], ["一碗热饭的距离"], {"图为调解现场": "caption"}),
    Page("list-of-arrows", ["一周简讯", BY, TEXT, "▲县图书馆增开流动书车。", "▲县水务公司公布抢修电话。", MORE], ["一周简讯"],
         {"▲县图书馆增开流动书车。": "body", "▲县水务公司公布抢修电话。": "body"}),
    Page("scene-of-a-photo", ["一碗热饭的距离", f"{BY} 文/图", TEXT, "改造后的纺机院大门。", MORE, "老人在饭堂选餐。", TEXT + MORE], ["一碗热饭的距离"],
         {"改造后的纺机院大门。": "caption", "老人在饭堂选餐。": "caption"}),
    Page("scene-without-photos", ["一碗热饭的距离", BY, TEXT, "老人在饭堂选餐。", MORE], ["一碗热饭的距离"], {"老人在饭堂选餐。": "body"}),
    Page("short-text-among-photos", ["一碗热饭的距离", f"{BY} 文/图", TEXT, "可问题又来了。", MORE], ["一碗热饭的距离"], {"可问题又来了。": "body"}),
    Page("prose-about-codes", ["一碗热饭的距离", BY, TEXT, "居民扫一扫楼道里的二维码,就能报修,师傅当天上门。", MORE], ["一碗热饭的距离"],
         {"居民扫一扫楼道里的二维码,就能报修,师傅当天上门。": "body"}),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.id)
def test_a_page_is_taken_apart(page: Page) -> None:
    assert [a.title for a in read(*page.lines)] == page.titles
    labelled = {line.text: line.label for line in label_lines("\n".join(page.lines))}
    assert {text: labelled[text] for text in page.labels} == page.labels


@pytest.mark.parametrize("indent", ["\u3000\u3000", ""], ids=["indented", "flush"])
def test_a_narrow_column_is_prose_again(indent: str) -> None:
    paragraphs = [TEXT, MORE, f"眼下,{MORE}"]
    lines = [piece for text in paragraphs for piece in ["", *(
        (indent if at == 0 else "") + text[max(0, at - 2 * bool(indent) * (at > 0)):at + 16 - 2 * bool(indent)]
        for at in range(0, len(text) + 2 * bool(indent), 16))]]
    article, = read("一碗热饭的距离", BY, *lines)
    assert ["".join(s.text for s in p.sentences) for p in article.paragraphs] == paragraphs


def test_a_text_that_turns_over_is_whole_again() -> None:
    first, second = read("三张清单理顺小区事", BY, TEXT, "监督员每月巡查两次,物业限期答(下转第4版)", "", "老电梯换新了", "本报讯(记者 宋临)" + MORE, "第4版 综合",
                         "三张清单理顺小区事", "(上接第1版)复。半年来,问题办结了602个。", MORE)
    assert body(first).endswith(f"物业限期答复。半年来,问题办结了602个。{MORE}")
    assert (body(second), second.title) == (MORE, "老电梯换新了")
    assert first.end < second.start


def test_a_page_that_only_resumes_keeps_its_text() -> None:
    article, = read("三张清单理顺小区事", "(上接第1版)", TEXT, MORE)
    assert body(article) == TEXT + MORE


def test_a_conversation_is_text() -> None:
    article, = read("业委会不是吵架的地方", BY, "编者按", TEXT, "谈接手:先翻旧账", "记者:为什么愿意接手?", f"丁一凡:{TEXT}", "记者:查出了什么?", f"丁一凡:{MORE}")
    assert [p.section for p in article.paragraphs] == ["", *["谈接手:先翻旧账"] * 4]
    assert article.paragraphs[1].sentences[0].text == "记者:为什么愿意接手?"


def test_the_rows_of_a_table_are_text_a_paragraph_each() -> None:
    article, = read("养老服务设施安排公布", BY, TEXT, "序号\t社区\t内容\t投资(万元)", "1\t香樟社区\t照料中心\t310", "2\t北园社区\t助餐点\t85", MORE)
    assert ["".join(s.text for s in p.sentences) for p in article.paragraphs][1:-1] == \
        ["序号\t社区\t内容\t投资(万元)", "1\t香樟社区\t照料中心\t310", "2\t北园社区\t助餐点\t85"]


def test_the_rows_of_a_table_of_two_columns_are_text() -> None:
    article, = read("助餐点开放时间", BY, TEXT, "香樟社区 | 11:00", "北园社区 | 11:30", MORE)
    assert ["".join(s.text for s in p.sentences) for p in article.paragraphs][1:-1] == ["香樟社区 | 11:00", "北园社区 | 11:30"]


def test_an_english_page() -> None:
    first, second = read(
        "Baihe Morning Post", "Tuesday, May 14, 2024    Page 4", "Old garage becomes reading room", "By Staff Reporter Lin Qiao",
        "The committee spent 46,000 yuan on it, Mr. Shen said. Half came from the office at 8 a.m. on Monday.",
        "Residents read in the new room on Sunday. Photo by Lin Qiao", "Night clinic opens", "By Zhou Wen",
        '"We used to argue," said Shen Yulan, 68, who now volunteers. "Now we argue about novels."', "Editor: Xu Lan")
    assert (first.title, first.byline, first.source, first.date) == \
        ("Old garage becomes reading room", "By Staff Reporter Lin Qiao", "Baihe Morning Post", "2024-05-14")
    assert [s.text for p in first.paragraphs for s in p.sentences] == \
        ["The committee spent 46,000 yuan on it, Mr. Shen said.", "Half came from the office at 8 a.m. on Monday."]
    assert [s.text for p in second.paragraphs for s in p.sentences] == \
        ['"We used to argue," said Shen Yulan, 68, who now volunteers.', '"Now we argue about novels."']


@pytest.mark.slow
def test_news_prose_is_kept() -> None:
    """Text written by others loses next to nothing: of 300 news articles 99 % of the prose is body."""
    if not NEWS.exists():
        pytest.skip(f"the news collection is not here: {NEWS}")
    kept = lost = 0
    with gzip.open(NEWS, "rt", encoding="utf-8") as rows:
        for row in islice(rows, 0, 6000, 20):
            for line in label_lines(json.loads(row)["text"]):
                if "。" in line.text:
                    kept, lost = kept + len(line.text) * (line.label == "body"), lost + len(line.text) * (line.label != "body")
    assert kept > 100_000
    assert lost / (kept + lost) < 0.01
