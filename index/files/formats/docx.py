"""Word files (.docx): paragraphs in the order of the document, those in tables and text boxes too.

Nothing is taken from the document's properties: author and dates there are those of the file and of its template, not
of the article.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from zipfile import ZipFile

from index.errors import FileError
from index.files.formats.archive import BROKEN, check_size
from index.files.formats.extract import BETWEEN_CELLS, WIDE_CELL, Extract, Lines, library
from index.messages import FileProblem

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_docx(raw: bytes, file: str) -> Extract:
    """Return the text of a Word file with its headings."""
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileError(FileProblem.LOCKED_DOCX, file=file)
    try:
        with ZipFile(io.BytesIO(raw)) as packed:
            check_size(packed, file)
    except BROKEN as error:
        raise FileError(FileProblem.BROKEN_DOCX, file=file) from error
    import docx

    lines = Lines()
    with library(file, "Word"):
        for text, level in _paragraphs(docx.Document(io.BytesIO(_without_lost_parts(raw)))):
            for line in text.split("\n"):
                lines.add(line, level)
    return lines.extract("docx")


def _without_lost_parts(raw: bytes) -> bytes:
    """Return the file without relationships to parts that it does not hold: Word writes `../NULL` for a lost picture."""
    from lxml.etree import XMLParser, fromstring, tostring

    with ZipFile(io.BytesIO(raw)) as packed:
        names, kept = set(packed.namelist()), {}
        for rels in (name for name in names if name.endswith(".rels")):
            tree = fromstring(packed.read(rels), XMLParser(resolve_entities=False, no_network=True))
            lost = [one for one in tree.iter("{*}Relationship")
                    if one.get("TargetMode") != "External" and _target(rels, one.get("Target", "")) not in names]
            if lost:
                for one in lost:
                    one.getparent().remove(one)
                kept[rels] = tostring(tree)
        if not kept:
            return raw
        out = io.BytesIO()
        with ZipFile(out, "w") as mended:
            for name in packed.namelist():
                mended.writestr(name, kept.get(name) or packed.read(name))
    return out.getvalue()


def _target(rels: str, target: str) -> str:
    """Return the part that a relationship names: beside the folder `_rels`, or from the root of the file."""
    folder = posixpath.dirname(posixpath.dirname(rels))
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _paragraphs(document: object) -> Iterator[tuple[str, int | None]]:
    """Yield the text of each paragraph and, of a heading, its level (a title's is 0)."""
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph

    body, row, cells, heads = document.element.body, None, [], {}
    for element in body.iter(qn("w:p")):
        above = list(element.iterancestors())
        if any(parent.tag == _FALLBACK for parent in above):
            continue  # an older copy of a text box
        text = _accepted(element)
        of_row = next((parent for parent in above if parent.tag == qn("w:tr")), None)
        if of_row is not row:
            yield from _row(cells)
            row, cells = of_row, []
        if row is not None:
            cell = next((parent for parent in above if parent.tag == qn("w:tc")), None)
            cells.append(text.strip() if cell is None else _beside(cell, row, text.strip(), heads))
        else:
            yield text, _level(Paragraph(element, document))
    yield from _row(cells)


def _accepted(paragraph: object) -> str:
    """Return a paragraph's text as with all tracked changes accepted: without what was deleted or moved away.

    Readings above characters are no text, and a text box in the paragraph has paragraphs of its own.
    """
    from docx.oxml.ns import qn
    from lxml.etree import iterwalk

    signs = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
    passed_over = {_FALLBACK, *map(qn, ("w:del", "w:moveFrom", "w:txbxContent", "w:rt", "w:p", "w:pPr"))}
    text, walk = "", iterwalk(paragraph, events=("start",))
    for _, node in walk:
        if node.tag in passed_over and node is not paragraph:
            walk.skip_subtree()
        elif node.tag == qn("w:t"):
            text += node.text or ""
        else:
            text += signs.get(node.tag, "")
    return text


def _beside(cell: object, row: object, text: str, heads: dict[tuple[object, int], str]) -> str:
    """Return the text of a cell: one that stands beside several rows is printed in each; `heads` remembers what it says."""
    from docx.oxml.ns import qn

    merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    if merged is None:
        return text
    place = (row.getparent(), [*row.iter(qn("w:tc"))].index(cell))
    if merged.get(qn("w:val")) != "restart":
        return text or heads.get(place, "")
    if text:
        heads[place] = text
    return text


def _row(cells: list[str]) -> Iterator[tuple[str, int | None]]:
    """Yield a table's row as one line, or its cells one by one when they are paragraphs."""
    if any(len(cell) >= WIDE_CELL for cell in cells):
        yield from ((cell, None) for cell in cells)
    elif any(cells):
        yield BETWEEN_CELLS.join(filter(None, cells)), None


def _level(paragraph: object) -> int | None:
    found = re.fullmatch(r"Title|(?i:heading) ([1-6])|\u6807\u9898 ?([1-6])", paragraph.style.name or "")
    return int(found[1] or found[2] or 0) if found else None
