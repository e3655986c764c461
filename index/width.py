"""One width for matching: full-width forms become their ASCII twins, character by character, so offsets stay true."""

from __future__ import annotations

HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Table for str.translate: U+FF01..U+FF5E to U+0021..U+007E, the ideographic space to a space."""


def half(text: str) -> str:
    """Return `text` with full-width forms as ASCII; same length, same offsets. Our patterns are written in ASCII."""
    return text.translate(HALF)
