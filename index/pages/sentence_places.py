"""Give each sentence the place it speaks about, as its full chain (某区某街道某社区).

A sentence without a place takes the nearest one printed before it. Names that look alike stay apart, because each is
completed to its chain inside its own article: by what is printed elsewhere in it, or by the wider place before it.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from index.text.newspapers import city_of
from index.text.normalize import HAN, matching_form
from index.text.places import CITY, COMMUNITY, COUNTY, NAMEABLE, TOWN, Mention, find_mentions, level_of, looks_proper
from index.text.speech import PEOPLE, PROPER, begins_a_quoted_term, words_of

_REGION_WORDS = re.compile(
    r"[全我][市盟县旗区]|(?:^|[,。“、;])(?:市委|市直|市级|市、县)"
    r"|(?:^|[,。“、;●▲◆■] ?)[市县区旗盟](?![域场民内外直委])[^,。的]{1,8}?(?:局|办|中心|公司|图书馆|医院|学校|法院|政府|协会)"
)
"""Words that speak of the whole area the newspaper is for."""
_ASIDE = ("赴", "前往", "来自", "像", "如同", "类似")
"""Words before a place that is only visited, or that another one is only compared with."""
_OFFICE = re.compile(r"派出所|公安局|法院|医院|小学|中学|幼儿园")
_ANAPHORA = re.compile(r"^(?:该|此外|同时|这一|这些|这项|随后|下一步|接下来|社区|街道|小区|村里|镇里)")
_UNIT = re.compile(r"^(社区|小区|街道|村里|镇里|镇上|乡里)")
_UNIT_LEVELS = {"社区": (4,), "村里": (4,), "小区": (5, 4), "街道": (3,), "镇里": (3,), "镇上": (3,), "乡里": (3,)}
"""The levels of what such a word at a sentence's begin can mean."""
_BEGUN = re.compile(r"[。！？!?…][”’」』]?$")
"""What stands before the first word of a sentence."""
_INSTITUTION = re.compile(
    "(?:学院|大学|中学|小学|学校|幼儿园|医院|卫生院|合作社|公司|集团|农场|林场|牧场|车站|机场|博物馆|图书馆|文化馆|敬老院|养老院)$"
)
_MARKS = re.compile(f"[^{HAN}·]")
_NEAR = 30
"""Characters within which a community behind a wider place is what the sentence is about."""

Chain = tuple[str, ...]
"""A place with the places it lies in, the widest first."""


def region_of(paper: str, text: str) -> str:
    """Return the city, county … that a page is for, by its paper's name and the unit it is printed with; or ""."""
    city = city_of(paper)
    return next((city + unit for unit in "市县区旗盟州" if city + unit in text), f"{city}市") if city else ""


