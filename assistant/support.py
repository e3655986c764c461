"""The support check: does a passage carry a sentence that a language model wrote?

Two questions, and both must be answered yes. Facts: every number, date, name, place and quoted title of the claim stands in
the source (`missing_facts`; 三千二百元 is 3200元). Content: a logistic model over a few signals says how likely the source
carries the claim. The weights stand in `support.toml`, fitted by `python -m eval.support` on claims about news that it
had to tell apart (after the idea of Tang et al. 2024, MiniCheck: check each sentence against the documents it cites).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from pathlib import Path

import rjieba
from pypinyin import lazy_pinyin

from assistant.evidence import probability
from assistant.gazetteer import stem_of
from assistant.numbers import Number, numbers_in, stands_in
from assistant.question import language_of
from index.errors import ReadError
from index.places import find_mentions
from index.terms import fold, terms
from index.width import half

BUNDLED = Path(__file__).with_name("support.toml")

_NEGATION = re.compile(r"不(?!过|仅|但|同|断|少|久|管|论|到|便|足|满|超)|没|未|无(?!论|障碍|人机)|非(?!常)|否认|拒绝|从未|\bnot?\b|\bnever\b|\bnone\b|n't\b|\bwithout\b", re.I)
_OPPOSITES = (
    ("上升|增加|增长|提高|上涨|涨|rose|increased", "下降|减少|降低|下跌|降|跌|fell|dropped|decreased"),
    ("首次|第一次", "再次|第二次"), ("最高", "最低"), ("提前", "推迟|延后"), ("国有|国企", "民营|私营|民企"), ("允许", "禁止"),
)
"""A claim that has one side where its source has only the other says the contrary."""
_CONTRASTS = (
    ("免费|free of charge", "收费|付费"), ("成功|办成", "失败|办不成"), ("同意|赞成", "反对|不同意"), ("支持", "反对"), ("全部", "部分"), ("超过|多于", "不足|少于"),
    ("开放", "关闭"), ("盈利|结余", "亏损"),
)
"""Likewise, but either may be negated: it counts against the claim without deciding."""
_QUOTED = re.compile(r"《([^》]{1,30})》|“([^”]{2,14})”")
_LATIN = re.compile(r"[A-Za-z][A-Za-z]+")
_CAPITAL = re.compile(r"(?:^(?=[A-Z][a-z]+ [A-Z])|(?<=[a-z,;:’'\d] ))[A-Z][a-z]+(?:[ -][A-Z][a-z]+)*")
_COMMON_CAPITALS = frozenset(
    ["community", "communities", "street", "subdistrict", "district", "city", "town", "township", "village", "county", "province", "party", "secretary", "committee", "residents", "resident", "center", "centre", "road", "lane", "building", "china", "chinese", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "i", "the", "in", "on", "at", "director", "mr", "mrs", "ms", "and", "of", "for", "by", "yuan", "daily", "news", "evening", "morning", "neighborhood", "neighbourhood", "service", "property", "management", "company", "garden"])
_SURNAMES = set(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻苏潘葛范彭鲁韦马苗方俞任袁柳鲍史唐费薛雷贺倪汤罗郝安常于傅齐康伍余顾孟黄穆萧"
    "尹姚邵汪毛狄戴宋庞熊纪舒项祝董梁杜阮蓝闵季贾路江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍万柯管卢莫房丁邓洪包左石崔吉龚程邢裴陆荣翁段侯宁祖武刘景龙叶白"
    "佟温庄晏柴翟阎连习艾容向古易廖居耿满文寇广欧聂曾沙关游樵苟")
_ROLE = re.compile(r"(?:书记|主任|法官|检察官|教师|律师|民警|医生|护士|院长|厂长|队长|校长|站长|经理|镇长|村长|区长|市长|木匠|工程师)$")
_PLACE_END = re.compile(r"[\u3400-\u9fff](?:社区|街道|小区)")
_GENERIC_LAST = set("旧业管他她它个该本各型慧范边近闭新地多些一两三四五六七八九十的在到是每全整小大众哪某这那和与及户老市辖属家居下合院式入进在由把被让给对向从")
"""Characters that no name of a place ends with: 老旧小区, 其他社区, 该社区."""
_TITLE = r"(?:书记|主任|居民|党员|队长|院长|负责人|志愿者|民警|教师|老师|经理|厂长|站长|网格员|医生|记者|师傅|干部|村民|社工|律师|法官|调解员|委员|老人|秘书)"
_NO_TERM = re.compile(r"[^a-z\u3400-\u9fff#]+")
_EMPTY_EN = frozenset(["the", "an", "of", "for", "and", "in", "to", "by", "at", "on", "is", "was", "were", "are", "be", "been", "with", "from", "as", "it", "its", "each", "than", "that", "this", "their", "they", "who", "or", "has", "had", "have"])
_EMPTY = set("的了是在和与及对把被为将由也都就还并而且其该这那个有于以从到向又等着过所之")


@dataclass(frozen=True)
class Source:
    """What a claim is checked against: the sentences of a passage, and what is printed around them (headline, place, date).
    """

    sentences: tuple[str, ...]
    around: str = ""

    @cached_property
    def text(self) -> str:
        return half("".join(self.sentences))

    @cached_property
    def everything(self) -> str:
        return fold(f"{self.around}\n{self.text}")

    @cached_property
    def numbers(self) -> list[Number]:
        return numbers_in(f"{self.around}\n{self.text}")

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(terms(self.everything))

    @cached_property
    def chinese(self) -> bool:
        return language_of(self.text) == "zh"

    @cached_property
    def pinyin(self) -> str:
        return "".join(lazy_pinyin(self.everything))

    @cached_property
    def letters(self) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(_letters(s)) for s in self.sentences)

    @cached_property
    def pairs(self) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(_pairs(s)) for s in self.sentences)

    @cached_property
    def context(self) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset(_letters(self.around)), frozenset(_pairs(self.around))


@dataclass(frozen=True, slots=True)
class Support:
    """How far a source carries a claim: `probability` in [0, 1], the facts it lacks or has otherwise, its carrying sentences."""

    probability: float
    missing: tuple[str, ...]
    sentences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SupportModel:
    """Weights of the two logistic models (claim in the source's language, and across languages), and their thresholds."""

    same: Mapping[str, float]
    across: Mapping[str, float]
    threshold: float
    threshold_across: float

    @classmethod
    def load(cls, path: Path = BUNDLED) -> SupportModel:
        """Read the weights; ReadError names the file and what is wrong with it."""
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(data["same"], data["across"], float(data["threshold"]), float(data["threshold_across"]))
        except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
            raise ReadError(f"support weights {str(path)!r}: {error!r}. Restore the file, or make it: "
                            "python -m eval.support") from error

    def check(self, claim: str, source: Source, cosines: Sequence[float]) -> Support:
        """Return how far `source` carries `claim`; `cosines` are those of the claim and each sentence of the source."""
        signals, carrying = support_signals(claim, source, cosines)
        across = crosses(claim, source)
        p = probability(signals, self.across if across else self.same)
        wrong = () if across else contradictions(claim, source, carrying)
        return Support(p, (*missing_facts(claim, source), *wrong), carrying)

    def carries(self, claim: str, source: Source, support: Support) -> bool:
        """Tell whether that is enough: no fact is missing and the content is carried."""
        threshold = self.threshold_across if crosses(claim, source) else self.threshold
        return not support.missing and support.probability >= threshold


def crosses(claim: str, source: Source) -> bool:
    """Tell whether claim and source are in different languages."""
    return (language_of(claim) == "zh") != source.chinese


def missing_facts(claim: str, source: Source) -> tuple[str, ...]:
    """Return the numbers, names, places and quoted words of `claim` that do not stand in `source`, as the claim has them."""
    across, text = crosses(claim, source), half(claim)
    numbers = [(n, replace(n, unit="") if across and n.unit != "percent" else n) for n in numbers_in(text)]
    missing = [text[n.start:n.end] for n, sought in numbers if not stands_in(sought, source.numbers)]
    return tuple(dict.fromkeys([*missing, *(name for name in names_in(text) if not _named(name, source, across))]))


def contradictions(claim: str, source: Source, carrying: Sequence[int]) -> tuple[str, ...]:
    """Return what of `claim` the sentences that carry it print otherwise: a number of something else, the opposite, what it negates."""
    said = half("".join(source.sentences[i] for i in sorted(carrying)))
    found = _misbound(claim, source, carrying)
    return (*([found] if found else ()), *(["the opposite"] if _contrary(half(claim), said, _OPPOSITES) else ()),
            *(["the negation"] if _denied(claim, said) else ()))


def names_in(text: str) -> list[str]:
    """Return the names that a claim may not make up: people, places, quoted titles and, in Chinese text, Latin words."""
    if language_of(text) == "en":
        return [word for run in _CAPITAL.findall(text) for word in run.replace("-", " ").split()
                if word.lower() not in _COMMON_CAPITALS and word.lower().rstrip("s") not in _COMMON_CAPITALS]
    names = [a or b for a, b in _QUOTED.findall(text)]
    names += [part for mention in find_mentions(text) for part in mention.parts]
    names += _people(text)
    names += [m[0] for m in _PLACE_END.finditer(text) if m[0][0] not in _GENERIC_LAST]
    return [*names, *_LATIN.findall(text)]


def _people(text: str) -> list[str]:
    words, names, offset = rjieba.tag(text), [], 0
    for i, (word, tag) in enumerate(words):
        if word[0] in _SURNAMES and tag in ("nr", "nrt", "nrfg", "ns") and len(word) < 4:
            after = words[i + 1] if i + 1 < len(words) else ("", "")
            role = _ROLE.search(text[:offset])
            if len(word) == 1 and after[1] in ("nr", "nz") and len(after[0]) == 2:  # 郑/国华
                names.append(word + after[0])
            elif len(word) == 3 and tag != "ns" or len(word) == 2 and re.search(rf"{_TITLE}$", text[:offset]):
                names += [word, *([role[0]] if role else ())]
        offset += len(word)
    return names


def _named(name: str, source: Source, across: bool) -> bool:
    folded = fold(name)
    if folded in source.everything or fold(stem_of(name)) in source.everything:
        return True
    return across and folded.isascii() and folded in source.pinyin


def support_signals(claim: str, source: Source, cosines: Sequence[float]) -> tuple[dict[str, float], tuple[int, ...]]:
    """Return the signals of the logistic model, and the indexes of the sentences that carry most of the claim."""
    letters, pairs = _letters(claim), _pairs(claim)
    best = max(cosines, default=0.0)
    if crosses(claim, source):
        first = max(range(len(cosines)), key=lambda i: cosines[i], default=0)
        facts = numbers_in(claim)
        return {"cosine": (best - 0.85) * 20, "facts": min(len(facts), 3) / 3,
                "names": min(len([n for n in names_in(claim) if _named(n, source, True)]), 2) / 2}, (first,)
    carrying = _carrying(pairs, source)
    around_letters, around_pairs = source.context
    held_letters = around_letters.union(*(source.letters[i] for i in carrying))
    held_pairs = around_pairs.union(*(source.pairs[i] for i in carrying))
    said = "".join(source.sentences[i] for i in carrying)
    return {
        "letters": _share(letters, held_letters),
        "pairs": _share(pairs, held_pairs),
        "first": _share(pairs, source.pairs[carrying[0]] | around_pairs) if carrying else 0.0,
        "everywhere": _share(letters, around_letters.union(*source.letters)),
        "words_missing": _words_missing(claim, source),
        "run": _longest_run(_NO_TERM.sub("", fold(claim)), _NO_TERM.sub("", fold(said))),
        "cosine": (best - (0.9 if source.chinese else 0.86)) * 20,
        "opposed": 1.0 if _opposed(claim, said) else 0.0,
        "elsewhere": _elsewhere(claim, source, carrying),
    }, carrying


def _carrying(pairs: Sequence[str], source: Source) -> tuple[int, ...]:
    """Return up to three sentences, greedily: each must carry a tenth of the claim's character pairs that none before did."""
    left, chosen = set(pairs), []
    while left and len(chosen) < 3:
        gains = [len(left & held) for held in source.pairs]
        i = max(range(len(gains)), key=gains.__getitem__, default=-1)
        if i < 0 or chosen and gains[i] < max(2, 0.1 * len(set(pairs))):
            break
        chosen.append(i)
        left -= source.pairs[i]
    return tuple(chosen)


@lru_cache(maxsize=4096)
def _bare(text: str) -> str:
    """Return `text` folded, its numbers as # (they are compared by value) and empty words and punctuation left out."""
    text = half(text)
    for n in reversed(numbers_in(text)):
        text = f"{text[:n.start]}#{text[n.end:]}"
    return _NO_TERM.sub(" ", fold(text))


def _letters(text: str) -> list[str]:
    """Return single Chinese characters and Latin words, empty ones left out."""
    return [one for run in re.findall(r"[a-z]+|[\u3400-\u9fff]+", _bare(text))
            for one in (_stem(run) if run.isascii() else run) if one not in _EMPTY]


def _stem(word: str) -> list[str]:
    """Return an English word without its ending, [] when it is an empty one."""
    if word in _EMPTY_EN or len(word) < 2:
        return []
    return [re.sub(r"(?:ing|ed|es|ly|s|e|d)$", "", word) if len(word) > 4 else word]


def _pairs(text: str) -> list[str]:
    pairs: list[str] = []
    for run in re.findall(r"[a-z]+|[\u3400-\u9fff]+", _bare(text)):
        pairs += _stem(run) if run.isascii() else [run[i:i + 2] for i in range(len(run) - 1)]
    return pairs


def _share(own: Sequence[str], held: frozenset[str]) -> float:
    return sum(one in held for one in own) / len(own) if own else 0.0


def _words_missing(claim: str, source: Source) -> float:
    """Return the share of the claim's content words of which the source holds no character pair, or no letter at all."""
    words = [fold(w) for w, tag in rjieba.tag(half(claim)) if len(w) > 1 and tag[:1] in "nvaijlz" and not numbers_in(w)] \
        if source.chinese else [w for w in _letters(claim) if len(w) > 3]
    text = source.everything
    gone = [w for w in words if w not in text and (w.isascii() or sum(c in text for c in w) < len(w) / 2 + 0.1)]
    return len(gone) / len(words) if words else 0.0


def _longest_run(claim: str, said: str) -> float:
    """Return the length of the longest common stretch, as a share of the claim."""
    match = SequenceMatcher(None, said, claim, autojunk=False).find_longest_match()
    return match.size / len(claim) if claim else 0.0


def _opposed(claim: str, said: str) -> bool:
    """Tell whether claim and source speak of the same thing with opposite sense: one negates it, or has its antonym."""
    claim, said = half(claim).lower(), half(said).lower()
    return _contrary(claim, said, (*_OPPOSITES, *_CONTRASTS)) or any(_negates(claim, said, m.end()) for m in _NEGATION.finditer(claim)) or any(
        _negates(said, claim, m.end()) for m in _NEGATION.finditer(said))


def _contrary(claim: str, said: str, sides: Sequence[tuple[str, str]]) -> bool:
    return any(re.search(here, claim) and not re.search(there, claim) and re.search(there, said) and not re.search(here, said)
               for side in sides for here, there in (side, side[::-1]))


def _negates(one: str, other: str, at: int) -> bool:
    """Tell whether what `one` negates at `at` stands in `other`, and no negation stands before it there."""
    negated = re.sub(r"^(?:有|能|曾|再|会|要|是|必|可|得到|得)+", "", one[at:at + 6]).lstrip()
    words = re.match(r"[a-z]+|[\u3400-\u9fff]{2}", negated)
    if not words:
        return False
    found = [m.start() for m in re.finditer(re.escape(words[0]), other)]
    return bool(found) and not any(_NEGATION.search(other[max(0, i - 6):i]) for i in found)


def _denied(claim: str, said: str) -> bool:
    """Tell whether the claim negates something and the sentences that carry it negate nothing."""
    return bool(_NEGATION.search(half(claim))) and not _NEGATION.search(half(said))


def _misbound(claim: str, source: Source, carrying: Sequence[int]) -> str:
    """Return the number of the claim that stands in words which belong to another number of the source, "" when none does."""
    claim = half(claim)
    said = half("".join(source.sentences[i] for i in sorted(carrying)))
    here, there = numbers_in(claim), numbers_in(said)
    for n in here:
        own = [o for o in there if stands_in(n, [o])]
        others = [o for o in there if o not in own and o.unit == n.unit]
        if not own or not others:
            continue
        words = set(_around(claim, n))
        fit = max(len(words & set(_around(said, o))) for o in own)
        if max(len(words & set(_around(said, o))) for o in others) >= fit + 2:
            return claim[n.start:n.end]
        for beside in here:
            if beside.unit and beside.unit != n.unit and _clause(claim, n) == _clause(claim, beside):
                rivals = [[r for r in there if r.unit == beside.unit and _clause(said, r) == _clause(said, o)] for o in own]
                if all(found and not stands_in(beside, found) for found in rivals):  # 八十岁 … 8元, printed of 六十岁
                    return claim[n.start:n.end]
    return ""


def _clause(text: str, n: Number) -> int:
    """Return which clause of the text a number stands in."""
    return len(re.findall(r"[,;。!?]", text[:n.start]))


def _around(text: str, n: Number) -> list[str]:
    """Return the letters of the clause part around a number: up to ten before it, six behind it."""
    before = re.split(r"[,。;!?]", text[max(0, n.start - 10):n.start])[-1]
    behind = re.split(r"[,。;!?]", text[n.end:n.end + 6])[0]
    return [c for c in _bare(before + " " + behind) if c not in _EMPTY and c not in " #"]


def _elsewhere(claim: str, source: Source, carrying: Sequence[int]) -> float:
    """Return the share of the claim's numbers that do not stand in the sentences that carry it, nor around the source."""
    numbers = numbers_in(claim)
    said = numbers_in(source.around + "\n" + "".join(source.sentences[i] for i in sorted(carrying)))
    return sum(not stands_in(n, said) for n in numbers) / len(numbers) if numbers else 0.0
