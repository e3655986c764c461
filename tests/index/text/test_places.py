"""Which places a text names, and which one each sentence speaks about. Run: python -m pytest -q
tests/index/text/test_places.py"""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.files.load import read_source
from index.pages.articles import read_articles
from index.pages.sentence_places import PlaceReader, region_of
from index.text import places
from index.text.places import COMMUNITY, find_mentions, level_of
from index.types import Source

ROOT = Path(__file__).parents[3]


def named(text: str) -> list[str]:
    return ["".join(m.parts) for m in find_mentions(text)]


@pytest.mark.parametrize(("name", "level"), [
    ("内蒙古自治区", 0), ("乌海市", 1), ("阿拉善盟", 1), ("海勃湾区", 2), ("阿左旗", 2), ("高新区", 2), ("海北街道", 3), ("七级镇", 3),
    ("黄河社区", COMMUNITY), ("水泉村", COMMUNITY), ("铁西小区", 5), ("纺机家属院", 5), ("居民", -1), ("", -1),
])
def test_level(name: str, level: int) -> None:
    assert level_of(name) == level


@pytest.mark.parametrize(("text", "expected"), [
    ("走进海勃湾区海北街道黄河社区,", ["海勃湾区海北街道黄河社区"]),
    ("卫滨区铁西街道飞机场社区和红旗区诚城社区", ["卫滨区铁西街道飞机场社区", "红旗区诚城社区"]),
    ("澄湖区和顺街道桂花巷社区的居民", ["澄湖区和顺街道桂花巷社区"]),
    ("呼和浩特市新城区保合少镇水泉村的村民", ["呼和浩特市新城区保合少镇水泉村"]),
    ("家住金泰荣小区的老人", ["金泰荣小区"]),
    ("去年以来,夏县深入学习", ["夏县"]),
    ("海勃湾区委组织部部长", ["海勃湾区"]),
    ("阿右旗巴丹吉林镇泰隆社区", ["阿右旗巴丹吉林镇泰隆社区"]),
    ("走进幸福街道幸福社区", ["幸福街道幸福社区"]),
    ("幸福社区党委书记说", ["幸福社区"]),
    ("澄湖区和平街道文明社区的居民", ["澄湖区和平街道文明社区"]),
    ("王府街道西花园社区居民", ["王府街道西花园社区"]),
    ("湖滨街道锦和家园的住户", ["湖滨街道锦和家园"]),
    ("兰汐市鹿寮区中埔里的一间铁皮屋", ["兰汐市鹿寮区中埔里"]),
    ("永济市纪委监委召开会议", ["永济市"]),
    ("怡海名苑小区的车棚", ["怡海名苑小区"]),
    ("矿务区井冈街道三元里社区在车棚顶上", ["矿务区井冈街道三元里社区"]),
    ("㙍头社区的看护员", ["㙍头社区"]),
    ("䓖山社区的看护员", ["䓖山社区"]),
    ("走进𡎚子社区", ["𡎚子社区"]),
    ("八一社区的居民", ["八一社区"]),
    ("九里亭社区的居民", ["九里亭社区"]),
    ("第三社区的居民", ["第三社区"]),
], ids=["chain", "two-chains", "then-words", "four-levels", "compound", "one-character", "party-seat", "banner", "wish-behind-town",
        "wish-with-committee", "wish-behind-other-town", "direction", "garden", "taiwan-village", "discipline-seat", "two-suffixes", "li-within",
        "extension-a", "extension-a-mountain", "extension-b", "day", "miles", "ordinal"])
def test_places_that_are_named(text: str, expected: list[str]) -> None:
    assert named(text) == expected


