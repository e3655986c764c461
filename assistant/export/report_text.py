"""A report as plain text and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from assistant.export.types import Block, Report, Table, TextRun, text_of
from assistant.locales.loader import words
from prompts.prompt_loader import phrases

_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|$^{}])")
_AT_START = re.compile(r"^([#+=:-]|\d+(?=[.)]))")
_ADDRESS = re.compile(r"(?i)(?:https?|ftp|mailto|xmpp)(?=:)|www(?=\.)|(?<=\S)@")  # also behind a Chinese character


def as_text(report: Report) -> str:
    """Return the report as lines for the clipboard; a single answer without title and date."""
    text = words(report.language).export
    lines = [report.title, report.made, ""] if len(report.entries) > 1 else []
    for entry in report.entries:
        lines += [text["question"] + entry.question]
        lines += [text["understood"] + entry.understood] if entry.understood else []
        lines += ["", *(line for block in entry.blocks for line in _plain(block)), *filter(None, [entry.note]), ""]
    if report.references:
        lines += [f"{text['references']}{phrases(report.language).colon.rstrip()}"]
    for one in report.references:
        lines += [f"[{one.number}] {one.title} · {one.printed}", *(f"    “{quote}”" for quote in one.quotes)]
        lines += [f"    {one.also}"] if one.also else []
    return "\n".join(lines).rstrip() + "\n"


def as_markdown(report: Report) -> str:
    """Return the report as CommonMark in which nothing of a question, an answer or an article is markup."""
    text = words(report.language).export
    parts = [f"# {escaped(report.title)}", escaped(report.made)]
    for entry in report.entries:
        parts += [f"## {escaped(entry.question)}"]
        parts += [escaped(text["understood"] + entry.understood)] if entry.understood else []
        for items, blocks in groupby(map(_line, entry.blocks), key=lambda line: line.startswith("- ")):
            lines = list(blocks)
            parts += ["\n".join(lines)] if items else lines
        parts += [escaped(entry.note)] if entry.note else []
    if report.references:
        parts += [f"## {text['references']}"]
    for one in report.references:
        parts += [f"\\[{one.number}\\] **{escaped(one.title)}** · {escaped(one.printed)}"]
        parts += [f"> {escaped(quote)}" for quote in one.quotes]
        parts += [escaped(one.also)] if one.also else []
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return `text` as Markdown that shows it; what marks up at a line's start only is escaped there only."""
    return _begun(_inside(text.strip()))


def _inside(text: str) -> str:
    # A backslash does not keep readers from making links of bare addresses; a character without width does.
    return _ADDRESS.sub(lambda m: f"{m[0]}\u200b", _SPECIAL.sub(r"\\\1", text))


def _begun(line: str) -> str:
    return _AT_START.sub(lambda m: f"{m[1]}\\" if m[1].isdigit() else f"\\{m[1]}", line)


def _plain(block: Block | Table) -> Iterator[str]:
    """Yield a block as lines; of a table each place, and beneath it what stands in the other columns."""
    if isinstance(block, Block):
        yield ("- " if block.item else "") + block.text
        return
    for place, *told in block.rows:
        yield f"- {text_of(place)}"
        yield from (f"    {name} {text_of(runs)}" for name, runs in zip(block.head[1:], told, strict=True) if runs)


def _line(block: Block | Table) -> str:
    """Return a block as Markdown: a line, or a table."""
    if isinstance(block, Table):
        rows = [[_spans(runs) for runs in row] for row in block.rows]
        lines = [[escaped(name) for name in block.head], ["---"] * len(block.head), *rows]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return ("- " if block.item else "") + _begun(_spans(block.runs))


def _spans(runs: Sequence[TextRun]) -> str:
    pieces: list[str] = []
    for run in runs:
        if run.number:
            pieces.append(f"\\[{run.number}\\]")  # unescaped, an article's "(" behind it would make it a link
            continue
        if pieces and pieces[-1].endswith("**") and run.text[:1].isalnum():
            pieces.append(" ")  # emphasis that ends with punctuation does not end before a letter
        pieces.append(f"**{_inside(run.text.strip())}**" if run.bold and run.text.strip() else _inside(run.text))
    return "".join(pieces).strip()