class PlaceReader:
    """Resolves the place of each sentence of one article; call `resolve` once a paragraph, in order."""

    def __init__(self, *, heads: tuple[str, ...], texts: list[str], region: str) -> None:
        everything = [*heads, *texts]
        self._known = _trusted(" ".join(heads), everything)
        mentions = [m for text in everything for m in self._mentions(text)]
        self._chain = _longest_chains(mentions)
        self._regional = sum(bool(_REGION_WORDS.search(matching_form(text))) for text in texts)
        self._region = region if self._regional else ""
        self._institution = _institution_of(" ".join(heads), texts)
        self._main = self._main_chain(heads, mentions)
        self._last = self._main
        self._section = ""

    @property
    def article_place(self) -> str:
        return "".join(self._main)

    def resolve(self, sentences: list[str], *, section: str = "") -> list[Chain]:
        """Return the place of each of a paragraph's sentences, () where none is known.

        A new `section` of an article about a whole region speaks of the region again.
        """
        if section != self._section and self._main and level_of(self._main[-1]) < TOWN:
            self._last = self._main
        self._section = section
        self._leave_compound()
        places: list[Chain | None] = []
        for sentence in sentences:
            mentions = self._mentions(sentence)
            self._note_namesakes(mentions)
            if mentions:
                self._last = self._full(self._subject(mentions))
            elif _REGION_WORDS.search(matching_form(sentence)):
                self._last = self._widest(matching_form(sentence)) or self._last
            elif not (places and places[-1] is not None or _ANAPHORA.match(sentence) and self._fits_unit(sentence)):
                places.append(None)  # before the paragraph's first place: it is told by what comes after
                continue
            places.append(self._last)
        first = next((p for p in places if p is not None), self._last)
        return [first if p is None else p for p in places]

    def _note_namesakes(self, mentions: list[Mention]) -> None:
        """Let a name that is printed with other parents than before mean the place in these from now on."""
        for name, chain in _longest_chains(mentions).items():
            if self._chain.get(name, ())[-len(chain):] != chain:
                self._chain[name] = chain

    def _fits_unit(self, sentence: str) -> bool:
        """Tell whether 社区…, 街道… at a sentence's begin can mean the last place, or no such word is there."""
        unit = _UNIT.match(sentence)
        return unit is None or any(level_of(name) in _UNIT_LEVELS[unit[1]] for name in self._last)

    def _leave_compound(self) -> None:
        """Go back from a compound to its community: a new paragraph speaks of the whole again."""
        if self._last and level_of(self._last[-1]) > COMMUNITY and COMMUNITY in map(level_of, self._last):
            self._last = self._last[:-1]

    def _mentions(self, text: str) -> list[Mention]:
        return [
            m for m in find_mentions(text, self._known)
            if m.parts[-1] in self._known and not text.endswith(_ASIDE, 0, m.start) and not _OFFICE.match(text, m.end)
        ]

    def _subject(self, mentions: list[Mention]) -> Mention:
        """The first community named, or the first place: what a Chinese sentence speaks about comes first."""
        first = mentions[0]
        if first.level >= TOWN or self._lists(mentions[1:]):
            return first
        near = next((m for m in mentions if m.level >= TOWN and m.start - first.end < _NEAR), None)
        own = next((m for m in mentions if self._main and m.parts[-1] == self._main[-1]), None)
        return near or own or first

    def _lists(self, mentions: list[Mention]) -> bool:
        """Tell whether towns or communities are only listed (甲社区、乙社区和丙社区): none of them is the subject then."""
        return any(
            a.level == b.level >= TOWN and b.start - a.end <= 1 + sum(map(len, b.parts[:-1])) for a, b in pairwise(mentions)
        )

    def _full(self, mention: Mention) -> Chain:
        """Complete a mention by the parents printed in the article, or by the nearest wider place before it."""
        chain = self._with_parents(mention)
        top = level_of(chain[0])
        if top <= COUNTY:
            return chain
        # The town of the community before it need not be its own town, so a community takes over the county only.
        below = TOWN if top == COMMUNITY else top
        return (*(p for p in self._last if level_of(p) < below), *chain)

    def _with_parents(self, mention: Mention) -> Chain:
        first = mention.parts[0]
        return (*self._chain.get(first, (first,))[:-1], *mention.parts)

    def _widest(self, sentence: str) -> Chain:
        if len(self._main) == 1 and level_of(self._main[0]) == CITY and "我" not in sentence:
            return self._main  # a county-level city that the article is about says 全市 of itself
        if self._region:
            return (self._region,)
        return self._main[:1] if self._main and level_of(self._main[0]) <= COUNTY else ()

    def _main_chain(self, heads: tuple[str, ...], mentions: list[Mention]) -> Chain:
        """Return the place of the whole article: named above it, named most of the time, or the region."""
        communities = Counter(
            next(p for p in reversed(m.parts) if level_of(p) <= COMMUNITY) for m in mentions
            if m.level in (TOWN, COMMUNITY) or COMMUNITY in map(level_of, m.parts)
        )
        name, count = communities.most_common(1)[0] if communities else ("", 0)
        usual = self._chain.get(name, (name,)) if count and count >= 0.6 * communities.total() else ()
        for head in heads:
            found = self._mentions(head)
            if found:
                named = self._with_parents(max(found, key=lambda m: m.level))
                # 某县:… above an article about one community of that county
                return usual if count > 1 and level_of(named[-1]) < TOWN and named[-1] in usual else named
        if usual:
            return usual
        if self._region and self._regional >= 2:
            return (self._region,)
        wider = Counter(m.parts[0] for m in mentions if level_of(m.parts[0]) in (CITY, COUNTY))
        if wider:
            return (wider.most_common(1)[0][0],)
        if self._region:
            return (self._region,)
        institution = "" if mentions else self._institution
        return (institution,) if institution else ()


def _institution_of(heads: str, texts: list[str]) -> str:
    """Return the school, hospital, company … that an article is about: named in full early, and spoken of again; or ""."""
    for text in [heads, *texts[:3]]:
        words = words_of(text)
        for i, (_, end, word, _) in enumerate(words):
            if not _INSTITUTION.search(word):
                continue
            behind = words[i]
            for word_before in reversed(words[max(0, i - 5):i]):
                start, _, _, tag = word_before
                acts = tag in PEOPLE and behind[3] == "v"  # one who leads a company is no part of its name
                if tag in PROPER and end - start <= 16 and not acts:
                    if sum(other.count(word) for other in (heads, *texts)) > 1 and not _MARKS.search(text[start:end]):
                        return text[start:end]
                    break
                if acts or tag not in NAMEABLE | {"vn", "l", "nl", "v"}:
                    break
                behind = word_before
    return ""


def _trusted(heads: str, texts: list[str]) -> frozenset[str]:
    """Return the names to believe: part of a chain, in a headline, printed twice, like a proper name, or a community's
    that begins a sentence: it is what that sentence is about."""
    found = [(text, m) for text in texts for m in find_mentions(text)]
    mentions = [m for _, m in found]
    named = Counter(name for m in mentions for name in m.parts)
    printed = "\n".join(texts)
    chained = {name for m in mentions if len(m.parts) > 1 for name in m.parts}
    begun = {m.parts[0] for text, m in found if m.level == COMMUNITY and _begins_a_sentence(text, m.start)}
    quoted = {name for name in named if _is_brand(name, printed)} - chained
    return frozenset(
        name for name, count in named.items() if name not in quoted and (
            name in chained or name in heads or count > 1 or printed.find(name, printed.find(name) + len(name)) >= 0
            or looks_proper(name) or name in begun)
    )


def _is_brand(name: str, printed: str) -> bool:
    """Tell whether `name` stands in quotation marks by itself where it is first printed: elsewhere it is none either."""
    at = printed.find(name)
    return at > 0 and begins_a_quoted_term(printed, at, at + len(name))


def _begins_a_sentence(text: str, start: int) -> bool:
    return start == 0 or bool(_BEGUN.search(text[max(0, start - 2):start]))


def _longest_chains(mentions: list[Mention]) -> dict[str, Chain]:
    """Return each name's longest chain printed in the article."""
    chains: dict[str, Chain] = {}
    for mention in mentions:
        for i, name in enumerate(mention.parts, start=1):
            if i > len(chains.get(name, ())):
                chains[name] = mention.parts[:i]
    return chains
