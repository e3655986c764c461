"""Whole characters out of what a model writes: half a surrogate pair can be neither stored nor sent nor counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def whole_characters(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the pieces, a pair that two of them share joined in the second, and U+FFFD for a half that stays alone."""
    held = ""
    for piece in pieces:
        text = held + piece
        held = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        yield (text[:-1] if held else text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if held:
        yield "\ufffd"
