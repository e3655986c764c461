"""Dates as people, programs, papers and web pages write them, made ISO; what is no whole day is unknown, never guessed."""

from __future__ import annotations

import re
from datetime import date

from index.text.normalize import matching_form
from index.text.numerals import value_of

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")
MONTH = rf"(?:{'|'.join(rf'{name[:3]}(?:{name[3:]})?' if name != 'September' else 'Sept?(?:ember)?' for name in MONTHS)})\.?"
"""An English month, in full or shortened, for use in a pattern."""
DAY = re.compile(r"(?<!\d)((?:19|20)?\d{2})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})\s*日?(?!\d)")
"""A day as a site's date bar prints it: year, month, day."""

_NUMERAL_DAY = re.compile(r"""
    (?: (?<!\d)(?P<figures>\d{4}) | (?P<signs>[〇零○O0一二三四五六七八九]{4})
      | 民国\s*(?P<republic>\d{1,3}|元|[一二三四五六七八九十百零〇]{1,6}) )
    \s*年\s* (?P<month>\d{1,2}|[一二三四五六七八九十]{1,3})
    \s*月\s* (?P<day>\d{1,2}|[一二三四五六七八九十廿卅]{1,3}) \s*日
""", re.VERBOSE)
_ZEROS = str.maketrans("O0", "〇〇")
_REPUBLIC = 1911
"""The year before the first of the Republic (民国), whose years Taiwan's papers print."""

_WHOLE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s,].*)?|(\d{4})(\d\d)(\d\d)", re.DOTALL
)
_ENGLISH_DAY = re.compile(
    rf"(?P<month>{MONTH})\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})|(\d{{1,2}})\s+({MONTH})\s+(\d{{4}})"
)
_STATED = re.compile(r"""
    \d\d年 | [〇零一二三四五六七八九十]{2}年 | [去今前]年 | [上下]半年 | 年[初底]
  | [\d一二三四五六七八九十]月 | \d[日号] | 周[一二三四五六日末] | 星期 | [\d一二三四五六七八九十][点时](?!间)
""", re.VERBOSE)


def iso_date(text: str) -> str:
    """Return YYYY-MM-DD for 2024-05-06, 2024/5/6, 2024年5月6日, 二〇二四年五月六日 or 20240506, "" for anything else.

    A time may follow.
    """
    found = _WHOLE.fullmatch(in_figures(matching_form(text)).strip())
    return _iso(*(part for part in found.groups() if part is not None)) if found else ""


def dateline(text: str) -> str:
    """Return the ISO date printed in a site's date bar, Chinese or English, or "" when there is none or it is impossible.

    `text` is in its matching form.
    """
    text = in_figures(text)
    found = DAY.search(text)
    if not found:
        return _english_date(text)
    year, month, day = (int(part) for part in found.groups())
    year += 2000 if year < 100 else 0
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else ""


def in_figures(text: str) -> str:
    """Return `text`, in its matching form, with days like 二〇二五年四月九日 and 民国114年4月9日 as 2025年4月9日."""
    return _NUMERAL_DAY.sub(_day_in_figures, text)


def _day_in_figures(found: re.Match[str]) -> str:
    month, day = _figure(found["month"]), _figure(found["day"])
    if found["republic"]:
        return f"{_REPUBLIC + (1 if found['republic'] == '元' else _figure(found['republic']))}年{month}月{day}日"
    return f"{found['figures'] or _figure(found['signs'].translate(_ZEROS))}年{month}月{day}日"


def _figure(signs: str) -> int:
    return int(signs if signs.isdecimal() else value_of(signs) or 0)


def states_date(text: str) -> bool:
    """Tell whether `text`, in its matching form, says when: a year, month, day, weekday or hour."""
    return bool(_STATED.search(text))


def _english_date(text: str) -> str:
    found = _ENGLISH_DAY.search(text)
    if not found:
        return ""
    month, day, year = found["month"], found["day"], found["year"]
    if not month:
        day, month, year = found.groups()[3:]
    return _iso(year, str(1 + [name[:3] for name in MONTHS].index(month[:3])), day)


def _iso(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat() if 1800 <= int(year) <= 2200 else ""
    except ValueError:
        return ""
