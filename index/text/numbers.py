"""Numbers as they are printed, and what they amount to: 三千二百元 = 3200元, 1.2万 = 12000, 二〇二四年 = 2024年,
两块五 = 2.5元, 四分之一 = 25%, 廿四户 = 24户, 壹佰贰拾元 = 120元.

Only numbers that state something are read: digits, Chinese numerals of two or more signs, and single numerals before a
measure word. The 一 of 一起 or the 二 of 二手 is no number; "one" and 一 are left out, because they mostly mean "a".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.text.dates import MONTHS
from index.text.normalize import matching_form
from index.text.numerals import DIGIT, MYRIAD, NUMERALS, value_of
from index.text.words import any_of, load


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a text: its value, the class of its unit ("" when unknown), its bounds, and whether it is approximate.

    A date gives one number for each part, in the units "year", "month" and "day".
    """

    value: float
    unit: str
    start: int
    end: int
    about: bool = False


_LISTS = load("numbers")
_UNIT_OF = {word: unit for unit, words in _LISTS["units"].items() for word in words}
_UNIT = any_of(_UNIT_OF)
_MEASURE = re.compile(any_of(_LISTS["measures"].split()))
_NUMERAL = "一二三四五六七八九十百千万两"
_COUNTED = any_of(_LISTS["counted"].split())
_STATES_NUMBER = re.compile(rf"\d|[{_NUMERAL}半](?:余|多)?{_COUNTED}")
_STATES_MONEY = re.compile(
    rf"[\d{_NUMERAL}]\s*(?:余|多)?[万亿千百]?(?:余|多)?[美欧日港]?(?:元|块)|[毛角分]钱|免费|分文|半价")
_STATES_RATE = re.compile(r"\d\s*%|百分之|[\d一二三四五六七八九十两几]\s*(?:倍|番|成|个百分点)")
_SIGNS = re.compile(f"[{NUMERALS}]+")
_FIGURE = re.compile(r"""
    \d+(?:\.\d+)? | [零〇一二两三四五六七八九十百千万亿]{2,}
  | [一二两三四五六七八九十](?=[个名户家人项件年岁元栋位次台])
""", re.VERBOSE)
_ENGLISH = {word: value for value, word in enumerate(
    ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=2)} | {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "dozen": 12}
_SCALE = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_MONTHS = {name.lower(): i for i, name in enumerate(MONTHS, start=1)}

_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])|\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.I)
_WEEKDAYS_EN = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_HALF_PAST = re.compile(r"(?<=[点时])半|\bhalf(?= past)")
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_MONTH_EN = re.compile(rf"\b({'|'.join(_MONTHS)})\b(?:\s+(\d{{1,2}})(?:st|nd|rd|th)?(?!\d))?", re.I)
_DIGITS = re.compile(rf"""
    (?<![\dA-Za-z.]) (\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)? | \d+(?:\.\d+)?) (?:st|nd|rd|th)? (?!\d)
    \s? (?:余|多|来)? ([十百千]?[万亿] | [百千] | \b(?:hundred|thousand|million|billion)\b)? (?:余|多)?
    (个)? \s? ({_UNIT})?
""", re.IGNORECASE | re.VERBOSE)
_HAN_NUMBER = re.compile(rf"""
    (?<![几数]) ([{NUMERALS}]+) (成)? ([一二三四五六七八九](?!成))? (?:余|多|来)?
    ([万亿])? (个)? ({_UNIT})?
""", re.VERBOSE)
_FRACTION = re.compile(rf"""
    (?<![\d.]) (\d{{1,6}} | [{NUMERALS}]{{1,8}}) 分之 (\d++(?:\.\d+)? | [{NUMERALS}]++) (?:点([〇○零一二三四五六七八九]++))?
""", re.VERBOSE)
_ONE = r"[一二两三四五六七八九\d]"
_STOPS = r"(?= \W | $ | [钱的一每起到左以] )"
"""What stands behind a last sign whose unit goes without saying: 两块五一斤, but not 两块五个."""
_SPOKEN = re.compile(rf"""
    (?<![\d.几数{NUMERALS}]) (?P<yuan>\d{{1,9}}(?:\.\d{{1,4}})? | [{NUMERALS}]{{1,9}}) \s? (?:
        [块元圆] 零? (?P<tenths>{_ONE}) [毛角] (?: (?P<hundredths>{_ONE}) (?: 分 | {_STOPS} ) )? 钱?
      | [块元圆] 零? (?P<ones>{_ONE}) 分 钱?
      | 块 (?P<bare>{_ONE}|半) {_STOPS} 钱? )
  | (?<![\d.几数十]) (?!三毛(?!钱)) (?P<dimes>{_ONE}) (?: 毛 | 角 (?= 钱 | {_ONE}分 ) | (?<=\d)角(?![星形度]) )
    (?: (?P<odd>{_ONE}) 分 )? 钱?
  | (?<![\d.几数十]) (?P<cents>{_ONE}) 分钱
""", re.VERBOSE)
"""Money as it is spoken. 三毛 alone is a name, and 角 often a corner."""
_FINANCIAL = re.compile(rf"""
    (?<![零壹贰叁肆伍陆柒捌玖拾佰仟万亿]) [零壹贰叁肆伍陆柒捌玖拾佰仟万亿]{{2,}}+ (?= [余多来]?(?:个|{_UNIT}) )
  | [壹贰叁肆伍陆柒捌玖拾](?=[元圆]整)
""", re.IGNORECASE | re.VERBOSE)
_EVERYDAY = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_WORD = re.compile(rf"""
    \b({'|'.join(_ENGLISH)})\b (?:[ -]({'|'.join(list(_ENGLISH)[:8])})\b)? (?:\s+({'|'.join(_SCALE)})\b)? (?:\s({_UNIT})\b)?
""", re.IGNORECASE | re.VERBOSE)
_HALF = re.compile(r"一半|半数|\bhalf\b(?! past)", re.I)
_ABOUT = re.compile(r"""
    (?:约|近|将近|大约|上下|左右|余|多|超过?|不到|逾|about|nearly|almost|around|over|some|more\ than|less\ than) \s*$
""", re.IGNORECASE | re.VERBOSE)


