"""Dates as people, programs and web pages write them, made ISO; what is no whole day is unknown, never guessed."""

from __future__ import annotations

import re
from datetime import date

from index.width import half

_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s,].*)?|(\d{4})(\d\d)(\d\d)", re.DOTALL
)


def iso_date(text: str) -> str:
    """Return YYYY-MM-DD for 2024-05-06, 2024/5/6, 2024年5月6日 or 20240506 (a time may follow), "" for anything else."""
    found = _DATE.fullmatch(half(text).strip())
    if not found:
        return ""
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day).isoformat() if 1800 <= year <= 2200 else ""
    except ValueError:
        return ""
