"""Label every line of a newspaper page: headline, byline, section, body, caption, credit, site furniture ...

A page is text as a newspaper's site or typesetter leaves it: several articles one after the other, with column
labels, photo captions and credits between them. Rules look at the shape of a line (length, punctuation, set phrases
of the trade) and at its neighbours, never at names of papers, towns or people. Each label carries its reason, so that
a librarian can see why a line was taken for what it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from index.pages.captions import mark_captions
from index.pages.headings import apply_headings
from index.pages.headlines import mark_heads
from index.pages.layout import mark_columns, mark_conversations, mark_poem, mark_signatures, mark_stanzas, mark_tables
from index.pages.line_labels import CONTINUER, DATED_NEWS, Line, ends_open, label_alone, split_lines
from index.pages.line_reasons import LineReason
from index.pages.masthead import mark_masthead, mark_tail
from index.types import Heading


def label_lines(text: str, headings: Sequence[Heading] = (), *, single: bool = False) -> list[Line]:
    """Return the page's non-blank lines, each labelled; `headings` and `single` (one article) as the file's format says."""
    lines = split_lines(text)
    for line in lines:
        label_alone(line)
    mark_columns(lines)
    mark_conversations(lines)
    mark_tables(lines)
    mark_tail(lines)
    mark_masthead(lines)
    mark_stanzas(lines)
    _mark_prose(lines)
    mark_poem(lines)
    mark_captions(lines)
    mark_signatures(lines)
    mark_heads(lines)
    _mark_briefs(lines)
    apply_headings(lines, headings, single=single)
    return lines


def _mark_prose(lines: list[Line]) -> None:
    """Turn short lines that are pieces of a sentence into body; backwards, as a piece is known by what follows it."""
    for line, following in reversed(list(pairwise(lines))):
        if line.label != "short" or following.label != "body" or not ends_open(line.text) \
                or following.reason is LineReason.STANZA and following.gap or following.reason is LineReason.BRIEF:
            continue
        first_piece = re.split(r"[,。;]", following.text)[0]
        if line.text[-1] in ",、":
            line.name("body", LineReason.COMMA)
        elif re.search(r"[,、:]", line.text) and (CONTINUER.match(following.text) or len(first_piece) <= 2):
            line.name("body", LineReason.PIECE)


def _mark_briefs(lines: list[Line]) -> None:
    """Let news that begins with its own dateline (本报云山讯) open an article where no headline stands above it."""
    before, opened = None, False
    for line in lines:
        opened = opened or line.opens
        if line.label != "body":
            continue
        if before is not None and not (opened or line.joins or line.resumes) and DATED_NEWS.match(line.text) \
                and (line.gap or not ends_open(before.text)):
            line.opens = True
        before, opened = line, False
