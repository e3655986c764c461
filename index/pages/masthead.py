"""Tell what stands around the articles of a page: the masthead and table of contents above, site furniture below."""

from __future__ import annotations

import re

from index.pages.line_labels import SITE, Line, is_articles_bar
from index.pages.line_reasons import LineReason
from index.text.newspapers import is_paper
from index.text.normalize import HAN

_SECTION_PAGE = re.compile(rf"^\d{{1,2}}[ :·]*[{HAN}·]{{2,8}}$|^[{HAN}]{{2,4}}[ :·]*\d{{1,2}}$")
_CONTENTS = re.compile(r"^(?:本期|本版|今日|内容)?(?:要目|导读|目录|看点|提要)$")


def mark_masthead(lines: list[Line]) -> None:
    """Label what stands above the first headline: paper, date, number of the page, editors, table of contents.

    A date bar may also stand under a headline. So the masthead ends with the last line that is shaped like one and
    still has a short line, which can be the headline, behind it.
    """
    top = next((i for i, line in enumerate(lines) if line.label == "body" or line.text[-1] in ",;:、。"), len(lines))
    last_of = {line.text: i for i, line in enumerate(lines)}
    listed = {i for i in range(top - 1) if lines[i].label == lines[i + 1].label == "short" and len(lines[i].text) > 6
              and last_of[lines[i].text] > i}
    shaped = [i for i in range(top) if i in listed or _belongs_above(lines[i])]
    known = set(shaped)
    shorts = [i for i in range(top) if lines[i].label == "short" and i not in known]
    if not shaped:
        return
    last = max((i for i in shaped if shorts and i < shorts[-1]), default=-1)
    bar = next((i for i in shaped if is_articles_bar(lines[i])), top)
    if any(i < bar <= last for i in shorts) and not any(i > last and lines[i].label == "byline" for i in range(top)):
        # A headline, its bar, and then furniture and a section head: only what is above the headline is masthead.
        last = max((i for i in shaped if i < bar and any(i < s < bar for s in shorts)), default=-1)
    for i, line in enumerate(lines[: last + 1]):
        if line.label not in ("credit", "site"):
            line.name("site", LineReason.CONTENTS if i in listed else LineReason.MASTHEAD)


def _belongs_above(line: Line) -> bool:
    if line.label in ("credit", "site"):
        return True
    text = line.text
    return line.label == "short" and bool(is_paper(text) or _SECTION_PAGE.match(text) or _CONTENTS.match(text))


def mark_tail(lines: list[Line]) -> None:
    """Label everything behind the last article's credit or site line, when nothing there reads like an article."""
    tail = len(lines)
    for i in range(len(lines) - 1, -1, -1):
        line = lines[i]
        if line.reason is LineReason.MARKUP:
            continue
        if line.label in ("credit", "site"):
            tail = i
        elif line.label == "short" and line.text[-1] not in ",、" or line.label == "body" and SITE.search(line.text):
            continue
        else:
            break
    for line in lines[tail:]:
        if line.label not in ("credit", "site"):
            line.name("site", LineReason.TAIL)
