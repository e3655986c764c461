"""Find which place each sentence speaks about: 市/盟 > 区/县/旗 > 街道/镇/苏木 > 社区/村/嘎查 > 小区.

A place is recognised by its administrative suffix and by the words before it (a segmenter's parts of speech say which can
be a name); no gazetteer is asked, so a community of any town is found, and names that look alike stay apart because
each is resolved to its full chain inside its own article. A sentence without a place takes the nearest one
printed before it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import rjieba

from index.width import half

_LEVELS = {
    "自治区": 0, "省": 0, "市": 1, "盟": 1, "自治州": 1, "开发区": 2, "高新区": 2, "新区": 2, "区": 2, "县": 2, "旗": 2,
    "街道": 3, "镇": 3, "乡": 3, "苏木": 3, "社区": 4, "村": 4, "嘎查": 4,
    "小区": 5, "家属院": 5, "家属楼": 5, "宿舍": 5, "大院": 5, "公寓": 5, "花园": 5, "佳苑": 5, "嘉园": 5, "新苑": 5,
}
COMMUNITY = 4
_SUFFIXES = sorted(_LEVELS, key=len, reverse=True)
_PROPER = {"ns", "nt", "nz", "nr", "nrt", "nrfg"}
_NAMEABLE = _PROPER | {"n", "j", "a", "b", "s"}
"""Part-of-speech tags (ICTCLAS) that a place's own name may carry; a verb or function word ends it."""
_ORGANISATION = re.compile(r"(?:局|院|委|办|部|所|公司|厅|学校|中心|协会|物业|单位)$")
_GENERIC = set(
    ["老旧", "物业", "封闭", "开放", "住宅", "商品房", "回迁", "安置", "居民", "品质", "城市", "农村", "智慧", "和谐", "幸福", "文明", "美丽", "示范", "试点", "热心", "红色", "绿色", "国际", "周边", "平安", "家属", "单位", "楼院", "庭院", "商业", "工业", "大型", "小型", "普通", "高端", "特色", "重点", "建制", "传统", "空心", "集镇", "老年", "青年", "儿童", "友好", "生态", "宜居", "未来", "数字", "样板", "标杆", "先进", "优秀", "基层", "试验", "保税", "网格", "党建", "联盟", "社会", "主题", "公共", "不同", "自然", "行政", "街道", "社区", "小区", "乡镇", "城", "古", "小", "大", "新", "老", "旧", "里", "外", "内", "中", "前", "后", "上", "下", "东", "西", "南", "北", "各", "该", "本", "全", "某", "市", "县", "区", "省", "乡", "村", "镇", "周围", "附近", "全国", "全市", "全省", "全区", "全县", "邻近", "邻里", "年轻", "老人", "老年人", "业主", "家门口", "楼栋", "党群", "两新", "沿街", "驻地", "贫困", "脱贫", "所在", "多个", "各个", "一个", "两个", "三个", "四个", "五个", "几个", "有机", "职工", "学生", "集体", "员工", "老式", "单身", "机关", "高层", "多层", "电梯", "百姓", "家", "人", "多", "服务", "建设", "治理", "管理", "人民", "整个", "中心", "完整", "智能", "现代", "品牌", "新型", "标准化", "零距离", "一站式", "群众", "党员", "部门", "驻区", "农牧民", "城乡", "机关", "企业", "学校", "校区", "园区", "片区", "辖区", "地区", "城区", "街区", "景区", "市区", "郊区", "山区", "灾区", "特区", "社区", "小区", "禁区", "专区", "老区", "牧区", "林区", "库区", "矿区", "厂区", "院区", "营区", "战区", "选区", "教区", "时区", "都市", "城市", "超市", "门市", "上市", "夜市", "早市", "股市", "菜市", "县市", "省市", "农村", "乡村", "新村", "全村", "本村", "健全", "优美", "稳定", "整洁", "安全", "富裕", "繁荣", "温馨", "舒适", "集中", "扎根", "深入", "走进", "融入", "下沉", "立足", "建强", "规范", "感觉", "建立健全", "激发", "参与", "织密", "关爱", "热爱", "奉献", "回报", "建好", "管好", "守护", "辐射", "覆盖", "联系", "指导", "督促", "协助", "依靠", "发动", "动员", "引导", "带动", "提升", "改善", "美化", "扮靓", "点亮", "温暖", "来到", "入驻", "进驻", "挂点", "包联", "联点", "结对", "报到", "苏木", "嘎查", "三级", "四级", "五级", "两级", "各级", "行政村", "自然村", "城中村", "空心村", "全镇", "小镇", "城镇", "乡镇", "村镇", "集镇", "重镇", "党旗", "国旗", "队旗", "锦旗", "战旗", "团旗", "全旗", "各旗", "旗", "联盟", "同盟", "加盟", "结盟", "入盟", "家乡", "故乡", "他乡", "老乡", "全乡", "下乡", "返乡", "回乡", "全盟", "我盟", "我市", "全县", "我县", "我区", "本市", "本县", "本区", "外省", "全省", "本省", "我省", "各省", "他县", "邻县", "各县", "各区", "各市", "县区", "市县", "旗区", "旗县", "区县", "步行街道", "一城", "两区", "家属院"]
)
_REGION_WORDS = re.compile(r"全市|我市|全盟|我盟|全县|我县|全旗|我旗|全区|我区|(?:^|[,。“、;])(?:市委|市直|市级|市、县)")
_VISITED = re.compile(r"(?:赴|前往|来自)$")
_OFFICE = re.compile(r"派出所|公安局|法院|医院|小学|中学|幼儿园")
_FUNCTION_WORDS = set("的了在是和与及由对从到向把被让使给为以等各将如像并而或也都至往进去来有说看走住个名家户位处次年月日级该本")
_MOTION = re.compile(r"[赴从在]")
_FUNCTION = "两由在的了把被是有为对向从与及"
_INNER = re.compile(r"^(.{2,6}?(?:街道|镇|乡|县|旗|区))(.{1,6})$")
_PARTY_SEAT = re.compile(r"^[市区县旗镇乡](?:委|政府|直|级)")
_ANAPHORA = re.compile(r"^(?:该|此外|同时|这一|这些|这项|随后|下一步|接下来|社区|街道|小区|村里|镇里)")
_PAPER_CITY = re.compile(r"^([\u4e00-\u9fff]{2,4}?)(?:日报|晚报|晨报|早报|时报|都市报|商报|新闻网|融媒|发布)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place as printed: `parts` from the widest to the narrowest, `start` and `end` in the text it was read from."""

    start: int
    end: int
    parts: tuple[str, ...]

    @property
    def level(self) -> int:
        return level_of(self.parts[-1])


def level_of(name: str) -> int:
    """Return the administrative level of a place name's suffix: 0 province … 4 community or village, 5 compound."""
    return next((level for suffix, level in _BY_LENGTH if name.endswith(suffix)), -1)


_BY_LENGTH = sorted(_LEVELS.items(), key=lambda item: -len(item[0]))


def find_mentions(text: str, known: frozenset[str] = frozenset()) -> list[Mention]:
    """Return the places named in `text`, chains like 海北街道黄河社区 as one mention.

    `known` holds names found elsewhere in the article: they are recognised even where the words around them are doubtful.
    """
    parts: list[tuple[int, int, str]] = []
    words = _words(text)
    for i, (start, end, word, tag) in enumerate(words):
        if _PARTY_SEAT.match(word):
            word, end = word[0], start + 1
        suffix = next((s for s in _SUFFIXES if word.endswith(s)), None)
        common = suffix is not None and word != suffix and tag not in _PROPER and len(word) - len(suffix) > 2
        if suffix is None or common or word != suffix and word in _GENERIC:
            continue
        low = parts[-1][1] if parts else 0
        begin = _known_start(text, low, end, known)
        own = len(word) - len(suffix)
        if begin is None and own >= 2:
            begin = start + (word[0] in "全各该本从在到" and len(word) > 3)
        elif begin is None:
            begin = _name_start(words[:i], low, start, 2 - own)
            if begin is None and own and tag in _PROPER and suffix == "县":
                begin = start
        if begin is not None:
            parts += _named(text, begin, end, suffix)
    return _chains(parts)


def _named(text: str, begin: int, end: int, suffix: str) -> list[tuple[int, int, str]]:
    """Return the place(s) that [begin, end) names; a town may hide in the name of its community (某某镇警苑小区)."""
    own = text[begin:end - len(suffix)]
    for cut in _MOTION.finditer(own[:-1]):
        begin, own = begin + cut.end(), own[cut.end():]
        break
    if suffix in ("旗", "盟") and _words(text[begin:end])[0][3] not in _PROPER | {"j"}:
        return []
    if text[begin:end] in _GENERIC or own[-1:] in _FUNCTION or own in _FUNCTION_WORDS or own in _GENERIC or not (2 <= len(own) <= 10 or own and suffix == "县"):
        return []
    inner = _INNER.match(own)
    if inner and level_of(suffix) > level_of(inner[1]) and inner[1] not in _GENERIC:
        middle = begin + len(inner[1])
        return [(begin, middle, inner[1]), (middle, end, text[middle:end])]
    return [(begin, end, text[begin:end])]


def _words(text: str) -> list[tuple[int, int, str, str]]:
    words, offset = [], 0
    for word, tag in rjieba.tag(text):
        words.append((offset, offset + len(word), word, tag))
        offset += len(word)
    return words


def _known_start(text: str, low: int, end: int, known: frozenset[str]) -> int | None:
    return next((end - size for size in range(10, 2, -1) if end - size >= low and text[end - size:end] in known), None)


def _name_start(before: list[tuple[int, int, str, str]], low: int, high: int, least: int) -> int | None:
    """Return where the name that ends at `high` begins; None when the last words of `before` are no name of `least` size."""
    begin, proper = high, False
    for start, end, word, tag in reversed(before):
        chained = start == low and low > 0
        if start < low or word in _GENERIC or _ORGANISATION.search(word):
            break
        odd = end - start == 1 and tag in ("zg", "g", "ng", "vg", "ag", "tg", "v", "q") and word not in _FUNCTION_WORDS
        if tag not in _NAMEABLE and not odd and not (chained and (tag[0] in "vmdz" and end - start > 1 or tag == "f")):
            break
        if high - start > 8 or begin < high and (end - start > 4 or proper and tag not in _PROPER and tag != "j"):
            break
        begin, proper = start, tag in _PROPER
    return begin if high - begin >= least else None


def _chains(parts: list[tuple[int, int, str]]) -> list[Mention]:
    mentions: list[Mention] = []
    for start, end, name in parts:
        if mentions and mentions[-1].end == start and level_of(name) > mentions[-1].level:
            mentions[-1] = Mention(mentions[-1].start, end, (*mentions[-1].parts, name))
        else:
            mentions.append(Mention(start, end, (name,)))
    return mentions


def _trusted(mentions: list[Mention], heads: str, texts: list[str]) -> frozenset[str]:
    """Return the names to believe: part of a chain, in a headline, named twice, or tagged as a proper name."""
    count = Counter(name for m in mentions for name in m.parts)
    chained = {name for m in mentions if len(m.parts) > 1 for name in m.parts}
    return frozenset(
        name for name, n in count.items()
        if name in chained or name in heads or n > 1 or sum(text.count(name) for text in texts) > 1 or _is_proper(name)
    )


def _is_proper(name: str) -> bool:
    """Tell whether the segmenter takes a name's own part for a proper name, or does not know it as a word."""
    own = name[: len(name) - len(next(s for s in _SUFFIXES if name.endswith(s)))]
    return level_of(name) <= 3 or all(tag in _PROPER or tag in "nabj" for _, tag in rjieba.tag(own))


class PlaceReader:
    """Resolves the place of each sentence of one article; call `resolve` once a paragraph, in order."""

    def __init__(self, *, heads: tuple[str, ...], texts: list[str], paper: str) -> None:
        everything = [*heads, *texts]
        first = [m for text in everything for m in find_mentions(text)]
        self._known = _trusted(first, " ".join(heads), everything)
        self._chain: dict[str, tuple[str, ...]] = {}
        mentions = [m for text in everything for m in self._mentions(text)]
        for mention in mentions:
            for i, name in enumerate(mention.parts):
                chain = mention.parts[: i + 1]
                if len(chain) > len(self._chain.get(name, ())):
                    self._chain[name] = chain
        city = _PAPER_CITY.search(paper)
        self._region = f"{city[1]}市" if city and any(_REGION_WORDS.search(text) for text in texts) else ""
        self._main = self._main_chain(heads, mentions, texts)
        self._last: tuple[str, ...] = self._main

    @property
    def article_place(self) -> str:
        return "".join(self._main)

    def resolve(self, sentences: list[str]) -> list[str]:
        """Return the place of each of a paragraph's sentences, "" where none is known."""
        if level_of(self._last[-1] if self._last else "") > COMMUNITY and any(level_of(p) == COMMUNITY for p in self._last):
            self._last = self._last[:-1]
        places: list[tuple[str, ...] | None] = []
        for sentence in sentences:
            mentions = self._mentions(sentence)
            if mentions:
                self._last = self._full(self._subject(mentions))
            elif _REGION_WORDS.search(half(sentence)):
                self._last = self._widest() or self._last
            elif all(p is None for p in places) and not _ANAPHORA.match(sentence):
                places.append(None)
                continue
            places.append(self._last)
        named = next((p for p in places if p is not None), self._last)
        return ["".join(named if p is None else p) for p in places]

    def _mentions(self, sentence: str) -> list[Mention]:
        found = [m for m in find_mentions(sentence, self._known) if m.parts[-1] in self._known]
        return [m for m in found if not _VISITED.search(sentence[: m.start]) and not _OFFICE.match(sentence[m.end:])]

    def _subject(self, mentions: list[Mention]) -> Mention:
        """The first community named, or the first place: what a Chinese sentence speaks about comes first."""
        first = mentions[0]
        if first.level >= COMMUNITY - 1:
            return first
        near = next((m for m in mentions if m.level >= COMMUNITY - 1 and m.start - first.end < 30), None)
        own = next((m for m in mentions if self._main and m.parts[-1] == self._main[-1]), None)
        return near or own or first

    def _full(self, mention: Mention) -> tuple[str, ...]:
        """Complete a mention by the parents printed elsewhere in the article, or by the nearest wider place before it."""
        head = mention.parts[0]
        chain = (*self._chain.get(head, (head,))[:-1], *mention.parts)
        top = level_of(chain[0])
        if top <= 2:
            return chain
        context = self._last or self._main
        limit = min(top, 3 if top == COMMUNITY else top)
        parents = tuple(p for p in context if level_of(p) < limit)
        if top == COMMUNITY + 1 and not any(level_of(p) == COMMUNITY for p in parents):
            parents = tuple(p for p in self._last if level_of(p) < top) or parents
        return (*parents, *chain)

    def _widest(self) -> tuple[str, ...]:
        if self._region:
            return (self._region,)
        return self._main[:1] if self._main and level_of(self._main[0]) <= 2 else ()

    def _main_chain(self, heads: tuple[str, ...], mentions: list[Mention], texts: list[str]) -> tuple[str, ...]:
        for head in heads:
            found = self._mentions(head)
            if found:
                best = max(found, key=lambda m: m.level)
                return (*self._chain.get(best.parts[0], (best.parts[0],))[:-1], *best.parts)
        communities = Counter(m.parts[-1] for m in mentions if m.level in (COMMUNITY - 1, COMMUNITY))
        if communities:
            name, count = communities.most_common(1)[0]
            if count >= 0.6 * sum(communities.values()):
                return self._chain.get(name, (name,))
        if self._region and sum(bool(_REGION_WORDS.search(text)) for text in texts) >= 2:
            return (self._region,)
        wider = Counter(m.parts[0] for m in mentions if level_of(m.parts[0]) in (1, 2))
        return (wider.most_common(1)[0][0],) if wider else ()