def numbers_in(text: str) -> list[Number]:
    """Return the numbers of `text` in its order. Full-width digits count; the bounds are offsets into `text`."""
    text, found = _FINANCIAL.sub(_everyday, matching_form(text)), []
    taken = bytearray(len(text))

    def add(value: float, unit: str, start: int, end: int) -> None:
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            about = _ABOUT.search(text[max(0, start - 9):start]) or re.search("余|多|来|左右|以上", text[start:end + 2])
            found.append(Number(value, unit, start, end, bool(about)))

    for m in _WEEKDAY.finditer(text):
        add(min("一二三四五六日天".index(m[1]), 6) if m[1] else _WEEKDAYS_EN.index(m[2].lower()), "weekday", *m.span())
    for m in _HALF_PAST.finditer(text):
        add(30, "", *m.span())
    for m in _SPOKEN.finditer(text):
        add(_spoken(m), "yuan", *m.span())
    for m in _FRACTION.finditer(text):
        whole, part = _worth(m[1]), _worth(m[2])
        if whole:
            tenths = int(value_of(m[3][:8]) or 0) / 10 ** len(m[3][:8]) if m[3] else 0
            add(100 * (part + tenths) / whole, "percent", *m.span())
    for m in _HALF.finditer(text):
        add(50, "percent", *m.span())
    for m in _ISO.finditer(text):
        for group, unit in ((1, "year"), (2, "month"), (3, "day")):
            add(float(m[group]), unit, *m.span(group))
        taken[m.start():m.end()] = b"\1" * (m.end() - m.start())
    for m in _MONTH_EN.finditer(text):
        add(_MONTHS[m[1].lower()], "month", *m.span(1))
        if m[2]:
            add(float(m[2]), "day", *m.span(2))
    for m in _DIGITS.finditer(text):
        scale = (m[2] or "").lower()
        value = float(m[1].replace(",", "")) * (_SCALE.get(scale) or value_of(scale) or 1 if scale else 1)
        add(*_read(value, m[4], many=bool(m[3])), m.start(), m.end())
    for m in _HAN_NUMBER.finditer(text):
        value = _stated(m, text)
        if value is not None:
            unit = "percent" if m[2] else m[6]
            add(*_read(value * MYRIAD.get(m[4], 1), unit, many=bool(m[5])), m.start(), m.end())
    for m in _WORD.finditer(text):
        value = (_ENGLISH[m[1].lower()] + (_ENGLISH[m[2].lower()] if m[2] else 0)) * _SCALE.get((m[3] or "").lower(), 1)
        add(*_read(value, m[4], many=False), m.start(), m.end())
    return sorted(found, key=lambda n: n.start)


