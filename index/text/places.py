"""Find the places that a text names: 市/盟 > 区/县/旗 > 街道/镇/苏木 > 社区/村/嘎查 > 小区.

A place is recognised by its administrative suffix and by the words before it (a segmenter's parts of speech say which
can be a name); no gazetteer is asked, so a community of any town is found. `places.toml` beside this module
lists the suffixes and what never is a name (老旧小区, 走进社区) and may be edited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.text.language import is_han
from index.text.normalize import HAN
from index.text.speech import PROPER, Word, begins_a_quoted_term, is_deed, words_of
from index.text.words import any_of, load

PROVINCE, CITY, COUNTY, TOWN, COMMUNITY, COMPOUND = range(6)
"""Levels of places, from the widest to the narrowest."""
_LISTS = load("places")
_LEVELS = list(_LISTS["levels"].values())
_LEVEL_OF = {suffix: level for level, suffixes in enumerate(_LEVELS) for suffix in suffixes}
_SUFFIXES = tuple(sorted(_LEVEL_OF, key=len, reverse=True))
"""Longest first: 新区 before 区."""
_EVERYDAY = tuple(_LISTS["everyday"])
"""Suffixes that end everyday words too: a name only right behind its town."""
ADMINISTRATIVE = any_of({*(s for s in _LEVEL_OF if _LEVEL_OF[s] < COMPOUND), "小区"} - set(_EVERYDAY))
"""The suffixes of places that are run by an office, and of compounds, for use in a pattern."""
_LEFT_OUT = re.compile(f"{any_of(_LISTS['left_out'])}$")
_COMMUNITY_NAME = re.compile(f".+?{any_of(set(_LEVELS[COMMUNITY]) - set(_EVERYDAY))}")

NAMEABLE = PROPER | {"n", "j", "a", "b", "s"}
"""Parts of speech that a place's own name may be made of; a verb or function word ends it."""
_ODD = {"zg", "g", "ng", "vg", "ag", "tg", "v", "q"}
"""What the segmenter calls a lone character that it does not know as a word; in a name it often is one."""

_GENERIC = {word for words in _LISTS["never"].values() for word in words}
_VIRTUES = set(_LISTS["never"]["virtues"])
_KINDS = set(_LISTS["never"]["kinds"])
_ALONE = re.compile(rf"[^{HAN}]|$")
_ROAD = re.compile("[东南西北中][路街道巷]")
"""Half of a name: 文化|东路|街道."""
_BETWEEN = ("", "的", "办事处")
"""What may stand between a place and one in it (城西镇的粮站家属楼, 某街道办事处某社区)."""
_ORGAN = re.compile(r"党委|党总支|党支部|居委会|村委会|工委|办事处|党群服务中心|综合服务站")
"""What only a certain community has: 幸福社区党委 is that of one named 幸福."""
_COMMUNITY_NEXT = re.compile(rf"[{HAN}]{{2,5}}(?:社区|村)")
_COUNTED = re.compile(r"^[一二两三四五六七八九十百几多数\d]+(?:家|个|座|处|大|类|批|所|名|对|条|户)$")
_SIGNS = "一二三四五六七八九十百千万"
_NUMERAL_NAME = re.compile(rf"第[{_SIGNS}]+|(?!一二|二三|三[四五]|四五|五六|六七|七八|八九)[一二三四五六七八九]{{2}}")
"""A numeral that is a name: 第三社区, 八一社区 (a day), but not the rough number of 四五社区."""
_NUMERAL_HEAD = re.compile(rf"[{_SIGNS}]+[^{_SIGNS}些半余几多]")
"""How a name can begin that ends with one more character: 九里|亭."""
_ORGANISATION = re.compile(r"(?:局|院|委|办|部|所|公司|厅|学校|中心|协会|物业|单位)$")
_LONE = set("的了在是和与及由对从到向把被让使给为以等各将如像并而或也都至往进去来有说看走住个名家户位处次年月日级该本")
"""Single characters that are words of their own, never a piece of a name."""
_NEVER_LAST = set("两由在的了把被是有为对向从与及")
"""Characters that no name ends with."""
_WHEN = re.compile(r"[年月日天今昨前后时]")
_MOTION = re.compile(r"[赴从在]")
_DETERMINERS = set("全各该本从在到")
_SEAT = re.compile(r"^[市区县旗镇乡](?:委|政府|直|级|纪|人大|政协|公安|检察|法院|教育|民政)")
"""A word like 区委, whose first character ends the name before it (海勃湾区委)."""
_TOWN_INSIDE = re.compile(r"^(.{2,6}?(?:街道|镇|乡|县|旗|区))(.{1,6})$")
_CITY_INSIDE = re.compile(r"^(.{2,4}市)(.{1,5})$")
_UNITS = re.compile("[省市区县旗乡镇村盟州]+")
"""A name of nothing but such signs is none (省区市)."""
_IN_ADDRESS = re.compile(r"[道\d一二三四五六七八九十以沿两]")
_LONGEST_NAME, _LONGEST_OWN = 10, 5
_AROUND = 16
"""Words before a suffix among which its name begins: more than a name can be made of."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place as printed: `parts` from the widest to the narrowest, `start` and `end` in the text it was read from."""

    start: int
    end: int
    parts: tuple[str, ...]

    @property
    def level(self) -> int:
        return level_of(self.parts[-1])


