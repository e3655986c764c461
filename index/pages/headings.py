"""Headings that a file's format marks, and a headline given from elsewhere, win over the labels of a page's lines."""

from __future__ import annotations

from collections.abc import Sequence

from index.pages.line_labels import HEAD_LABELS, Line, is_prose
from index.pages.line_reasons import LineReason
from index.types import Heading

_LONG = 60


def apply_headings(lines: list[Line], headings: Sequence[Heading], *, single: bool) -> None:
    """Relabel `lines` in place.

    Headings of the highest level that has text of its own are headlines and open an article; those above are labels of
    what follows, those below section heads. `single` says that the file holds one article: all after its first text
    are section heads.
    """
    at = {line.start: line for line in lines}
    marked = {}
    for heading in headings:
        # The line may begin before its heading (`## `): what is printed there is no part of it.
        line = next((at[start] for start in range(heading.start, max(-1, heading.start - 12), -1) if start in at), None)
        if line is not None and line.end >= heading.end:
            line.text = line.text[heading.start - line.start:][:heading.end - heading.start]
            line.start, line.end = heading.start, heading.end
            marked[id(line)] = heading.level
    if marked:
        _relabel(lines, marked)
    if single:
        _one_article(lines)


def _relabel(lines: list[Line], marked: dict[int, int]) -> None:
    with_text = [marked[id(line)] for i, line in enumerate(lines) if id(line) in marked
                 and any(id(after) not in marked and after.label == "body" for after in lines[i + 1:i + 4])
                 and not (i + 1 < len(lines) and id(lines[i + 1]) in marked)]
    top = min(with_text, default=min(marked.values()))
    for line in lines:
        level = marked.get(id(line))
        if level is not None:
            label = "headline" if level == top else "section" if level > top else "label"
            line.name(label, LineReason.MARKED_HEADING)
            line.opens = label == "headline"
        elif line.opens and line.label != "headline":
            line.opens = False
    # What stands between one article's text and the next headline, and is no text, belongs to the headline.
    for i, line in enumerate(lines):
        if line.opens and marked.get(id(line)) == top:
            first = i
            while first and lines[first - 1].label in ("label", "kicker"):
                first -= 1
            if first < i:
                line.opens, lines[first].opens = False, True


def _one_article(lines: list[Line]) -> None:
    for line in lines:
        # Where the whole text is known to be an article, a long line that only speaks of a site's furniture is text.
        if line.label in ("site", "credit", "caption") and len(line.text) > _LONG and is_prose(line.text):
            line.name("body", LineReason.ONLY_PROSE)
    if lines and not any(line.label == "body" for line in lines):
        for line in lines:
            if line.label != "byline":
                line.name("body", LineReason.ONLY_TEXT)
    begun = False
    for line in lines:
        line.opens = False
        if begun and line.label in HEAD_LABELS and line.label != "byline":
            line.name("section", LineReason.ONE_ARTICLE)
        begun = begun or line.label == "body"
