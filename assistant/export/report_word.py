"""A report as a Word file: headings, numbered references that [n] leads to, fonts that Chinese Word has."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from assistant.export.types import Report
from assistant.locales.loader import words

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

SERIF, SANS = "\u5b8b\u4f53", "\u9ed1\u4f53"
"""The names that Word knows Song and Hei by."""
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
            paragraph = document.add_paragraph(style="List Bullet" if block.item else "Normal")
            for run in block.runs:
                if run.number:
                    _link(paragraph, run.number)
                else:
                    paragraph.add_run(run.text).bold = run.bold
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
        document.add_paragraph(one.quote, style="Quote").paragraph_format.left_indent = Cm(0.8)
        if one.also:
            _small(document.add_paragraph(one.also))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_up(document: Document, report: Report) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

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