@pytest.mark.parametrize("text", [
    "老旧小区没有物业", "走进社区、服务社区", "全市各县区", "城区和郊区", "我市136个社区", "家门口的超市", "党员在党旗下宣誓", "居民小区里停满了车",
    "各级部门下沉社区", "创建和谐社区、幸福社区", "建设“五星”幸福社区", "打造精神家园", "三家社区食堂开张", "占全街道的六成", "院子里、小区里、社区里", "三个社区", "百家社区", "两社区", "多个社区",
    "许多社区", "一些社区和村", "首批社区", "四五社区", "一半社区", "十余社区", "第一批社区", "三座渔村", "网格员和镇消防站的队员", "", "。", "区", "小区小区小区",
])
def test_everyday_words_are_no_places(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize("text", [
    "共建共享社区成果", "群策群力街道事务", "加固小区的老围墙", "优化街道网格布局", "方便小区居民就近办事", "“谢谢小区给我们装灯”", "公众号“桑榆社区课堂”", "“晴空社区”创建活动", "『晴空社区』創建活動",
    "31个省区市", "县乡村三级", "分片分区", "增设社区的小菜园,", "清理小区杂物、改造社区厨房", "进社区入小区", "医疗集市开张", "智慧社区建设", "全面“包楼小区”", "加宽小区里的巷子",
], ids=["doubled-verbs", "doubled-words", "verb-and-object", "verb-and-office", "causative", "thanks", "brand-of-an-account", "brand", "brand-traditional",
        "units", "levels", "verb-and-halves", "verb-before-a-comma", "verbs-in-a-row", "entered", "market", "kind", "quoted-deed", "widened"])
def test_verbs_and_brands_are_no_places(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize(("text", "expected"), [
    ("白水侗族苗族自治县石门乡的茶园", ["白水侗族苗族自治县石门乡"]),
    ("松溪经开区的工厂", ["松溪经开区"]),
    ("松溪经济技术开发区的工厂", ["松溪经济技术开发区"]),
    ("江口街道南大桥社区", ["江口街道南大桥社区"]),
    ("江口街道枫杨树社区的居民", ["江口街道枫杨树社区"]),
    ("东河路街道小型社区", ["东河路街道小型社区"]),
    ("江口街道智慧社区建设", ["江口街道"]),
    ("江口街道各社区", ["江口街道"]),
    ("江口街道办事处谷阳村", ["江口街道谷阳村"]),
    ("铁桥街道新村社区", ["铁桥街道新村社区"]),
    ("芦湾市优化街道网格布局", ["芦湾市"]),
    ("芦湾市团结社区修好了路", ["芦湾市团结社区"]),
    ("芦湾区鹤鸣街", ["芦湾区鹤鸣街"]),
    ("老洋房小区石溪三村", ["石溪三村"]),
    ("锦绣小区的车棚", ["锦绣小区"]),
    ("文昌西路街道南大桥社区", ["文昌西路街道南大桥社区"]),
    ("走进方圆社区,", ["方圆社区"]),
    ("团结社区修好了路", ["团结社区"]),
], ids=["autonomous-county", "zone", "zone-in-full", "bridge", "tree", "size", "kind", "each", "office-between", "new-village", "verb-behind-a-city", "verb-as-a-name-behind-a-city", "street", "kind-of-housing", "noun", "road", "walked-into",
        "verb-as-a-name"])
def test_true_names_are_whole(text: str, expected: list[str]) -> None:
    assert [name.replace("办事处", "") for name in named(text)] == expected


def test_an_article_about_a_countys_brand_is_about_the_county() -> None:
    article, = read_articles(_page("芦湾县推行“晴空社区”治理模式,把楼长、物业和居民请到一起。\n\n晴空社区建设一年来,芦湾县办结诉求1900件。"))
    assert article.place == "芦湾县"
    assert {s.place for p in article.paragraphs for s in p.sentences} == {"芦湾县"}


def test_mentions_point_at_the_text() -> None:
    text = "近日,海北街道黄河社区与盛世社区联合办了一场议事会。"
    assert [text[m.start:m.end] for m in find_mentions(text)] == ["海北街道黄河社区", "盛世社区"]
    assert [m.parts for m in find_mentions(text)] == [("海北街道", "黄河社区"), ("盛世社区",)]


def test_a_known_name_is_found_among_doubtful_words() -> None:
    assert named("居民说奋进社区好") == []
    assert "奋进社区" in ["".join(m.parts) for m in find_mentions("居民说奋进社区好", frozenset({"奋进社区"}))]


@pytest.mark.parametrize(("text", "place"), [
    ("芦苇巷社区办起了共享工具屋,居民可以借用52件工具。", "芦苇巷社区"),
    ("工具屋开张了。石碾社区先试了一个月。", "石碾社区"),
    ("居民夸石碾社区办得好。", ""),
    ("老旧社区办起了共享工具屋,居民可以借用52件工具。", ""),
], ids=["begins-the-text", "begins-a-sentence", "within-a-sentence", "everyday"])
def test_a_community_that_is_printed_once_is_believed_where_a_sentence_begins_with_it(text: str, place: str) -> None:
    assert {s.place for p in read_articles(_page(text))[0].paragraphs for s in p.sentences} == {place}


def _page(text: str) -> Source:
    return Source(file="page.txt", path="page.txt", text=f"一碗热饭的距离\n\n{text}", sha256="0", encoding="utf-8")


def test_a_rare_character_makes_a_name_that_is_printed_once() -> None:
    reader = PlaceReader(heads=("", "", ""), texts=["㙍头社区办起了共享工具屋。"], region="")
    assert reader.resolve(["㙍头社区办起了共享工具屋。"]) == [("㙍头社区",)]


@given(st.text("海北街道黄河社区镇市旗小的在和全走进县。, \n12a", max_size=40) | st.text(max_size=40))
@settings(deadline=None)
def test_any_text_gives_ordered_mentions_that_are_in_it(text: str) -> None:
    end = 0
    for mention in find_mentions(text):
        assert end <= mention.start < mention.end
        assert text[mention.start:mention.end] == "".join(mention.parts)
        levels = [level_of(part) for part in mention.parts]
        assert levels == sorted(set(levels))
        end = mention.end


# -- the place of each sentence -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Story:
    """Paragraphs of sentences, each with the place it must get."""

    id: str
    paragraphs: list[list[tuple[str, str]]]
    heads: tuple[str, ...] = ("", "", "")
    paper: str = ""


HAIBEI = "海勃湾区海北街道黄河社区"
STORIES = [
    Story("forward", [[(f"3月24日,记者走进{HAIBEI}。", HAIBEI), ("老人正在吃饭。", HAIBEI)], [("饭菜很香。", HAIBEI)]]),
    Story("backward", [[("饭菜很香。", "卫滨区铁西街道飞机场社区"), ("这是卫滨区铁西街道飞机场社区的食堂。", "卫滨区铁西街道飞机场社区")],
                       [("红旗区诚城社区修好了电梯。", "红旗区诚城社区")]]),
    Story("looks-alike", [
        [("卫滨区铁西街道向阳社区开了会。", "卫滨区铁西街道向阳社区"), ("长垣市蒲西街道朝阳社区也开了会。", "长垣市蒲西街道朝阳社区")],
        [("向阳社区修了路。", "卫滨区铁西街道向阳社区"), ("朝阳社区种了树。", "长垣市蒲西街道朝阳社区")]]),
    Story("namesakes", [
        [("卫滨区铁西街道向阳社区开了会。", "卫滨区铁西街道向阳社区"), ("向阳社区修了路。", "卫滨区铁西街道向阳社区")],
        [("长垣市蒲西街道向阳社区也开了会。", "长垣市蒲西街道向阳社区"), ("向阳社区种了树。", "长垣市蒲西街道向阳社区")]]),
    Story("short-name-completed", [[(f"{HAIBEI}开了会。", HAIBEI)], [("黄河社区又修了路。", HAIBEI)]]),
    Story("chain-printed-later", [[("黄河社区修了路。", HAIBEI)], [(f"{HAIBEI}开了会。", HAIBEI)]]),
    Story("kicker", [[("居民开了会。", "临猗县七级镇"), ("账目上了墙。", "临猗县七级镇")]], ("临猗县七级镇", "", "小积分兑出新村风")),
    Story("headline", [[("居民开了会。", "澄湖区和顺街道")]], ("", "", "澄湖区和顺街道:错时共享“挤”出车位")),
    Story("region", [[("我市136个社区办起了食堂。", "云泽市")], [("红旗区诚城社区最先开饭。", "红旗区诚城社区"), ("全市还将再办十家。", "云泽市")]],
          paper="云泽日报"),
    Story("compound-left", [[(f"{HAIBEI}有三个小区。", HAIBEI), ("家住铁西小区的张大爷说好。", f"{HAIBEI}铁西小区")],
                            [("社区党委开了会。", HAIBEI), ("铁西小区也开了会。", f"{HAIBEI}铁西小区")]]),
    Story("visited", [[(f"{HAIBEI}组织居民前往红旗区诚城社区学习。", HAIBEI), ("大家很受启发。", HAIBEI)]]),
    Story("listed", [[("红旗区三家食堂开张,分别位于铁西街道诚城社区、铁西街道向阳社区和铁西街道朝阳社区。", "红旗区"), ("早餐6元起。", "红旗区")]]),
    Story("compared", [[("红旗区铁西街道诚城社区修了路。", "红旗区铁西街道诚城社区")], [("红旗区像诚城社区一样的社区还有三个。", "红旗区")]]),
    Story("street-helps-its-community", [[("红旗区铁西街道诚城社区修了路。", "红旗区铁西街道诚城社区")],
                                         [("街道还给每户发了一张卡。", "红旗区铁西街道诚城社区"), ("卡上印着电话。", "红旗区铁西街道诚城社区")]]),
    Story("community-named-later", [[("红旗区修了路。", "红旗区")], [("社区种了树。", "红旗区诚城社区"), ("诚城社区还装了灯。", "红旗区诚城社区")]]),
    Story("county-level-city", [[("永济市有社区40个。", "永济市"), ("全市都开了会。", "永济市")]], ("", "", "永济市社区换新颜"), paper="运城日报"),
    Story("countys-own-paper", [[("县图书馆送书下乡。", "莲塬县")], [("全县防汛演练。", "莲塬县"), ("莲塬县的河堤加高了。", "莲塬县")]], paper="莲塬新闻"),
    Story("county-over-one-community", [[(f"{HAIBEI}修了路。", HAIBEI), ("黄河社区还种了树。", HAIBEI)], [("老人很满意。", HAIBEI)]],
          ("", "", "海勃湾区:修一条顺心路")),
    Story("institution", [[("云泽师范学院的学生走进夜校。", "云泽师范学院"), ("夜校一周三节课。", "云泽师范学院")], [("师范学院的老师说好。", "云泽师范学院")]]),
    Story("nowhere", [[("人民群众在哪里,工作就做到哪里。", "")]]),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.id)
def test_each_sentence_gets_its_place(story: Story) -> None:
    texts = ["".join(sentence for sentence, _ in paragraph) for paragraph in story.paragraphs]
    reader = PlaceReader(heads=story.heads, texts=texts, region=region_of(story.paper, "".join(texts)))
    got = [["".join(chain) for chain in reader.resolve([sentence for sentence, _ in paragraph])]
           for paragraph in story.paragraphs]
    assert got == [[place for _, place in paragraph] for paragraph in story.paragraphs]


def test_a_new_section_about_a_region_speaks_of_the_region_again() -> None:
    texts = ["红旗区办起了食堂。", "铁西街道诚城社区最先开饭。", "符合条件的老人可以申请。"]
    reader = PlaceReader(heads=("", "", "红旗区社区食堂安排公布"), texts=texts, region="")
    got = [reader.resolve([text], section=section)[0] for text, section in zip(texts, ("", "", "怎样申请"), strict=True)]
    assert got == [("红旗区",), ("红旗区", "铁西街道", "诚城社区"), ("红旗区",)]


def test_the_articles_place_is_the_one_named_above_it() -> None:
    reader = PlaceReader(heads=("万荣县", "", "小积分兑出新村风"), texts=["去年以来,夏县也这样做。"], region="")
    assert reader.article_place == "万荣县"


def test_most_places_of_the_examples_are_found() -> None:
    truth = json.loads((ROOT / "examples" / "truth.json").read_text("utf-8"))
    wanted = found = 0
    for file in {article["file"] for article in truth}:
        source = read_source(file, ROOT / "examples" / "articles" / file)
        got = {s.place for a in read_articles(source) for p in a.paragraphs for s in p.sentences}
        places_of = {place for article in truth if article["file"] == file for place in article["places"]}
        wanted, found = wanted + len(places_of), found + sum(any(g.endswith(p) for g in got) for p in places_of)
    assert wanted >= 20
    assert found / wanted >= 0.85


def test_the_word_list_names_each_word_once() -> None:
    lists = tomllib.loads(Path(places.__file__).with_name("places.toml").read_text("utf-8"))["never"]
    words = [word for listed in lists.values() for word in listed]
    assert len(words) == len(set(words)) > 200
