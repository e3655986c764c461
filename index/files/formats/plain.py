"""Plain text and Markdown: the file's own characters, as printed. Of Markdown `#` lines are told as headings, and what marks
up the words (tags, links, emphasis) is no text."""

from __future__ import annotations

import re
from itertools import islice, pairwise

from index.files.formats.encoding import decode
from index.files.formats.extract import BETWEEN_CELLS, Extract
from index.text.normalize import HAN, printed
from index.text.people import SURNAMES
from index.types import Heading

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t\u3000]+(\S.*)$", re.MULTILINE)
_BLANK = " \t"
_LONGEST = 500
"""Characters between two marks that belong together, and of a link or a tag."""
_TAG = re.compile(rf"<!--.{{0,{_LONGEST}}}?-->|</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]{{0,{_LONGEST}}})?/?>|<(?:https?://|mailto:)[^<>\s]{{1,{_LONGEST}}}>")
_IMAGE = re.compile(
    rf"!\[[^\[\]]{{0,{_LONGEST}}}\](?:\([^()\s]{{0,{_LONGEST}}}(?:\s[^()]{{0,200}})?\)|\[[^\[\]]{{0,200}}\])"
)
_LINK = re.compile(
    rf"\[([^\[\]]{{1,{_LONGEST}}})\]\((?:[^()\s]|\([^()\s]{{0,200}}\)){{0,{_LONGEST}}}(?:\s[^()]{{0,200}})?\)"
)
_TARGET = re.compile(r"^ {0,3}\[[^\[\]]{1,200}\]:\s*\S+.*$")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)")
_LEAD = re.compile(r"^(\s*)(?:>\s?|[-*+]\s+(?=\S))+")
_RULE_OF_TABLE = re.compile(r"^\s*+\|?\s*+:?-{2,}+:?\s*+(?:\|\s*+:?-{2,}+:?\s*+)*+\|?\s*+$")
_ROW = re.compile(r"^\s*\|.*\|\s*$")
_MARKS = re.compile(r"\*\*|__|~~")
_MOST_MARKS = 400
"""Of one line: the rest of a line made to be slow stays as it is."""
_WORDLESS = re.compile(r"[\s\W]*")


def read_text(raw: bytes, file: str) -> Extract:
    """Return a text file as it stands."""
    text, encoding = decode(raw, file)
    return Extract(printed(text), encoding)


def read_markdown(raw: bytes, file: str) -> Extract:
    """Return a Markdown file with its headings, without what marks up its words."""
    text, encoding = decode(raw, file)
    text = "\n".join(map(_without_markup, printed(text).split("\n")))
    headings = tuple(Heading(found.start(2), found.start(2) + _size(found[2]), len(found[1]))
                     for found in _HEADING.finditer(text))
    return Extract(text, encoding, headings=headings)


def _without_markup(line: str) -> str:
    """Return a line's words; "" of one that holds nothing but links, pictures or rules."""
    if _TARGET.match(line) or _FENCE.match(line) or _RULE_OF_TABLE.match(line) and "|" in line:
        return ""
    if _ROW.match(line):
        return BETWEEN_CELLS.join(filter(None, (_inline(cell).strip() for cell in line.strip().strip("|").split("|"))))
    bare = _IMAGE.sub("", _TAG.sub("", line)) if "<" in line or "![" in line else line
    if "](" in bare and not bare.lstrip().startswith("#") and _WORDLESS.fullmatch(_LINK.sub("", bare)):
        return ""
    return _inline(_LEAD.sub(r"\1", bare))


def _inline(text: str) -> str:
    return _without_marks(_LINK.sub(r"\1", _IMAGE.sub("", _TAG.sub("", text))))


def _without_marks(text: str) -> str:
    """Return `text` without the pairs of ** , __ and ~~ that mark words up; others are the page's own (张**, 3~~5)."""
    found, pairs, at = list(islice(_MARKS.finditer(text), _MOST_MARKS)), [], 0
    while at + 1 < len(found):
        first = found[at]
        last = next((mark for mark in found[at + 1:] if mark[0] == first[0] and _closes(text, mark)), None)
        if last is not None and _opens(text, first) and not _masks(text, first, last):
            pairs += [first.span(), last.span()]
            at = found.index(last)
        at += 1
    kept = [0, *(end for pair in pairs for end in pair), len(text)]
    return "".join(text[a:b] for a, b in list(pairwise(kept))[::2])


def _opens(text: str, mark: re.Match[str]) -> bool:
    """Tell whether a mark begins something, as CommonMark has it: words stand right behind it."""
    before, after = text[:mark.start()][-1:], text[mark.end():][:1]
    return bool(after.strip()) and (_is_word(after) or not _is_word(before)) and after != mark[0][0]


def _closes(text: str, mark: re.Match[str]) -> bool:
    before, after = text[:mark.start()][-1:], text[mark.end():][:1]
    return bool(before.strip()) and (_is_word(before) or not _is_word(after))


def _masks(text: str, first: re.Match[str], last: re.Match[str]) -> bool:
    """Tell whether both marks stand for characters that are kept back: of names (张**), of a range (3~~5)."""
    hidden = [text[:mark.start()][-1:] for mark in (first, last)]
    return all(sign in SURNAMES or sign.isdigit() for sign in hidden)


def _is_word(sign: str) -> bool:
    return bool(re.match(rf"[\w{HAN}]", sign))


def _size(heading: str) -> int:
    """Return how many characters of a heading are left without the blanks and `#` that may close it."""
    return 1 + len(heading[1:].rstrip(_BLANK).rstrip("#").rstrip(_BLANK))
