"""What Chinese numerals amount to, and how a figure is spelt in them."""

from __future__ import annotations

DIGIT = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "○": 0}
POWER = {"十": 10, "百": 100, "千": 1000}
TENS = {"廿": 20, "卅": 30}
MYRIAD = {"万": 10_000, "亿": 100_000_000}
NUMERALS = "".join([*DIGIT, *POWER, *TENS, *MYRIAD])
"""All of them, for use inside the brackets of a pattern."""


def value_of(signs: str) -> float | None:
    """Return what Chinese numerals amount to, None when they are none: 三千二百 3200, 二〇二四 2024, 廿四 24."""
    if not signs:
        return None
    if all(c in DIGIT for c in signs):
        return float("".join(str(DIGIT[c]) for c in signs)) if len(signs) < 9 else None
    total = section = digit = 0
    last = 1
    for c in signs:
        if c in DIGIT:
            digit = DIGIT[c]
            if digit == 0:
                last = 1
        elif c in TENS:
            if digit:  # 五卅 is a day of history
                return None
            section, last = section + TENS[c], 10
        elif c in POWER:
            section += (digit or 1) * POWER[c]
            digit, last = 0, POWER[c]
        else:
            total = (total + section + digit or 1) * MYRIAD[c]
            section = digit = 0
            last = MYRIAD[c]
    return float(total + section + (digit * last // 10 if digit and last >= 100 and signs[-2] in "百千万亿" else digit))