@lru_cache(4096)
def suffix_of(name: str) -> str:
    """Return the administrative suffix that `name` ends with, "" when it has none."""
    if not name.endswith(_SUFFIXES):  # nearly always: one call instead of forty
        return ""
    return next(suffix for suffix in _SUFFIXES if name.endswith(suffix))


def level_of(name: str) -> int:
    """Return the level of a place name: 0 province … 4 community or village, 5 compound, -1 no place."""
    return _LEVEL_OF.get(suffix_of(name), -1)


def stem_of(name: str) -> str:
    """Return a place's name without its suffix, where two characters or more are left."""
    stem = _LEFT_OUT.sub("", name)
    return stem if len(stem) >= 2 else name


def community_in(name: str) -> str:
    """Return the community or village that `name` begins with, "" for a place that is none: a compound counts to its own."""
    found = _COMMUNITY_NAME.match(name)
    return found[0] if found else ""


def find_mentions(text: str, known: frozenset[str] = frozenset()) -> list[Mention]:
    """Return the places named in `text`, chains like 海北街道黄河社区 as one mention.

    `known` holds names found elsewhere in the article: they are recognised even where the words around are doubtful.
    """
    parts: list[tuple[int, int, str]] = []
    words = words_of(text)
    for i, (start, end, word, tag) in enumerate(words):
        if _SEAT.match(word):
            word, end = word[0], start + 1
        suffix, last, before = suffix_of(word), words[i], words[max(0, i - _AROUND):i]
        wide = suffix_of(text[max(0, end - _LONGEST_NAME):end]) if suffix else ""
        if len(wide) > len(word) and any(one[0] == end - len(wide) for one in before):  # 经济|技术开发区
            before = [one for one in before if one[1] <= end - len(wide)]
            word, suffix, last = wide, wide, (end - len(wide), end, wide, tag)
        goes_on = (suffix in _EVERYDAY or level_of(suffix) > COMMUNITY) and text.startswith(("小区", "社区", "村"), end)
        if not suffix or _is_common(word, suffix, tag) or goes_on or suffix == "街" and _IN_ADDRESS.match(text, end):
            continue
        low = parts[-1][1] if parts else 0
        if i and words[i - 1][2] in _VIRTUES | _KINDS and word == suffix:
            kind = _named_by_virtue(text, parts, words[i - 1][0], end, known)
            parts += kind
            if kind or words[i - 1][2] in _VIRTUES:
                continue
        begin, trusted = _start_of_name(before, low, last, suffix), _known_start(text, low, end, known)
        own = _behind_town(before, parts, last, suffix)
        if own is not None and (begin is None or own < begin):
            begin = own
        named = _named(text, begin, end, suffix) if begin is not None else []
        # What is read here may hold more than the known name, its county for one; if it does not end with it, it is wrong.
        if trusted is not None and (not named or named[-1][0] != trusted):
            named = _named(text, trusted, end, suffix)
        if named and named[-1][2] not in known and (
                begins_a_quoted_term(text, *named[-1][:2]) or _is_deed(text, words[max(0, i - _AROUND):i + _AROUND], named[0], parts)):
            continue
        if suffix in _EVERYDAY and named and named[-1][2] not in known and not (
                parts and parts[-1][1] == named[0][0] and any(a >= named[0][0] and tag in PROPER for a, _, _, tag in (*before, last))):
            continue
        parts += named
    return _chains(text, parts)