def in_digits(text: str) -> tuple[str, list[int]]:
    """Return `text` with its Chinese numbers in digits (二十元: 20元), and each character's offset in `text`."""
    written, offsets, at = [], [], 0
    for number in numbers_in(text):
        sign = _SIGNS.match(text, number.start)
        value = value_of(sign[0]) if sign else None
        if sign and value is not None and number.start >= at:
            digits = f"{value:.15g}"
            written += [text[at:number.start], digits]
            offsets += [*range(at, number.start), *([number.start] * len(digits))]
            at = sign.end()
    return "".join([*written, text[at:]]), [*offsets, *range(at, len(text))]


def unit_of(word: str) -> str:
    """Return the class of a unit, "" for a word that is none."""
    return _UNIT_OF.get(word.lower(), "")


def stands_in(number: Number, others: list[Number]) -> bool:
    """Tell whether one of `others` says the same amount of the same thing; a rounded one may differ by a twentieth."""
    for other in others:
        if number.unit and other.unit and number.unit != other.unit:
            continue
        if number.unit == other.unit == "clock" and number.value % 12 == other.value % 12:  # 晚上九点 is 21时
            return True
        if abs(number.value - other.value) <= 1e-9 * max(1.0, abs(other.value)):
            return True
        if number.about and number.value >= 10 and abs(number.value - other.value) <= other.value / 20:
            return True
    return False


def states_number(text: str) -> bool:
    """Tell whether `text`, in its matching form, holds digits or a Chinese numeral before a measure word."""
    return bool(_STATES_NUMBER.search(text))


def states_money(text: str) -> bool:
    """Tell whether `text`, in its matching form, says what something costs, free of charge included."""
    return bool(_STATES_MONEY.search(text))


def states_rate(text: str) -> bool:
    """Tell whether `text`, in its matching form, says by how much something changed: percent, times, tenths."""
    return bool(_STATES_RATE.search(text))


def figures_in(text: str) -> set[str]:
    """Return the figures of `text`, in its matching form, as they are printed: what a form filled in anew exchanges."""
    return set(_FIGURE.findall(text))


def _read(value: float, word: str | None, *, many: bool) -> tuple[float, str]:
    unit = "percent" if word == "percent" else _UNIT_OF.get((word or "").lower(), "")
    if many and unit in ("month", "hour"):  # 3个月 is no March
        unit = f"{unit}s"
    if word in ("months", "个月"):
        unit = "months"
    if unit == "year" and 30 <= value < 100:  # 98年
        value += 1900
    return value, unit


def _everyday(m: re.Match[str]) -> str:
    """Return a financial numeral in everyday signs; what holds no power of ten is none (队伍零时, 大陆万户)."""
    return m[0].translate(_EVERYDAY) if len(m[0]) == 1 or any(c in "拾佰仟" for c in m[0]) else m[0]


def _spoken(m: re.Match[str]) -> float:
    """Return the yuan of a spoken amount: 一块五毛 1.5, 三块八毛五 3.85, 两块半 2.5, 五分钱 0.05."""
    tenths, hundredths = m["tenths"] or m["bare"] or m["dimes"], m["hundredths"] or m["ones"] or m["odd"] or m["cents"]
    return round(_worth(m["yuan"]) + _worth(tenths) / 10 + _worth(hundredths) / 100, 4)


def _worth(signs: str | None) -> float:
    """Return the value of digits or Chinese numerals, 0 for none."""
    if not signs:
        return 0.0
    return 5.0 if signs == "半" else float(signs) if signs[0].isdecimal() else value_of(signs) or 0.0


def _stated(m: re.Match[str], text: str) -> float | None:
    """Return the value of a Chinese numeral, None where it states no number."""
    signs, tenths, ones = m[1], m[2], m[3]
    value = value_of(signs)
    if value is None:
        return None
    if tenths:  # 九成一
        return value * 10 + (DIGIT[ones] if ones else 0) if 1 <= value <= 10 else None
    if len(signs) == 1:
        follows = _MEASURE.match(text, m.end(1)) or m[6]
        return value if follows and value > 1 and signs in DIGIT or signs in "十廿卅" and follows else None
    return value if any(c in DIGIT or c in "十廿卅" for c in signs) else None
