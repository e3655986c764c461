"""From a page's text to labelled lines, articles and passages. Run: python -m pytest -q
tests/index/pages/test_page_labels.py"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.files.formats.encoding import decode
from index.pages.articles import read_articles
from index.pages.line_reasons import LineReason
from index.pages.page_labels import label_lines
from index.pages.passages import LONGEST, cut_passages
from index.text.dates import dateline
from index.text.normalize import simplified
from index.types import Article, Sentence, Source, text_at

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared"
WIDE = {ord(c): ord(c) + 0xFEE0 for c in ",;:!?()"}
calm = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def page(text: str) -> Source:
    return Source(file="page.txt", path="page.txt", text=text, sha256="0", encoding="utf-8")


def read(*lines: str) -> list[Article]:
    return read_articles(page("\n".join(lines)))


def sentences(article: Article) -> list[Sentence]:
    return [s for paragraph in article.paragraphs for s in paragraph.sentences]


def body(article: Article) -> str:
    return "".join(s.text for s in sentences(article))


def check(text: str) -> list[Article]:
    """Return the articles of `text` after checking what must hold for any text at all."""
    articles = read_articles(page(text))
    passages = [p for article in articles for p in cut_passages(article)]
    assert len({a.id for a in articles}) == len(articles)
    assert len({p.id for p in passages}) == len(passages)
    end = 0
    for article in articles:
        assert article.paragraphs, "an article without text"
        assert end <= article.start < article.end <= len(text)
        end = article.end
        mine = sentences(article)
        for s in mine:
            assert text_at(text, s.spans) == s.text
            assert s.text == s.text.strip() != ""
        spans = [span for s in mine for span in s.spans]
        assert all(a < b for a, b in spans)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
        assert article.start <= spans[0][0]
        assert spans[-1][1] <= article.end
        cut = cut_passages(article)
        assert [s for p in cut for s in p.sentences] == mine
        assert all(p.article_id == article.id and p.sentences for p in cut)
        assert all(len(p.text) <= LONGEST or len(p.sentences) == 1 for p in cut)
        assert all(text_at(text, tuple(x for s in p.sentences for x in s.spans)) == p.text for p in cut)
    return articles


# -- any text -----------------------------------------------------------------------------------------------------------

SUBJECTS = ["居民代表", "网格员", "桂花巷社区", "和顺街道的干部", "“红管家”服务队", "72岁的邱长富", "物业公司"]
DEEDS = ["每月清点一次账目", "把收费标准贴到墙上", "说:“先把灯修好!再谈收费。”", "走访了168户人家", "两次上门", "开了三场议事会"]
HEADLINES = ["一碗热饭的距离", "“没人管”的院子请来“自家管家”", "小积分兑出新村风", "停车不再难 邻里更和气", "电梯来了"]
FURNITURE = [
    "本版责编 苏晴 校对 孙勇", "责任编辑:李昕", "2024-06-18 08:30 来源:云泽日报 【打印本页】", "版权所有 未经授权不得转载",
    "图为居民在议事。", "自管小组成员在门房核对当月收支。", "(纪云帆 摄)", "(下转第三版)", "短评", "万荣县", "□宁远", "本报记者 林知远 文/图",
    "——桂花巷社区居民自管一年记", "先把人找齐", "视点", "(", "。", "”", "“", "①", "-- END --", "本报讯(记者 林知远)", "\u3000", "\t", "",
]
one_sentence = st.builds(
    "{}{},{}{}".format, st.sampled_from(SUBJECTS), st.sampled_from(DEEDS), st.sampled_from(DEEDS), st.sampled_from("。。。!?;…")
)
paragraph = st.lists(one_sentence, min_size=1, max_size=4).map("".join)


@st.composite
def broken(draw: st.DrawFn) -> list[str]:
    """A paragraph that a column break or a caption cuts in two."""
    text = draw(paragraph)
    at = draw(st.integers(1, len(text) - 1))
    between = draw(st.lists(st.sampled_from(["", "", *FURNITURE]), max_size=2))
    return [text[:at], *between, text[at:]]


lines_of_a_page = st.lists(
    st.one_of(
        paragraph.map(lambda text: [text]),
        paragraph.map(lambda text: [text, text]),
        paragraph.map(lambda text: [f"本报讯(记者 林知远){text}"]),
        paragraph.map(lambda text: [f"{text}(记者 苏晴)"]),
        st.sampled_from(HEADLINES).map(lambda text: [text]),
        st.sampled_from(FURNITURE).map(lambda text: [text]),
        broken(),
    ),
    max_size=14,
).map(lambda groups: [line for group in groups for line in group])


@given(
    lines_of_a_page, st.sampled_from(["\n", "\r\n", "\n\n", "\n\u3000\u3000", "\r"]), st.booleans(),
    st.sampled_from(["", "\ufeff", "\n\n", " \t"]),
)
@calm
def test_every_sentence_is_the_files_text_at_its_spans(lines: list[str], end: str, wide: bool, start: str) -> None:
    text = start + end.join(lines)
    check(text.translate(WIDE) if wide else text)


@given(st.text(max_size=300) | st.text("记者摄。“”(),本报讯社区 \n\u3000\r\x0b\x1c\x85\u2028甲乙1【】", max_size=120))
@calm
def test_no_text_is_too_strange(text: str) -> None:
    check(text)


@given(st.lists(
    st.tuples(st.sampled_from(HEADLINES), st.lists(paragraph, min_size=1, max_size=4, unique=True)), min_size=1, max_size=4
), st.booleans())
@calm
def test_a_tidy_page_comes_back_as_it_was_printed(stories: list[tuple[str, list[str]]], wide: bool) -> None:
    # A closing ; leaves room for doubt where a paragraph ends, and a one-sentence paragraph may be a caption.
    stories = [(head, [f"{text}社区共有居民四百户,其中老人占三成。" for text in texts]) for head, texts in stories]
    text = "\n\n".join(line for head, texts in stories for line in (head, "本报记者 林知远", *texts))
    text = text.translate(WIDE) if wide else text
    articles = check(text)
    assert [a.title for a in articles] == [(head.translate(WIDE) if wide else head) for head, _ in stories]
    assert [a.byline for a in articles] == ["本报记者 林知远"] * len(stories)
    joined = ["".join(texts) for _, texts in stories]
    assert [body(a) for a in articles] == [(t.translate(WIDE) if wide else t) for t in joined]


# -- labels -------------------------------------------------------------------------------------------------------------

LONG = "桂花巷社区把收费标准贴到墙上,谁家交了、交了多少,一眼就能看见。居民说,账目清楚了,大家才愿意掏这个钱。"
HALF = "近年来,桂花巷社区每户每月交二十元,收支账目由三名居民共同保管,每季度上"
OTHER = "街道随后请来国企物业兜底,头一年的服务费由街道补一半。第二年开始,住户按面积自己交,收缴率到了九成。"


@dataclass(frozen=True)
class Labelled:
    """A line between a headline and the text, and the label it must get."""

    id: str
    line: str
    label: str


@pytest.mark.parametrize("case", [
    Labelled("reporter", "本报记者 林知远", "byline"),
    Labelled("reporter-and-photo", "本报记者 苏晴 文/图", "byline"),
    Labelled("square", "□本报记者 江若白", "byline"),
    Labelled("square-trainee", "□见习记者 温可欣", "byline"),
    Labelled("square-name-only", "□宁远", "byline"),
    Labelled("paper-of-its-own", "云泽日报记者 唐一诺\u3000通讯员 冯雷", "byline"),
    Labelled("all-media", "□新乡日报全媒体记者 李超", "byline"),
    Labelled("author", "作者:柴晓东", "byline"),
    Labelled("bare-name", "苏晴", "byline"),
    Labelled("reporters-are-the-subject", "记者走基层", "headline"),
    Labelled("photographer", "(纪云帆 摄)", "photo-credit"),
    Labelled("photographer-special", "特约摄影 邓光", "photo-credit"),
    Labelled("photographer-trainee", "见习记者 温可欣 摄", "photo-credit"),
    Labelled("editors", "本版责编 曹欣怡 校对 孙勇", "credit"),
    Labelled("editor-in-brackets", "[责任编辑: 吴焕新]", "credit"),
    Labelled("date-bar", "2023-12-15 12:27:12 来源:云泽日报 点击: 收藏", "site"),
    Labelled("date-bar-two-digits", "21-08-02 07:53 【打印本页】 来源:云泽日报", "site"),
    Labelled("issue", "基层快讯 2024年第31期", "site"),
    Labelled("end", "— END —", "site"),
    Labelled("copyright", "版权所有 未经授权不得转载", "site"),
    Labelled("turn-over", "(下转第三版)", "site"),
    Labelled("picture", "▲ 7号楼前的荷花缸(图:柳营街道)", "caption"),
    Labelled("dash", "——桂花巷社区居民自管一年记", "subtitle"),
    Labelled("brief", "本报讯(记者 林知远)近日,社区开了会。", "body"),
    Labelled("brief-of-a-paper", "云泽日报讯 (通讯员 樊星)近日,社区开了会。", "body"),
], ids=lambda case: case.id)
@pytest.mark.parametrize("wide", [False, True], ids=["half", "wide"])
def test_a_line_under_a_headline(case: Labelled, wide: bool) -> None:
    line = case.line.translate(WIDE) if wide else case.line
    labelled = label_lines("\n\n".join(["一碗热饭的距离", line, LONG, OTHER]))
    assert (labelled[1].label, labelled[1].reason is not None) == (case.label, True)


@pytest.mark.parametrize(("bar", "date"), [
    ("2023-12-15 12:27:12", "2023-12-15"),
    ("21-08-02 07:53", "2021-08-02"),
    ("2024年6月8日 星期六", "2024-06-08"),
    ("2024/6/8", "2024-06-08"),
    ("2024-13-01", ""),
    ("电话 0473-2012", ""),
    ("2024年", ""),
    ("二〇二五年四月九日", "2025-04-09"),
    ("二零二五年四月九日 星期三", "2025-04-09"),
    ("二○二五年十二月三十一日", "2025-12-31"),
    ("二OO五年四月廿一日", "2005-04-21"),
    ("民国114年4月9日", "2025-04-09"),
    ("民国一百一十四年四月九日", "2025-04-09"),
    ("民国98年4月9日", "2009-04-09"),
    ("二〇二五年", ""),
    ("二〇二五年十三月一日", ""),
], ids=["iso", "two-digits", "chinese", "slashes", "month-13", "telephone", "year-only", "numerals", "zero", "round-zero", "letter-zero",
        "republic", "republic-numerals", "republic-two-digits", "numerals-year-only", "numerals-month-13"])
def test_the_date_of_a_bar(bar: str, date: str) -> None:
    assert dateline(bar) == date


@pytest.mark.parametrize("bar", [
    "桐山日报 二〇二五年四月九日 星期三", "A02 社区 桐山日报 二〇二五年四月九日 星期三", "桐山日報 民國114年4月9日", "C00 社区 桐山日报 2025年4月9日",
    "C00 社区|桐山日报|2025年4月9日", "桐山日报 2025年4月9日 第3版", "A02 桐山日报 二〇二五年四月九日",
])
def test_a_masthead_needs_no_weekday_and_no_figures(bar: str) -> None:
    article, = read(bar, "", "一碗热饭的距离", "", LONG, OTHER)
    assert (simplified(article.source), article.date, article.title) == ("桐山日报", "2025-04-09", "一碗热饭的距离")


@pytest.mark.parametrize("line", ["桐山日报记者2025年4月9日来到桂花巷社区", "本文曾载桐山日报,2025年4月9日起又有新进展"])
def test_a_line_about_a_paper_and_a_day_is_no_masthead(line: str) -> None:
    assert LineReason.DATE_BAR not in {one.reason for one in label_lines("\n\n".join(["一碗热饭的距离", line, LONG, OTHER]))}


def test_paper_and_date_come_from_the_bar() -> None:
    article, = read("一碗热饭的距离", "2023-12-15 12:27:12 来源:云泽日报 点击: 收藏", "", LONG, OTHER)
    assert (article.source, article.date, article.title) == ("云泽日报", "2023-12-15", "一碗热饭的距离")


@pytest.mark.parametrize(("printed", "text", "byline"), [
    ("本报讯(记者 林知远)" + LONG, LONG, "本报讯(记者 林知远)"),
    ("本报讯\uff08记者 林知远\uff09" + LONG, LONG, "本报讯\uff08记者 林知远\uff09"),
    (LONG + "(云泽日报记者 李新)", LONG, "(云泽日报记者 李新)"),
    (LONG + "\uff08记者 李新\uff09", LONG, "\uff08记者 李新\uff09"),
    (LONG + " 本报记者 林知远 摄", LONG, "本报记者 林知远 摄"),
], ids=["brief", "brief-wide", "behind-the-text", "behind-the-text-wide", "photographer-behind"])
def test_a_byline_in_the_line_is_no_text(printed: str, text: str, byline: str) -> None:
    article, = read("一碗热饭的距离", "", printed)
    assert (body(article), article.byline) == (text, byline)


@pytest.mark.parametrize(("lines", "text"), [
    ([HALF, "墙公布,谁都能查。" + OTHER], HALF + "墙公布,谁都能查。" + OTHER),
    ([HALF, "", "墙公布,谁都能查。" + OTHER], HALF + "墙公布,谁都能查。" + OTHER),
    (["小组成立的第二天就开了会。分工写得明白:两人管账,两人管", "", "自管小组成员在门房核对当月收支。", "", "着门岗,还有三人跑腿。" + OTHER],
     "小组成立的第二天就开了会。分工写得明白:两人管账,两人管着门岗,还有三人跑腿。" + OTHER),
    ([LONG, LONG, OTHER], LONG + OTHER),
    ([OTHER, LONG[:45], "", "先把人找齐", "", OTHER, LONG], OTHER + LONG),
    ([LONG, "图为居民在议事。", OTHER], LONG + OTHER),
    ([LONG, "居民在核对当月收支。", "(纪云帆 摄)", OTHER], LONG + OTHER),
    (["\u3000\u3000" + LONG, "\u3000\u3000" + OTHER], LONG + OTHER),
    ([LONG, OTHER, "责任编辑:李昕", "关于我们", "新闻热线:0000-0000000"], LONG + OTHER),
], ids=["mid-word", "mid-word-blank", "caption-inside", "doubled", "doubled-first-cut-short", "caption-between", "photo-between",
        "indented", "footer"])
def test_what_counts_as_text(lines: list[str], text: str) -> None:
    article, = read("一碗热饭的距离", "本报记者 林知远", *lines)
    assert body(article) == text


def test_section_heads_stand_with_their_paragraphs_not_in_them() -> None:
    article, = read("一碗热饭的距离", "", "本报记者 林知远", "", LONG, "", "先把人找齐", "", OTHER)
    assert [(p.section, p.sentences[0].text[:5]) for p in article.paragraphs] == [("", LONG[:5]), ("先把人找齐", OTHER[:5])]
    assert "先把人找齐" in cut_passages(article)[-1].heading


def test_a_columns_introduction_has_a_label_and_no_headline() -> None:
    first, second = read(
        "家门口的治理", "", LONG, "", f"即日起,本报辟出《家门口的治理》栏目。{OTHER}", "", "一碗热饭的距离", "", "本报记者 林知远", "", LONG + OTHER
    )
    assert (first.title, first.label, second.title) == ("", "家门口的治理", "一碗热饭的距离")


def test_kicker_label_and_subtitle_are_told_apart() -> None:
    text = ["视点", "", "一碗热饭的距离", "——柳堤社区办食堂", "□宁远", "", LONG, OTHER, "", "万荣县", "", "小积分兑出新村风", "", "本报讯(记者 宋临)" + LONG]
    first, second = read(*text)
    assert (first.label, first.title, first.subtitle, first.byline) == ("视点", "一碗热饭的距离", "——柳堤社区办食堂", "□宁远")
    assert (second.kicker, second.title) == ("万荣县", "小积分兑出新村风")


@pytest.mark.parametrize("head", ["一部电梯,谈的是人心", "一杯茶,三步走", "01  三步走,不硬来", "在家门口,把话说开"])
def test_a_section_head_with_a_comma_is_not_glued_to_the_text(head: str) -> None:
    article, = read("一碗热饭的距离", "", "本报记者 林知远", "", LONG, "", head, "", OTHER)
    assert [p.section for p in article.paragraphs] == ["", head]


def test_a_post_that_is_set_like_verse_loses_no_line() -> None:
    stanzas = [[f"{n}号楼的楼道里,", f"有没有{n}辆旧自行车?", f"{n}号楼的居民", f"说有,而且不止{n}辆。"] for n in range(8)]
    article, = read("楼道一清空,邻里一条心", *(line for stanza in stanzas for line in ["", *stanza]), "", "02  放得下,拿得走", "", "和气的邻居,", "来了又走。")
    assert body(article) == "".join(line for stanza in stanzas for line in stanza) + "和气的邻居,来了又走。"
    assert [p.section for p in article.paragraphs][-2:] == ["", "02  放得下,拿得走"]


def test_a_wrapped_headline_is_one() -> None:
    article, = read("“没人管”的院子、", "请来“自家管家”", "本报记者 林知远", "", LONG, OTHER)
    assert article.title == "“没人管”的院子、 请来“自家管家”"


@pytest.mark.parametrize("text", ["", "\n\n \u3000\n", "一碗热饭的距离", "本报讯(记者 林知远)", "责任编辑:李昕\n版权所有"],
                         ids=["empty", "blank", "headline-only", "byline-only", "furniture-only"])
def test_no_article_without_text(text: str) -> None:
    assert check(text) == []


# -- pages that a person took apart -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truth:
    """Where the pages are, and what is on them."""

    folder: Path
    articles: list[dict]

    def files(self) -> Iterable[tuple[str, list[dict]]]:
        for file in sorted({a["file"] for a in self.articles}):
            yield decode((self.folder / file).read_bytes(), file)[0], [a for a in self.articles if a["file"] == file]


@pytest.fixture(params=["examples", pytest.param("real", marks=pytest.mark.slow)])
def truth(request: pytest.FixtureRequest) -> Truth:
    if request.param == "examples":
        return Truth(ROOT / "examples" / "articles", json.loads((ROOT / "examples" / "truth.json").read_text("utf-8")))
    listed = SHARED / "score" / "articles.md"
    if not listed.exists() or not (SHARED / "articles").is_dir():
        pytest.skip(f"the five newspaper pages are not here: {SHARED / 'articles'}")
    found = re.search(r"```json\n(.*?)```", listed.read_text("utf-8"), re.S)
    assert found
    return Truth(SHARED / "articles", json.loads(found[1]))


def test_articles_are_told_apart(truth: Truth) -> None:
    right = found = true = headlines = 0
    for text, expected in truth.files():
        got = {text.count("\n", 0, a.start) + 1: a for a in check(text)}
        want = {a["start"]: a for a in expected}
        right += len(got.keys() & want.keys())
        found, true = found + len(got), true + len(want)
        headlines += sum(got[n].title == (want[n]["headline"] or "") for n in got.keys() & want.keys())
    assert true >= 20
    assert 2 * right / (found + true) >= 0.95
    assert headlines / true >= 0.9


def test_only_prose_reaches_the_passages(truth: Truth) -> None:
    # A caption may look just like a short sentence of the text, so some are let through; heads never are.
    captions_held = all_captions = 0
    for text, expected in truth.files():
        held = {text.count("\n", 0, a) + 1 for article in read_articles(page(text)) for s in sentences(article) for a, _ in s.spans}
        for article in expected:
            heads = {*article["section_lines"], *article["label_lines"]}
            captions = set() if "photo" in article["kind"] else set(article["caption_lines"])
            assert not held & heads, article["id"]
            captions_held, all_captions = captions_held + len(held & captions), all_captions + len(captions)
    assert all_captions >= 3
    assert captions_held <= all_captions / 2


def test_broken_paragraphs_are_joined(truth: Truth) -> None:
    joins = done = 0
    for text, expected in truth.files():
        line_of = [{text.count("\n", 0, a) + 1 for s in paragraph.sentences for a, _ in s.spans}
                   for article in read_articles(page(text)) for paragraph in article.paragraphs]
        wanted = [set(join) for article in expected for join in article["joins"]]
        joins += len(wanted)
        done += sum(any(join <= lines for lines in line_of) for join in wanted)
    assert joins >= 15
    assert done / joins >= 0.85


def test_first_and_last_sentences_are_whole(truth: Truth) -> None:
    right = 0
    for text, expected in truth.files():
        got = {text.count("\n", 0, a.start) + 1: a for a in read_articles(page(text))}
        for want in expected:
            mine = sentences(got[want["start"]]) if want["start"] in got else []
            right += bool(mine) and mine[0].text.startswith(want["first"][:12]) and mine[-1].text.endswith(want["last"][-12:])
    assert right / len(truth.articles) >= 0.9
