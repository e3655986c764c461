"""Web pages: the article out of navigation, related links and share bars, by trafilatura; the headline, paper and date.

The text begins with the headline and, where the page has one, the bar with date and source as the site prints it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from itertools import groupby, islice

from index.errors import FileError
from index.files.formats.encoding import decode
from index.files.formats.extract import BETWEEN_CELLS, WIDE_CELL, Extract, Lines, library
from index.messages import FileProblem
from index.text.dates import iso_date
from index.text.normalize import matching_form, printed
from index.types import Metadata

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_ENDS = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
"""Pages that are put together of parts have them behind the site's head too: what stands below would be lost."""
_DECLARATION = re.compile(r"<\?[^>]*>?")
_BAR = re.compile(r"来源\s*:|发布(?:时间|日期)|时间\s*:|作者\s*:|^\W*(?:19|20)\d\d[-/.年]\d")
_SITE_TAIL = re.compile(r"\s*(?:[-_|\u2014\u2013\u00b7]|--)+\s*")
_SOURCE_BAR = re.compile(r"来源\s*:\s*\S")
_SITE_NAME = re.compile(r"(?:网|网站|报|电子版|平台|频道|门户|客户端|首页)$")
"""Ends of a site's name: …网 …报 …电子版 …平台 …频道 …门户 …客户端, or 首页."""
_LATIN_NAMES = re.compile(r"[A-Z][\w.'-]*(?:(?:,? and |, ?| )[A-Z][\w.'-]*)+")
"""An author in Latin letters is a name: one word is whoever was logged in, and templates say `name, email`."""
_LONGEST_BAR = 120
_BLOCKS = ("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "td", "th", "li", "font", "b", "strong", "span", "section",
           "article", "center")
_INLINE = ("font", "b", "strong", "span")
_HOLDERS = ("p", "div", "td", "section", "article", "center", "body", "blockquote")
"""Elements in which lines of text may stand with nothing but a <br> between them."""
_HEADS = ("h1", "h2", "h3")
_LEVELS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_MOST_LINKS = 500
_MOST_COPIES = 2_000
"""Cells of a page that are printed again beside further rows, at most."""
_ROW = range(3, 21)
"""Cells of a row that is put together again: two side by side are more often a page's layout."""
_LEAST = 30
"""Characters that an article has at least; of a page with less the whole text is taken."""


def read_html(raw: bytes, file: str) -> Extract:
    """Return the article of a web page, as plain lines; its title, author, date and site as metadata."""
    declared = _CHARSET.search(raw[:4096])
    text, encoding = decode(raw, file, declared[1].decode() if declared else "")
    # As HTML 5 has it, a declaration ends at the next `>`; libxml2 needs minutes for a long one without an end.
    text = _ENDS.sub("", _DECLARATION.sub("", printed(text)))
    if not text.strip():
        raise FileError(FileProblem.EMPTY, file=file)
    with library(file, "HTML"):
        import trafilatura
        from lxml import html

        tree = html.document_fromstring(text)
        if any(tree.find(f".//{tag}") is not None for tag in ("ruby", "noscript", "template", "br", "*[@rowspan]")):
            _drop_readings(tree)
            _drop(tree, "noscript", "template")
            _part_at_breaks(tree)
            _spread_heads(tree)
            text = html.tostring(tree, encoding="unicode")
        _drop(tree, "script", "style")
        said = {name.lower(): value.strip() for meta in tree.iter("meta")
                if (name := meta.get("property") or meta.get("name")) and (value := meta.get("content"))}
        blocks = list(_blocks(tree))
        titled = (tree.findtext(".//title") or "").strip()
        title = printed(_title(said, titled, blocks))
        bar = next((block for _, block in blocks if len(block) <= _LONGEST_BAR and _is_bar(block)), "")
        page = trafilatura.bare_extraction(
            text, include_comments=False, include_tables=True, with_metadata=True,
            date_extraction_params={"extensive_search": False, "original_date": True, "outputformat": "%Y-%m-%d"},
        )
        body = [] if page is None else _without_menus(_lines(page.body), tree)
        if sum(len(line) for line, _ in body) < _LEAST:
            found = [(line, None) for element, _ in blocks if element.tag not in _INLINE for line in _lines_of(element)]
            body = _without_menus(found, tree) or [(line, None) for line in _lines_of(tree)]
        sites = {text for element, text in blocks if element.tag == "h1" and text != title and _is_site(text, said, titled)}
        date = iso_date((page and page.date) or "")
    lines = Lines()
    if title:
        lines.add(title, 0)
    if bar:
        lines.add(bar)
    lines.add("")
    for line, level in _with_rows(body, blocks):
        if line not in (title, bar, *sites):
            lines.add(line, level)
    source = said.get("source", "") or said.get("og:site_name", "")
    author = said.get("author", "")
    return lines.extract(encoding, Metadata(
        single=True, title=title, date=date, source="" if _SOURCE_BAR.search(matching_form(bar)) else source,
        byline="" if "@" in author or author.isascii() and not _LATIN_NAMES.fullmatch(author) else author,
    ))


