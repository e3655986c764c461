"""A report as PDF, by reportlab; Chinese in its built-in font STSong-Light, which needs no file and which readers supply."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from assistant.export.types import Report, Table, TextRun
from assistant.locales.loader import words

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle

FONT = "STSong-Light"
LONGEST = 800
"""Characters of one paragraph."""
_FOUR_BYTES = re.compile("[\u00a5\u200b\u2e80-\u2fd5\u3400-\u4db5\\s]")
"""What the font holds though GB 18030 writes it in four bytes (radicals, rare characters, the yen), and what draws nothing."""
_INK, _GREY, _LINK, _RULE, _HEAD = "#222222", "#666666", "#8f2d20", "#b8b0a2", "#f3efe6"
WIDTHS = {1: (467,), 2: (105, 362), 3: (92, 225, 150)}
"""Points of the columns of a table, by their number."""


def as_pdf(report: Report) -> bytes:
    """Return the report as the bytes of a PDF file."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    document = SimpleDocTemplate(out, pagesize=A4, leftMargin=64, rightMargin=64, topMargin=64, bottomMargin=64,
                                 title=report.title, author="", lang="zh-CN" if report.language == "zh" else "en")
    document.build(_story(report), onFirstPage=_foot, onLaterPages=_foot)
    return out.getvalue()


def _story(report: Report) -> list[Any]:
    text, styles = words(report.language).export, _styles()

    def one(text: str, style: str) -> Iterator[Any]:
        return _set([TextRun(text)], styles[style])

    story = [*one(report.title, "title"), *one(report.made, "small")]
    for entry in report.entries:
        story += one(entry.question, "head")
        if entry.understood:
            story += one(text["understood"] + entry.understood, "small")
        for block in entry.blocks:
            if isinstance(block, Table):
                story += _tabulate(block, styles["cell"])
                continue
            story += _set(block.runs, styles["item" if block.item else "body"], bullet="\u2022" if block.item else None)
        if entry.note:
            story += one(entry.note, "small")
    if report.references:
        story += one(text["references"], "head")
    for reference in report.references:
        runs = [TextRun(f"[{reference.number}] "), TextRun(reference.title, bold=True), TextRun(f" \u00b7 {reference.printed}")]
        story += _set(runs, styles["reference"], before=f'<a name="ref{reference.number}"/>')
        for quote in reference.quotes:
            story += one(quote, "quote")
        if reference.also:
            story += one(reference.also, "small")
    return story


def _set(runs: Sequence[TextRun], style: ParagraphStyle, *, before: str = "", bullet: str | None = None) -> Iterator[Any]:
    """Yield the runs as a paragraph; a very long one as several, because the time to set one grows with its square."""
    from assistant.export.pdf_lines import ChineseParagraph as Paragraph

    pieces, size = [before], 0
    for run in runs:
        for at in range(0, len(run.text) or 1, LONGEST):
            text = run.text[at : at + LONGEST]
            if size and size + len(text) > LONGEST:
                yield Paragraph("".join(pieces), style, bulletText=bullet)
                pieces, size, bullet = [], 0, None
            pieces.append(_marked(replace(run, text=text)))
            size += len(text)
    yield Paragraph("".join(pieces), style, bulletText=bullet)


def _tabulate(table: Table, style: ParagraphStyle) -> Iterator[Any]:
    """Yield a table with rules, whose first row comes again on each page."""
    from reportlab.platypus import Spacer
    from reportlab.platypus import Table as Drawn

    lines = [[(TextRun(name, bold=True),) for name in table.head], *table.rows]
    cells = [[list(_set(runs, style)) for runs in row] for row in lines]
    yield Drawn(cells, colWidths=WIDTHS[len(table.head)], repeatRows=1, hAlign="LEFT", style=[
        ("GRID", (0, 0), (-1, -1), 0.5, _RULE), ("VALIGN", (0, 0), (-1, -1), "TOP"), ("BACKGROUND", (0, 0), (-1, 0), _HEAD)])
    yield Spacer(1, 10)


def _styles() -> dict[str, ParagraphStyle]:
    from reportlab.lib.styles import ParagraphStyle

    def style(name: str, size: float, **more: Any) -> ParagraphStyle:
        return ParagraphStyle(name, **{"fontName": FONT, "fontSize": size, "leading": size * 1.55, "wordWrap": "CJK",
                                       "textColor": _INK, "bulletFontName": FONT, **more})

    return {
        "title": style("title", 20, spaceAfter=6), "head": style("head", 13.5, spaceBefore=16, spaceAfter=6, keepWithNext=1),
        "body": style("body", 11, spaceAfter=6), "item": style("item", 11, leftIndent=14, bulletIndent=2, spaceAfter=4),
        "cell": style("cell", 10),
        "small": style("small", 9.5, textColor=_GREY, spaceAfter=6),
        "reference": style("reference", 10.5, spaceBefore=6, keepWithNext=1),
        "quote": style("quote", 10, leftIndent=18, textColor="#444444", spaceAfter=2),
    }


def _text(text: str) -> str:
    """Return `text` for reportlab's markup. A character that the font lacks, which readers leave out, is told by number."""
    return escape("".join(c if _is_held(c) else f"\u3014U+{ord(c):04X}\u3015" for c in text))


def _is_held(char: str) -> bool:
    """Tell whether the font has the character: its collection (Adobe-GB1) grew with the national standards."""
    return len(char.encode("gb18030", "replace")) <= 2 or bool(_FOUR_BYTES.match(char))


def _marked(run: TextRun) -> str:
    """Return a run as markup; the font has one weight, so what is bold has a colour."""
    if run.number:
        return f'<a href="#ref{run.number}" color="{_LINK}">[{run.number}]</a>'
    return f'<font color="{_LINK}">{_text(run.text)}</font>' if run.bold else _text(run.text)


def _foot(canvas: Any, document: Any) -> None:
    canvas.setFont(FONT, 9)
    canvas.setFillColor(_GREY)
    canvas.drawCentredString(document.pagesize[0] / 2, 36, str(canvas.getPageNumber()))
