"""A report as a Word file: headings, numbered references that [n] leads to, fonts that Chinese Word has."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.export.types import Report, Table, TextRun
from assistant.locales.loader import words

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

SERIF, SANS = "\u5b8b\u4f53", "\u9ed1\u4f53"
"""The names that Word knows Song and Hei by."""
WIDTHS = {1: (158,), 2: (38, 120), 3: (34, 76, 48)}
"""Millimetres of the columns of a table, by their number."""
_STYLES = {"Normal": (SERIF, 11), "Title": (SANS, 20), "Heading 1": (SANS, 14), "List Bullet": (SERIF, 11),
           "Quote": (SERIF, 10.5)}


def as_docx(report: Report) -> bytes:
    """Return the report as the bytes of a .docx file."""
    import docx
    from docx.shared import Cm, Pt

    text = words(report.language).export
    document = docx.Document()
    _set_up(document, report)
    document.add_paragraph(report.title, style="Title")
    _small(document.add_paragraph(report.made))
    for entry in report.entries:
        document.add_paragraph(entry.question, style="Heading 1")
        if entry.understood:
            _small(document.add_paragraph(text["understood"] + entry.understood))
        for block in entry.blocks:
            if isinstance(block, Table):
                _tabulate(document, block)
            else:
                _set(document.add_paragraph(style="List Bullet" if block.item else "Normal"), block.runs)
        if entry.note:
            _small(document.add_paragraph(entry.note))
    if report.references:
        document.add_paragraph(text["references"], style="Heading 1")
    for one in report.references:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(2)
        paragraph.paragraph_format.keep_with_next = True
        _target(paragraph, one.number)
        paragraph.add_run(one.title).bold = True
        paragraph.add_run(f" \u00b7 {one.printed}")
        for quote in one.quotes:
            document.add_paragraph(quote, style="Quote").paragraph_format.left_indent = Cm(0.8)
        if one.also:
            _small(document.add_paragraph(one.also))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_up(document: Document, report: Report) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(26)
    page.top_margin = page.bottom_margin = Mm(25)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = report.title[:200], "", ""  # Word holds 255
    properties.language = "zh-CN" if report.language == "zh" else "en"
    for name, (font, size) in _STYLES.items():
        style = document.styles[name]
        style.font.size, style.font.italic = Pt(size), False
        style.font.color.rgb = RGBColor(0x22, 0x22, 0x22)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a theme's font would win over ours
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for script in ("ascii", "hAnsi", "eastAsia"):
            fonts.set(qn(f"w:{script}"), font)


def _set(paragraph: Paragraph, runs: Sequence[TextRun]) -> None:
    for run in runs:
        if run.number:
            _link(paragraph, run.number)
        else:
            paragraph.add_run(run.text).bold = run.bold


def _tabulate(document: Document, table: Table) -> None:
    """Add a table with rules, whose first row comes again on each page, and an empty line after it."""
    from docx.oxml import OxmlElement
    from docx.shared import Mm

    drawn = document.add_table(rows=1 + len(table.rows), cols=len(table.head), style="Table Grid")
    drawn.autofit = False
    drawn.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    lines = [[(TextRun(name, bold=True),) for name in table.head], *table.rows]
    widths = WIDTHS[len(table.head)]
    for row, cells in zip(drawn.rows, lines, strict=True):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, runs, width in zip(row.cells, cells, widths, strict=True):
            cell.width = Mm(width)
            _set(cell.paragraphs[0], runs)
    document.add_paragraph()


def _small(paragraph: Paragraph) -> None:
    from docx.shared import Pt, RGBColor

    for run in paragraph.runs:
        run.font.size, run.font.color.rgb = Pt(9.5), RGBColor(0x66, 0x66, 0x66)


def _link(paragraph: Paragraph, number: int) -> None:
    """Add [number], leading to its reference; python-docx has no links inside a document."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), f"ref{number}")
    run = paragraph.add_run(f"[{number}]")
    run.font.superscript = True
    link.append(run._r)
    paragraph._p.append(link)


def _target(paragraph: Paragraph, number: int) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), f"ref{number}")
    paragraph._p.append(start)
    paragraph.add_run(f"[{number}] ")
    paragraph._p.append(end)