def _named_by_virtue(text: str, parts: list[tuple[int, int, str]], begin: int, end: int, known: frozenset[str]) -> list[tuple[int, int, str]]:
    """Return the place 幸福社区 or the like at [begin, end) where it is a name: behind its town, or with its own organs."""
    name = text[begin:end]
    behind = bool(parts) and parts[-1][1] == begin and level_of(parts[-1][2]) == level_of(name) - 1
    before = level_of(name) < COMMUNITY and _COMMUNITY_NEXT.match(text, end)
    if name.removesuffix(suffix_of(name)) in _KINDS:  # 街道智慧社区建设 speaks of a kind, 街道大型社区 names one
        return [(begin, end, name)] if behind and (_ALONE.match(text, end) or _ORGAN.match(text, end)) else []
    return [(begin, end, name)] if behind or before or name in known or _ORGAN.match(text, end) else []


def _is_common(word: str, suffix: str, tag: str) -> bool:
    """Tell whether a word with a suffix is an everyday word that only ends like a place."""
    if word == suffix:
        return False
    return word in _GENERIC or tag not in PROPER and len(word) - len(suffix) > 2


def _known_start(text: str, low: int, end: int, known: frozenset[str]) -> int | None:
    sizes = range(_LONGEST_NAME, 2, -1)
    return next((end - size for size in sizes if end - size >= low and text[end - size:end] in known), None)


def _start_of_name(before: Sequence[Word], low: int, last: Word, suffix: str) -> int | None:
    """Return where the name begins that ends with the word `last`; None when there is none."""
    start, _, word, tag = last
    own = max(len(word) - len(suffix), 0)
    if own >= 2:  # the segmenter took name and suffix for one word
        return start + (word[0] in _DETERMINERS and len(word) > 3)
    begin = _name_start(before, low, start, 2 - own)
    if begin is None and own and tag in PROPER and suffix == "县":  # 夏县: the only names of one character
        return start
    return begin


def _name_start(before: Sequence[Word], low: int, high: int, least: int) -> int | None:
    """Return where the name that ends at `high` begins; None when fewer than `least` characters can be a name."""
    begin, proper = high, False
    for start, end, word, tag in reversed(before):
        if begin == high and (word == "里" or word == "和" and _is_piece(before, start, low)):  # 和顺里小区, 锦和家园
            begin = start
            continue
        own = start == low > 0 and (begin < high or least == 1) and len(word) == 1  # 西花园社区 right behind its town
        if start < low or word in _GENERIC and not own or _ORGANISATION.search(word):
            break
        # Right behind another place (海北街道|奋斗|社区) a name may be any full word.
        full = tag[0] in "vmdzil" or tag == "t" and not _WHEN.search(word)
        chained = start == low > 0 and (tag == "f" or full and end - start > 1)
        lone = end - start == 1 and (tag in _ODD or _is_rare(word, tag)) and word not in _LONE
        numeral = tag == "m" and _can_begin(word, behind=high - begin, least=least)
        if tag not in NAMEABLE and not lone and not chained and not numeral:
            break
        # A name is one long word or a few short ones, and a proper name begins it.
        foreign = proper and tag not in PROPER and tag != "j" and not (high - begin == end - start == 1)
        if high - start > _LONGEST_NAME - 1 or begin < high and (end - start > 4 or foreign):
            break
        begin, proper = start, tag in PROPER and not _ROAD.fullmatch(word)
    return begin if high - begin >= least else None


def _behind_town(before: Sequence[Word], parts: list[tuple[int, int, str]], last: Word, suffix: str) -> int | None:
    """Return where the name of a community begins that fills all the room behind its town; None where other words stand there."""
    if not parts or level_of(parts[-1][2]) != TOWN or level_of(suffix) != COMMUNITY or suffix in _EVERYDAY:
        return None
    low, high = parts[-1][1], last[1] - len(suffix)
    low += sum(len(word[2]) for word in before if word[0] == low and word[2] in _BETWEEN)
    inside = [word for word in before if word[0] >= low] + ([last] if last[0] < high else [])
    plain = all(tag in NAMEABLE | {"f"} or len(word) == 1 and (tag in _ODD or _is_rare(word, tag)) and word not in _LONE
                for *_, word, tag in inside)
    known_words = all(word in _GENERIC and len(word) > 1 and level_of(word) != COMPOUND for *_, word, _ in inside)
    return low if 2 <= high - low <= _LONGEST_OWN and plain and not known_words else None