def _drop_readings(tree: object) -> None:
    """Take the readings above characters (ruby) out of the page: in a line of text they would stand inside names."""
    _drop(tree, "rt", "rp", "rtc")
    for base in list(tree.iter("ruby", "rb")):
        base.drop_tag()


def _drop(tree: object, *tags: str) -> None:
    for element in list(tree.iter(*tags)):
        element.drop_tree()


def _part_at_breaks(tree: object) -> None:
    """Make a paragraph of each line that a <br> ends, in elements that hold text: trafilatura passes over such lines where
    a page has paragraphs too."""
    from lxml.html import Element

    for parent in dict.fromkeys(br.getparent() for br in tree.iter("br")):
        if parent is None or parent.tag not in _HOLDERS or len(parent.text_content().strip()) < WIDE_CELL:
            continue
        pieces: list[object] = []
        line = Element("p")
        line.text, parent.text = parent.text, None
        for child in list(parent):
            tail, child.tail = child.tail, None
            parent.remove(child)
            if child.tag == "br" or child.tag in _BLOCKS and child.tag not in _INLINE:
                pieces += [line] if child.tag == "br" else [line, child]
                line = Element("p")
                line.text = tail
            else:
                child.tail = tail
                line.append(child)
        pieces = [piece for piece in (*pieces, line) if piece.text_content().strip() or piece.tag != "p"]
        if parent.tag == "p":  # paragraphs hold no paragraphs
            for piece in pieces:
                parent.addprevious(piece)
            parent.drop_tree()
        else:
            parent.extend(pieces)


def _spread_heads(tree: object) -> None:
    """Print a cell that stands beside several rows in each of them: a row has to say by itself what it is about."""
    left = _MOST_COPIES
    for cell in list(tree.iter("td", "th")):
        rows = cell.get("rowspan", "").strip()
        if not rows.isdecimal() or not 1 < int(rows) <= left or len(cell.text_content()) >= WIDE_CELL:
            continue
        at = cell.getparent().index(cell)
        del cell.attrib["rowspan"]
        for row in islice(cell.getparent().itersiblings("tr"), int(rows) - 1):
            copy = deepcopy(cell)
            copy.tail = None
            row.insert(at, copy)
            left -= 1


def _is_bar(block: str) -> bool:
    folded = matching_form(block)
    return bool(_BAR.search(folded)) and bool(re.search(r"(?:19|20)\d\d\s*[-/.年]\s*\d", folded))


def _blocks(tree: object) -> Iterator[tuple[object, str]]:
    """Yield element and text of the innermost blocks that hold text, in the order of the page."""
    for element in tree.iter(*_BLOCKS):
        holds_block = any(child.tag in _BLOCKS and child.tag not in _INLINE for child in element.iterdescendants())
        if not holds_block and (text := " ".join(element.text_content().split())):
            yield element, text


def _with_rows(lines: list[tuple[str, int | None]], blocks: list[tuple[object, str]]) -> Iterator[tuple[str, int | None]]:
    """Yield the lines, those that are the cells of a table's row as one: of a short page trafilatura keeps no rows."""
    cells = [(element.getparent(), text) for element, text in blocks if element.tag in ("td", "th")]
    rows = {tuple(text for _, text in row) for _, row in groupby(cells, key=lambda cell: cell[0])}
    rows = {row for row in rows if len(row) in _ROW and all(len(cell) < WIDE_CELL for cell in row)}
    texts, at = [" ".join(line.split()) for line, _ in lines], 0
    while at < len(lines):
        size = next((size for size in reversed(_ROW) if tuple(texts[at:at + size]) in rows), 0)
        yield (BETWEEN_CELLS.join(texts[at:at + size]), None) if size else lines[at]
        at += size or 1


