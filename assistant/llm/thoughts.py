"""Leaves out what a model thinks before it answers: `<think>…</think>` in its text, as it comes, tags cut anywhere.

Where a server's template has opened the thoughts already, the text begins within them and only `</think>` tells: what was
said before it is to be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator

FORGET = "</think>"
"""A piece that is no text: all that was said before it were thoughts."""
_OPEN, _CLOSE = ("<think>", "<thinking>"), (FORGET, "</thinking>")
_TAGS = (*_OPEN, *_CLOSE)


class SpokenText:
    """Holds whether a model is thinking, and what may become a tag; `thought` counts the characters that were left out."""

    def __init__(self) -> None:
        self.thought = 0
        self._held, self._thinking, self._spoken = "", False, False

    def feed(self, chunk: str) -> Iterator[str]:
        """Yield what is said in some more of the text, and FORGET where thoughts end that were never begun."""
        rest = self._held + chunk
        while True:
            at, tag = min(((rest.find(tag), tag) for tag in _TAGS if tag in rest), default=(-1, ""))
            if not tag:
                break
            yield from self._told(rest[:at])
            if tag in _CLOSE and not self._thinking and not self._spoken:
                yield FORGET
            self._spoken = self._spoken or tag in _CLOSE
            self._thinking, rest = tag in _OPEN, rest[at + len(tag):]
        begun = rest.rfind("<")
        kept = len(rest) if begun < 0 or not any(tag.startswith(rest[begun:]) for tag in _TAGS) else begun
        self._held = rest[kept:]
        yield from self._told(rest[:kept])

    def close(self) -> Iterator[str]:
        """Yield what looked like a tag and was none."""
        held, self._held = self._held, ""
        yield from self._told(held)

    def _told(self, text: str) -> Iterator[str]:
        if self._thinking:
            self.thought += len(text)
        elif text:
            yield text
