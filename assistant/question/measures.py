"""The measure that a question asks for: 几折 asks for a number of 折, 多少户 for households, 多久 for a length of time.

Many sentences about a thing hold a figure; the one that answers holds a figure of that measure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from index.text.language import is_han
from index.text.normalize import HAN, matching_form
from index.text.numbers import numbers_in, states_money, states_rate, unit_of

_SEVERAL = "(?<![哪那这没好十])几"
"""The 几 of a question; in 哪几块, 没几天 and 十几分钟 it asks nothing."""
_ASKS = "[约有是为达共到]{0,3}(?:多[少大高]|几)"
"""What follows a noun whose figure is asked for; alone it may be what is spoken of (年龄条件, 面积扩大)."""
_STATED: tuple[tuple[re.Pattern[str], Callable[[str], object]], ...] = (
    (re.compile(f"多少(?:钱|元|经费|资金)|好多钱|{_SEVERAL}(?:块(?!玻璃|屏|牌|板|地|田)|元|毛|钿)"), states_money),
    (re.compile(rf"百分之(?:几|多少)|多少个?百分点|{_SEVERAL}成|(?:占比|比例){_ASKS}|多少(?:比例|占比)|\bwhat per ?cent",
                re.I), states_rate),
    (re.compile(f"多大(?:面积|地方)|(?:面积|占地){_ASKS}|多少平"),
     re.compile(r"[\d一二三四五六七八九十百千万两半][余多]?\s?(?:平方|平米|亩|公顷|㎡|k?m²)").search),
)
"""Kinds that are written in more ways than a figure and its unit."""
_MEASURED = (
    (re.compile(rf"多久|多长时间|多少时间|{_SEVERAL}个?(?:小时|钟头|月)|\bhow long (?:do|did|is|was|will)", re.I),
     frozenset(["minute", "hour", "hours", "day", "month", "months", "year"]), "(?:周(?!年|边|岁)|星期|秒)"),
    (re.compile(rf"多大(?:年纪|岁数|年龄)|{_SEVERAL}岁|多少岁|年龄{_ASKS}|\bhow old", re.I), frozenset(["age"]), ""),
    (re.compile(r"多[宽深远]|\bhow (?:far|high|tall)", re.I), frozenset(["metre", "km"]), "光年"),
)
_COUNTED = re.compile(rf"(?:多少|好多|{_SEVERAL}(?!时))\s?(个?)\s?([{HAN}]{{1,3}})")
_PLAIN = frozenset("折亩度级星斤吨")
"""Measure words of no class of units that no other word takes the place of (几台 may be answered by 个 or 辆)."""
_FIGURE = r"[\d一二两三四五六七八九十百千万半]\s?(?:多|余|来|左右)?\s?[万亿千百]?(?:多|余)?"


@dataclass(frozen=True, slots=True)
class Measure:
    """What stands behind the figure that is asked for: a unit of one of some classes, or what the pattern `behind` matches;
    or `states` tells."""

    units: frozenset[str] = frozenset()
    behind: str = ""
    states: Callable[[str], object] | None = None

    def held_in(self, text: str) -> bool:
        """Tell whether a text holds a figure of this measure."""
        text = matching_form(text)
        if self.states:
            return bool(self.states(text))
        if self.behind and re.search(_FIGURE + self.behind, text):
            return True
        return any(n.unit in self.units or not n.unit and _is_bare(text, n.end) for n in numbers_in(text))


def asked_measure(text: str) -> Measure | None:
    """Return the measure that a question, in its matching form, asks for; None when it asks for none in particular."""
    for pattern, states in _STATED:
        if pattern.search(text):
            return Measure(states=states)
    for pattern, units, behind in _MEASURED:
        if pattern.search(text):
            return Measure(units, behind)
    asked = _COUNTED.search(text)
    if not asked or asked[1]:  # 几个 may be followed by whatever is counted
        return None
    word = asked[2]
    for size in (3, 2, 1):
        if len(word) >= size and (unit := unit_of(word[:size])):
            return Measure(frozenset([unit, f"{unit}s"]), re.escape(word[:size]))
    return Measure(behind=word[0]) if word[0] in _PLAIN else None


def _is_bare(text: str, at: int) -> bool:
    """Tell whether nothing stands behind a figure that could say what it counts: 人口约2790060."""
    return not is_han(text[at:at + 1]) and not text[at:at + 1].isalpha()
