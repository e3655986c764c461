"""Markdown in which nothing of a question or an answer can act, for the chat and for front ends of the API.

An answer may keep emphasis, lists and tables; its raw HTML, images and links are printed, not obeyed: an
image alone would tell another server what was asked. Only our own markers become links.
"""

from __future__ import annotations

import re

from assistant.answer.reference import BRIEF, reference
from assistant.types import Answer

MARKER = re.compile(r"\[(\d{1,3})\]")

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_MARKUP = re.compile(r"\\(?![\[\]])|(?<!~)~(?!~)|~{3,}|(?<!\*)\*(?!\*)|\*{3,}|[_`]")
"""What would mark up the words of a page (3~5元): an answer's own marks are ** and ~~, and a backslash before a bracket."""
# Not at the beginning of a word only: browsers make links behind a Chinese character too, some even behind a letter.
_BARE_LINK = re.compile(r"(?i)(https?|ftp|mailto|xmpp|www)([:.])")


def plain(text: str) -> str:
    """Return Markdown that shows `text` exactly, lines kept."""
    return "\n".join(_PUNCTUATION.sub(r"\\\1", line.strip()) for line in text.splitlines())


def without_markers(text: str) -> str:
    """Return `text` without its [n] markers."""
    return MARKER.sub("", text)


def harmless(text: str) -> str:
    """Return the Markdown `text` with HTML, images, links and marks that are not ours printed instead of obeyed."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    text = _MARKUP.sub(lambda match: "".join(f"\\{mark}" for mark in match[0]), text)
    text = text.replace("![", "!\\[").replace("](", "]\\(").replace("]:", "]\\:").replace("][", "]\u200b[")
    text = _BARE_LINK.sub("\\1\u200b\\2", text)
    ends_badly = text.endswith(("!", "\\"))  # these would change the meaning of a marker right behind them
    return f"{text}\u200b" if ends_badly else text


def answer_markdown(answer: Answer, key: int) -> str:
    """Return the answer with its markers as links to #cite-KEY-n; one that cites nothing stays text."""
    titles = {c.number: reference(c, BRIEF) for c in answer.citations}

    def link(match: re.Match[str]) -> str:
        number = int(match[1])
        if number not in titles:
            return f"\\[{number}\\]"
        return f'[\\[{number}\\]](#cite-{key}-{number} "{plain(" ".join(titles[number].split()))}")'

    pieces, last = [], 0
    for match in MARKER.finditer(answer.text):
        pieces += [harmless(answer.text[last : match.start()]), link(match)]
        last = match.end()
    return "".join((*pieces, harmless(answer.text[last:])))
