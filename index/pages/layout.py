"""Recognise pages whose text is set in a way of its own: narrow columns, verse, conversations, tables."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from index.files.formats.extract import BETWEEN_CELLS
from index.pages.line_labels import FINAL, Line, ends_open
from index.pages.line_reasons import LineReason
from index.text.normalize import HAN
from index.text.speech import words_of

_SPEAKER = re.compile(rf"^([{HAN}·]{{1,8}})[:]")
_CELLS = re.compile(r"\t+| {2,}|\s*\|\s*")
_SET = (LineReason.NARROW_COLUMN, LineReason.CONVERSATION, LineReason.TABLE_ROW)
"""Reasons of text that is set in another way than verse."""
SIGNED = re.compile(rf"""
    ^[{HAN}]{{2,16}}\s+[{HAN}]{{2,4}}$ | ^[{HAN}]{{4,20}}(?:局|委|委员会|办公室|办事处|街道办|公司|中心|处|站|院)$
""", re.VERBOSE)
"""A name with the place before it, or an office, as below a letter."""
_LONGEST_VERSE = 30
_LONGEST_VERSE_ALONE, _LEAST_VERSES = 20, 4
"""Of a page that holds nothing but a poem."""
_LONGEST_ROW = 120
_NARROW = (8, 40)
"""Characters of a full line of a narrow column, at least and at most."""
_OPENER = re.compile(r"^(?:PART|Part|part|NO\.?|No\.?)? ?\d{1,2}[.、]?$|^[壹贰叁肆伍陆一二三四五六七八九]$")


def mark_columns(lines: list[Line]) -> None:
    """Take the lines of a narrow column for pieces of their paragraphs, on pages where every line was wrapped.

    A paragraph begins with an indented line, or, where none is indented, behind a blank or a short line; all its lines
    but the last are as wide as the column.
    """
    sizes = Counter(_width(line) for line in lines)
    width, _ = max(sizes.items(), key=lambda item: (sum(sizes[item[0] + d] for d in (-1, 0, 1)), item[0]), default=(0, 0))
    full = [line for line in lines if abs(_width(line) - width) <= 1]
    if not _NARROW[0] <= width <= _NARROW[1] or 5 * len(full) < 2 * len(lines) or len(full) < 6:
        return
    if 2 * sum(bool(re.search(r"[,。、;:!?]", line.text)) for line in full) < len(full):
        return  # a list of headlines of one length
    indented = any(line.indented for line in full)
    i = 0
    while i < len(lines):
        j = i + 1
        while (j < len(lines) and not lines[j].indented and lines[j].gap == 0 and lines[j].label in ("body", "short")
               and abs(_width(lines[j - 1]) - width) <= 2):
            j += 1
        begins = lines[i].indented if indented else j - i > 1 and not ends_open(lines[j - 1].text)
        if begins and lines[i].label not in ("site", "credit") and (j - i > 1 or lines[i].label == "body"):
            for line in lines[i:j]:
                told = line is lines[i] and line.reason in (LineReason.BRIEF, LineReason.DASH)
                line.name("body", line.reason if told else LineReason.NARROW_COLUMN)
                line.joins = line is not lines[i]
        i = j


def _width(line: Line) -> int:
    """Return the width of the line on paper: the indent of a paragraph is two characters."""
    return len(line.text) + 2 * line.indented


def mark_stanzas(lines: list[Line]) -> None:
    """Take unbroken runs of short lines for text, on pages that are set like verse (as social media posts are)."""
    blocks: list[list[Line]] = []
    for line in lines:
        if line.label not in ("body", "short") or line.reason in _SET:
            continue
        if blocks and line.gap == 0 and blocks[-1][-1].number == line.number - 1:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    stanzas = [block for block in blocks if len(block) > 1 and all(len(line.text) <= _LONGEST_VERSE for line in block)]
    text = [line for line in lines if line.label in ("body", "short") and line.reason not in _SET]
    if 2 * sum(map(len, stanzas)) < len(text) or len(stanzas) < 5:
        return
    for stanza in stanzas:
        if stanza[0] is text[0] and stanza[0].text[-1] not in ",、;:。":
            stanza = stanza[1:]  # the post's headline
        elif _OPENER.match(stanza[0].text):
            stanza = stanza[2:] if stanza[1].text[-1] not in ",、;:。" else stanza[1:]
        for k, line in enumerate(stanza):
            line.name("body", LineReason.STANZA)
            line.joins = k > 0 and stanza[k - 1].text[-1] in ":;"


def mark_signatures(lines: list[Line]) -> None:
    """Label names and offices below the letters of a page that holds letters."""
    if not any(line.reason is LineReason.LETTER_BEGINS for line in lines):
        return
    for before, line in pairwise(lines):
        if before.label == "body" and line.label == "short" and not ends_open(before.text) and SIGNED.match(line.text) \
                and line.gap <= 1:
            line.name("credit", LineReason.SIGNATURE)


def mark_conversations(lines: list[Line]) -> None:
    """Take `记者:…` and `张某:…` for text, where at least two speakers take turns."""
    turns = [(line, found[1]) for line in lines
             if line.label in ("body", "short", "byline") and (found := _SPEAKER.match(line.text))]
    times = Counter(name for _, name in turns)
    speakers = {name for name, count in times.items() if count > 1 or name in ("问", "答")}
    if len(speakers) < 2 or sum(times[name] for name in speakers) < 4:
        return
    for line, name in turns:
        if name in speakers:
            line.name("body", LineReason.CONVERSATION)


def mark_tables(lines: list[Line]) -> None:
    """Take the rows of a table for text, a paragraph each: figures are often printed nowhere else."""
    cells = [len(_CELLS.split(line.text)) if line.label in ("body", "short") and len(line.text) <= _LONGEST_ROW else 0
             for line in lines]
    rows = {k for a, b in pairwise(range(len(lines))) for k in (a, b)
            if lines[b].gap <= 1 and (cells[a] >= 3 and abs(cells[a] - cells[b]) <= 1 and cells[b] >= 3
                                      or cells[a] == cells[b] == 2 and all(BETWEEN_CELLS in lines[k].text for k in (a, b)))}
    for k in rows:
        if ends_open(lines[k].text) or lines[k].text[-1] not in FINAL:
            lines[k].name("body", LineReason.TABLE_ROW)


def mark_poem(lines: list[Line]) -> None:
    """Take the stanzas of a page that has no other text for verse; what stands above the first is its head."""
    if any(line.label == "body" for line in lines):
        return
    stanzas: list[list[Line]] = []
    for line in (line for line in lines if line.label == "short"):
        if stanzas and line.gap == 0 and stanzas[-1][-1].number == line.number - 1:
            stanzas[-1].append(line)
        else:
            stanzas.append([line])
    if len(stanzas) == 1:
        stanzas = [stanzas[0][1:]]  # the title stands right above the verse
    verses = [line for stanza in stanzas if len(stanza) > 1 for line in stanza]
    if len(verses) < _LEAST_VERSES or any(len(line.text) > _LONGEST_VERSE_ALONE for line in verses):
        return
    said = sum(_is_said(line.text) for line in verses)
    widths = {len(line.text.rstrip(",。!?;")) for line in verses}
    if 3 * said >= len(verses) or len(widths) == 1 and widths <= {5, 6, 7}:
        for line in verses:
            line.name("body", LineReason.VERSE)


def _is_said(text: str) -> bool:
    """Tell whether a line has what speech has and a list of names has not: a pronoun, a particle, an adverb, a mark."""
    return text[-1] in ",。!?;…" or any(tag[0] in "rudpyc" for *_, tag in words_of(text))
