"""What a claim says otherwise than the sentences that carry it: the opposite, a negation, a number of something else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.verify.premise import EMPTY, Premise, Statement, bare
from index.text.normalize import HAN, matching_form
from index.text.numbers import Number, numbers_in, stands_in

_NEGATION = re.compile(r"不(?!过|仅|但|同|断|少|久|管|论|到|便|足|满|(?:得|能|可|应|准)?(?:超|高于|低于|多于|少于))|没|未|无(?!论|障碍|人机)|非(?!常)|否认|拒绝|从未|\bnot?\b|\bnever\b|\bnone\b|n't\b|\bwithout\b", re.I)
_WORD = re.compile(f"[a-z]+|[{HAN}]{{2}}")
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


_NOT = "不(?:得|能|可|应|准)?"
_MORE, _MORE_BEHIND = re.compile(f"(?:(?<![不得能可应准])(?:超过?|过了?|突破|逾|高于|多于)|至少|{_NOT}(?:少于|低于))$"), re.compile("以上|余|多")
_LESS, _LESS_BEHIND = re.compile(f"(?:(?<![不得能可应准])(?:低于|少于)|不到|不足|跌破|至多|最多|未达到?|{_NOT}(?:超过?|多于|高于|过))$"), re.compile("以下|以内")
"""What stands right before or behind a number that is exceeded, or not reached."""


def contradictions(statement: Statement, premise: Premise, carrying: Sequence[int]) -> tuple[str, ...]:
    """Return what the sentences that carry a claim print otherwise: a number of something else, the opposite, what it
    negates."""
    claim, said = statement.matching, matching_form("".join(premise.sentences[i] for i in sorted(carrying)))
    found = _misbound(statement, said)
    bound = _other_bound(statement, said)
    return (*filter(None, (found, bound)), *(["the opposite"] if _contrary(claim, said, _OPPOSITES) else ()),
            *(["the negation"] if _NEGATION.search(claim) and not _NEGATION.search(said) else ()))


def opposed(statement: Statement, said: str) -> bool:
    """Tell whether a claim and what is printed speak of the same thing with opposite sense: one negates it, or has its
    antonym."""
    claim, said = statement.matching.lower(), matching_form(said).lower()
    return _contrary(claim, said, (*_OPPOSITES, *_CONTRASTS)) or any(_negates(claim, said, m.end()) for m in _NEGATION.finditer(claim)) or any(
        _negates(said, claim, m.end()) for m in _NEGATION.finditer(said))


def _contrary(claim: str, said: str, sides: Sequence[tuple[str, str]]) -> bool:
    return any(re.search(here, claim) and not re.search(there, claim) and re.search(there, said) and not re.search(here, said)
               for side in sides for here, there in (side, side[::-1]))


def _negates(one: str, other: str, at: int) -> bool:
    """Tell whether what `one` negates at `at` stands in `other`, and no negation stands before it there."""
    negated = re.sub(r"^(?:有|能|曾|再|会|要|是|必|可|得到|得)+", "", one[at:at + 6]).lstrip()
    words = _WORD.match(negated)
    if not words:
        return False
    found = [m.start() for m in re.finditer(re.escape(words[0]), other)]
    return bool(found) and not any(_NEGATION.search(other[max(0, i - 6):i]) for i in found)


def _misbound(statement: Statement, said: str) -> str:
    """Return the number of the claim that stands in words which belong to another number of the premise, "" when none
    does."""
    claim, here, there = statement.matching, statement.numbers, numbers_in(said)
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


def _other_bound(statement: Statement, said: str) -> str:
    """Return the number that a claim says is exceeded where the premise says it is not reached, or the other way round."""
    claim, there = statement.matching, numbers_in(said)
    for n in statement.numbers:
        bounds = {_bound(said, o) for o in there if stands_in(n, [o])}
        mine = _bound(claim, n)
        if mine and bounds and bounds <= {-mine}:
            return claim[n.start:n.end]
    return ""


def _bound(text: str, n: Number) -> int:
    """Return 1 for a number that is exceeded, -1 for one that is not reached, 0 for neither."""
    before, behind = text[max(0, n.start - 6):n.start], text[n.start:n.end + 2]
    if _LESS.search(before) or _LESS_BEHIND.search(behind):
        return -1
    return 1 if _MORE.search(before) or _MORE_BEHIND.search(behind) else 0


def _clause(text: str, n: Number) -> int:
    """Return which clause of the text a number stands in."""
    return len(re.findall(r"[,;。!?]", text[:n.start]))


def _around(text: str, n: Number) -> list[str]:
    """Return the letters of the clause part around a number: up to ten before it, six behind it."""
    before = re.split(r"[,。;!?]", text[max(0, n.start - 10):n.start])[-1]
    behind = re.split(r"[,。;!?]", text[n.end:n.end + 6])[0]
    return [c for c in bare(before + " " + behind) if c not in EMPTY and c not in " #"]