def _is_deed(text: str, words: Sequence[Word], named: tuple[int, int, str], parts: list[tuple[int, int, str]]) -> bool:
    """Tell whether a verb with its object was taken for a name (加固小区的老围墙)."""
    begin, end, name = named
    behind = parts and text[parts[-1][1]:begin] in _BETWEEN and level_of(name) - level_of(parts[-1][2]) == 1
    chained = behind or level_of(name) == TOWN and _COMMUNITY_NEXT.match(text, end)
    if level_of(name) < TOWN or chained or _ORGAN.match(text, end):
        return False
    own = [word for word in words if begin <= word[0] and word[1] <= end - len(suffix_of(name))]
    return is_deed(own, [word for word in words if word[1] <= begin], [word for word in words if word[0] >= end])


def _is_rare(word: str, tag: str) -> bool:
    """Tell whether a word is Chinese and of a character that the segmenter does not know: hardly ever but in names (㙍头)."""
    return tag == "x" and is_han(word)


def _can_begin(numeral: str, *, behind: int, least: int) -> bool:
    """Tell whether a numeral is the name before a suffix, or begins one that has one character `behind` it."""
    if behind:
        return behind == 1 and bool(_NUMERAL_HEAD.fullmatch(numeral)) and not _COUNTED.match(numeral)
    return least == 2 and bool(_NUMERAL_NAME.fullmatch(numeral))


def _is_piece(before: Sequence[Word], end: int, low: int) -> bool:
    """Tell whether one character stands right behind another place and ends at `end`, and can be a piece of a name."""
    return any(b == end and a == low > 0 and b - a == 1 and (tag in PROPER or tag in _ODD) and word not in _LONE for a, b, word, tag in before[-3:])


def _named(text: str, begin: int, end: int, suffix: str) -> list[tuple[int, int, str]]:
    """Return the place(s) that [begin, end) names; a town may hide in its community's name (某某镇警苑小区)."""
    own = text[begin:end - len(suffix)]
    moved = _MOTION.search(own[:-1])
    if moved:
        begin, own = begin + moved.end(), own[moved.end():]
    if suffix in ("旗", "盟") and words_of(text[begin:end])[0][3] not in PROPER | {"j"}:
        return []
    if not _can_be_name(own, suffix) or text[begin:end] in _GENERIC:
        return []
    town = _TOWN_INSIDE.match(own) or level_of(suffix) == COUNTY and _CITY_INSIDE.match(own)
    if town and level_of(suffix) > level_of(town[1]) <= TOWN and town[1] not in _GENERIC:
        middle = begin + len(town[1])
        return [(begin, middle, town[1]), (middle, end, text[middle:end])]
    return [(begin, end, text[begin:end])] if "社区" not in own and "小区" not in own else []


def _can_be_name(own: str, suffix: str) -> bool:
    if own in _GENERIC and level_of(own) != COMPOUND or own in _LONE or _UNITS.fullmatch(own + suffix) or own[-1:] in _NEVER_LAST or own[-1:] in _DETERMINERS or _COUNTED.match(own) or _is_paired(own + suffix):
        return False
    return 2 <= len(own) <= _LONGEST_NAME or len(own) == 1 and suffix == "县"


def _is_paired(name: str) -> bool:  # 分片分区
    return len(name) == 4 and name[0] == name[2] and level_of(name) <= COUNTY


def _chains(text: str, parts: list[tuple[int, int, str]]) -> list[Mention]:
    mentions: list[Mention] = []
    for start, end, name in parts:
        # What kind of building stands right before the name of a village (老洋房小区石溪三村) is no name.
        if mentions and mentions[-1].end == start and len(mentions[-1].parts) == 1 and COMPOUND == mentions[-1].level > level_of(name):
            mentions.pop()
        if mentions and text[mentions[-1].end:start] in _BETWEEN and level_of(name) > mentions[-1].level:
            mentions[-1] = Mention(mentions[-1].start, end, (*mentions[-1].parts, name))
        else:
            mentions.append(Mention(start, end, (name,)))
    return mentions


def looks_proper(name: str) -> bool:
    """Tell whether a town or wider is named, or the own part of a narrower place's name can be a proper name."""
    own = name.removesuffix(suffix_of(name))
    return level_of(name) < COMMUNITY or all(
        tag in PROPER or tag in "nabj" or _is_rare(word, tag) for _, _, word, tag in words_of(own))
