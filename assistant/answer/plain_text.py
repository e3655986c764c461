"""An answer as plain text, for a terminal and for other programs' models."""

from __future__ import annotations

from assistant.answer.reference import reference, reprints
from assistant.types import Answer


def plain(answer: Answer) -> str:
    """Return the answer's text, then each source: what it is, where it stands, and the quote."""
    parts = [*([answer.notice] if answer.notice else ()), answer.text]
    for c in answer.citations:
        head = f"[{c.number}] {reference(c, file=f'{c.file}:{c.start}-{c.end}')}"
        parts.append("\n    ".join(filter(None, [head, c.quote, reprints(c.also_in, answer.language)])))
    return "\n\n".join(parts)
