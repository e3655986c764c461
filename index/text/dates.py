"""Dates as people, programs, papers and web pages write them, made ISO; what is no whole day is unknown, never guessed."""

from __future__ import annotations

import re
from datetime import date

from index.text.normalize import matching_form

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")
MONTH = rf"(?:{'|'.join(rf'{name[:3]}(?:{name[3:]})?' if name != 'September' else 'Sept?(?:ember)?' for name in MONTHS)})\.?"
"""An English month, in full or shortened, for use in a pattern."""
DAY = re.compile(r"(?<!\d)((?:19|20)?\d{2})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})\s*日?(?!\d)")
"""A day as a site's date bar prints it: year, month, day."""

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
    """Return YYYY-MM-DD for 2024-05-06, 2024/5/6, 2024年5月6日 or 20240506 (a time may follow), "" for anything else."""
    found = _WHOLE.fullmatch(matching_form(text).strip())
    return _iso(*(part for part in found.groups() if part is not None)) if found else ""


def dateline(text: str) -> str:
    """Return the ISO date printed in a site's date bar, Chinese or English, or "" when there is none or it is impossible.

    `text` is in its matching form.
    """
    found = DAY.search(text)
    if not found:
        return _english_date(text)
    year, month, day = (int(part) for part in found.groups())
    year += 2000 if year < 100 else 0
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else ""


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