def _title(said: dict[str, str], titled: str, blocks: list[tuple[object, str]]) -> str:
    """Return the headline: what the page prints as one and names in its title too, else the title without the site."""
    named = said.get("og:title") or titled
    named_too = [(element.tag, text) for element, text in blocks if len(text) >= 4 and text in named]
    _, best = max(named_too, default=("", ""),
                  key=lambda block: (not _is_site(block[1], said, titled), block[0] in _HEADS, len(block[1])))
    if best and not _is_site(best, said, titled):
        return best
    heads = [(_HEADS.index(element.tag), -len(text), text) for element, text in blocks
             if element.tag in _HEADS and len(text) > len(best) and not _is_site(text, said, titled)]
    if best and heads:
        return min(heads)[-1]
    alone = [text for element, text in blocks if element.tag == "h1"]
    if len(alone) == 1:
        return alone[0]
    return " ".join(_SITE_TAIL.split(named)[0].split())


def _is_site(text: str, said: dict[str, str], titled: str) -> bool:
    """Tell whether `text` names the site: by what it ends with, or as the last part of the page's title."""
    parts = _SITE_TAIL.split(titled)
    begun = bool(_SITE_NAME.search(parts[0])) or parts[0] == said.get("og:site_name")
    last = len(parts) > 1 and text == parts[-1] and not begun
    return last or bool(_SITE_NAME.search(text)) or text == said.get("og:site_name")


def _without_menus(lines: Iterable[tuple[str, int | None]], tree: object) -> list[tuple[str, int | None]]:
    """Return the lines without those that are links for the most part: menus and lists of other articles."""
    texts = (" ".join(a.text_content().split()) for a in islice(tree.iter("a"), _MOST_LINKS))
    links = sorted({text for text in texts if len(text) > 1}, key=lambda text: (-len(text), text))
    kept = []
    for line, level in lines:
        rest = line
        for link in links if len(line) <= 400 else ():
            rest = rest.replace(link, "")
        if 2 * len(rest.strip()) >= len(line):
            kept.append((line, level))
    return kept


def _lines(body: object) -> Iterator[tuple[str, int | None]]:
    """Yield the lines of trafilatura's tree: paragraphs, list items, headings with their level, and table rows.

    Rows above the text are what is left of the site's head.
    """
    begun = False
    for element in body.iter("p", "head", "item", "quote", "row"):
        outer = next((parent for parent in element.iterancestors() if parent.tag in ("row", "item", "quote")), None)
        if outer is not None and not (element.tag == "p" and outer.tag == "row" and _is_wide(outer)):
            continue  # its text is in the outer element's
        if element.tag == "head":
            yield _text(element), _LEVELS.get(element.get("rend", ""), 6)
            continue
        lines = _row(element) if element.tag == "row" else _text(element).split("\n")
        begun = begun or any(len(line) >= _LEAST for line in lines) and (element.tag != "row" or _is_wide(element))
        if begun or element.tag != "row":
            yield from ((line, None) for line in lines if line.strip())


def _row(row: object) -> list[str]:
    """Return a table's row as one line; of a row that lays out the page, what stands in its cells before paragraphs."""
    if _is_wide(row):
        return [cell.text or "" for cell in row.iter("cell")]
    return [BETWEEN_CELLS.join(filter(None, (_text(cell) for cell in row.iter("cell"))))]


def _is_wide(row: object) -> bool:
    return any(len(_text(cell)) >= WIDE_CELL for cell in row.iter("cell"))


def _text(element: object) -> str:
    return "\n".join(_lines_of(element, as_set=True))


def _lines_of(element: object, *, as_set: bool = False) -> list[str]:
    """Return the lines of an element: they end at <br> (trafilatura: lb) and, `as_set`, at the file's line ends."""
    from lxml.etree import iterwalk

    lines = [""]
    for event, node in iterwalk(element, events=("start", "end", "comment", "pi")):
        if event == "start":
            lines += [""] * (node.tag in ("br", "lb"))
            lines[-1] += node.text or ""
        elif node is not element:
            lines[-1] += node.tail or ""
    if as_set or element.tag == "pre":
        lines = [piece for line in lines for piece in line.split("\n")]
    return [line for line in (" ".join(line.split()) for line in lines) if line]
