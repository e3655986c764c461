"""A reference: headline, newspaper, day, place and file of what is cited, in one order wherever it is printed.

And an answer with its references as plain text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.locales.loader import Section, words
from assistant.types import Answer
from index.types import Printing
from prompts.prompt_loader import phrases

WHERE = ("source", "date", "place", "file")


@dataclass(frozen=True, slots=True)
class Style:
    """How a reference is printed: its `parts` in their order, each made `safe` for where it stands.

    In `missing`, words of the locales, stands what is said of a headline, a newspaper or a day that is not known; without
    them it is left out, as every other part is.
    """

    parts: tuple[str, ...] = ("title", *WHERE)
    missing: Section | None = None
    safe: Callable[[str], str] = str


PLAIN = Style()
BRIEF = Style(("title", "source", "date"))
REPRINT = ("source", "date", "file")
"""What is said of another printing, as far as a style says it: its headline is nearly that of the article."""
PRINTED = ("source", "date", "place")
"""What readers are told of where something was printed: names of files are for those who keep them."""


def reference(cited: Any, style: Style = PLAIN, **known: str) -> str:
    """Return the reference to what has the style's parts as attributes: a Citation, an Article, a Printing, a Holding.

    What is `known` of a part stands for the attribute.
    """
    parts = ((part, known[part] if part in known else getattr(cited, part)) for part in style.parts)
    said = (style.safe(value) or (style.missing or {}).get(f"no_{part}", "") for part, value in parts)
    return " \u00b7 ".join(filter(None, said))


def reprints(printings: Sequence[Printing], language: str, style: Style = PLAIN) -> str:
    """Return one line that names the other printings of an article, "" where there are none."""
    if not printings:
        return ""
    said, style = phrases(language), replace(style, parts=tuple(part for part in REPRINT if part in style.parts))
    others = said.separator.join(reference(printing, style) for printing in printings)
    return f"{words(language).shared['also_printed']}{said.colon}{others}"


def plain_text(answer: Answer) -> str:
    """Return the answer's text, then each source: what it is, where it stands, and the quote; for a terminal and for other
    programs' models."""
    parts = [*([answer.notice] if answer.notice else ()), answer.text]
    for c in answer.citations:
        head = f"[{c.number}] {reference(c, file=f'{c.file}:{c.start}-{c.end}')}"
        parts.append("\n    ".join(filter(None, [head, c.quote, reprints(c.also_in, answer.language)])))
    return "\n\n".join(parts)
