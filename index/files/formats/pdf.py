"""PDF pages with a text layer: characters by pdfium, put into reading order column by column.

pdfium knows where each character stands but not in which order a newspaper is read. Columns are found by the recursive
X-Y cut (Nagy and Seth 1984): a block is cut where an empty strip crosses it, upright before level, until it is one column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from statistics import median

from index.errors import FileError
from index.files.formats.extract import BETWEEN_CELLS, Extract, Lines, library
from index.files.formats.pdf_characters import SAME_SIZE, CharacterRun, page_runs
from index.files.formats.time_limit import TimeLimit
from index.messages import FileProblem

MAX_PAGES = 1_000
_HEADLINE = 1.5
"""Size, in the page's usual characters, from which a line is a headline."""
_STOPS = "。，、；：！？,;:!?"
_LEAST_PROSE = 10
_FOLIO = re.compile(r"[-\u2013\u2014\u00b7\s]*第?\s*(\d{1,4})\s*页?(?:\s*[/\uff0f共]\s*\d{1,4}\s*页?)?[-\u2013\u2014\u00b7\s]*")
_FIGURES = re.compile(r"[\d\s]+|[〇一二三四五六七八九十]+(?=版)")
_MOST_RUNNING, _LONGEST_RUNNING = 3, 40
"""Lines of a running head, and characters of one."""
_LEAST_ROWS, _FARTHEST_ROW, _LONGEST_CELL, _NARROW_COLUMN = 3, 4, 30, 8
"""Rows of a table at least; in characters, how far apart they stand, how long a cell is, and how wide a column of like cells."""
_MOST_CUTS = 60
_MOST_HEADLINES = 40
"""Bounds of the work that a page made to be slow can cause."""


def read_pdf(raw: bytes, file: str) -> Extract:
    """Return the text of a PDF in reading order, paragraphs joined, lines in large type as headings."""
    with library(file, "PDF"):
        import pypdfium2
        from pypdfium2.raw import FPDF_ERR_PASSWORD

        try:
            document = pypdfium2.PdfDocument(raw)
        except pypdfium2.PdfiumError as error:
            locked = error.err_code == FPDF_ERR_PASSWORD
            raise FileError(FileProblem.LOCKED_PDF if locked else FileProblem.BROKEN_PDF, file=file) from error
        try:
            if len(document) > MAX_PAGES:
                raise FileError(FileProblem.TOO_MANY_PAGES, file=file, pages=len(document), limit=MAX_PAGES)
            limit, pages = TimeLimit(file), []
            for number in range(len(document)):
                pages.append(page_runs(document, number))
                limit.check()
        finally:
            document.close()
    letters = [character for runs in pages for run in runs for character in run.text]
    if not letters:
        raise FileError(FileProblem.SCAN, file=file)
    unknown = sum(character == "\ufffd" or "\ue000" <= character <= "\uf8ff" for character in letters)
    if 2 * unknown > len(letters):
        raise FileError(FileProblem.UNKNOWN_FONTS, file=file)
    if sum("\x80" <= character <= "\x9f" for character in letters) > sum(character in _STOPS for character in letters):
        raise FileError(FileProblem.DAMAGED_TEXT, file=file)
    read = []
    for runs in pages:
        read.append(list(_paragraphs(runs)))
        limit.check()
    _drop_folios(read)
    _drop_running_heads(read)
    lines, levels = Lines(), sorted({level for paragraphs in read for _, level in paragraphs if level is not None})
    for paragraphs in read:
        for text, level in paragraphs:
            lines.add(text, None if level is None else levels.index(level) + 1)
        lines.add("")
    return lines.extract("pdf")


def _paragraphs(runs: list[CharacterRun]) -> Iterator[tuple[str, int | None]]:
    """Yield the paragraphs of a page in reading order; a headline has a level, the larger its type the higher."""
    if not runs:
        return
    usual = median(run.size for run in runs for _ in run.text)
    for column in _columns(runs, usual):
        for lines in _paragraph_lines(column):
            text = lines[0].text
            for line in lines[1:]:
                text += (" " if text[-1].isascii() and line.text[0].isascii() and text[-1] != "-" else "") + line.text
            size = lines[0].size / usual
            yield text, max(1, 6 - int(size)) if size >= _HEADLINE and len(text) <= 80 else None


def _drop_folios(pages: list[list[tuple[str, int | None]]]) -> None:
    """Take the pages' numbers away, at the top or the foot: they would part a sentence that goes on overleaf."""
    for at in (-1, 0):
        found = [(n, int(folio[1])) for n, page in enumerate(pages) if page and (folio := _FOLIO.fullmatch(page[at][0]))]
        # Only numbers that count the pages are folios: a page may end in a figure of its text too.
        first, times = Counter(number - n for n, number in found).most_common(1)[0] if found else (0, 0)
        for n, number in found:
            if times > 1 and number - n == first:
                pages[n].pop(at)


def _drop_running_heads(pages: list[list[tuple[str, int | None]]]) -> None:
    """Take away what is printed at the head or the foot of page after page, but once: the paper, its day, the page's name.

    Of heads the first stays, of feet the last: so none parts a sentence that goes on overleaf.
    """
    for order in (1, -1):
        dropped: list[tuple[list[tuple[str, int | None]], tuple[str, int | None]]] = []
        for depth in range(_MOST_RUNNING):
            at = depth if order == 1 else -1 - depth
            lines = [(page, page[at]) for page in pages[::order] if len(page) > depth + 1]
            named = [(page, line, _FIGURES.sub("", line[0])) for page, line in lines]
            times = Counter(head for _, _, head in named if 1 < len(head) <= _LONGEST_RUNNING and head[-1] not in _STOPS)
            running = [(page, line, head) for page, line, head in named if times[head] > 1 and 3 * times[head] >= len(pages)]
            if not running:
                break
            firsts = {head: n for n, (_, _, head) in reversed(list(enumerate(running)))}
            dropped += [(page, line) for n, (page, line, head) in enumerate(running) if firsts[head] != n]
        for page, line in dropped:
            page.pop(next(n for n in range(len(page))[::order] if page[n] is line))


def _columns(runs: list[CharacterRun], usual: float, depth: int = 0) -> Iterator[list[CharacterRun]]:
    """Yield the columns in reading order, each a list of its lines from the top; each row of a table is one of its own."""
    table = _table(runs, usual) if len(runs) >= 2 * _LEAST_ROWS and depth < _MOST_CUTS else None
    if table is not None:
        above, rows, below = table
        yield from _columns(above, usual, depth + 1) if above else ()
        yield from ([row] for row in rows)
        yield from _columns(below, usual, depth + 1) if below else ()
        return
    lines = _lines(runs)
    parts = _parts(runs, lines, usual) if len(lines) > 1 and depth < _MOST_CUTS else None
    if parts is None:
        yield lines
    else:
        for part in parts:
            yield from _columns(part, usual, depth + 1)


def _parts(runs: list[CharacterRun], lines: list[CharacterRun], usual: float) -> tuple[list[CharacterRun], list[CharacterRun]] | None:
    """Return the block's two parts in reading order, None when it is one column."""
    level = _headline(runs, usual)
    if level is None:
        # Two lines may be set apart as a name and a date are: only a wide strip, and lines of their own, make columns.
        cut = _gap([(r.left, r.right) for r in runs], (0.6 if len(lines) > 2 else 1.2) * usual)
        if cut is not None:
            left = [r for r in runs if r.left < cut]
            if len(_lines(left)) > 1:
                return left, [r for r in runs if r.left >= cut]
        # A column's own lines may be set apart too: a level cut is for what has columns in it.
        level = _gap([(r.bottom, r.top) for r in runs], -0.2 * usual) if _has_columns(lines, usual) else None
    if level is None:
        return None
    return [r for r in runs if r.bottom >= level], [r for r in runs if r.bottom < level]


def _table(runs: list[CharacterRun], usual: float) -> tuple[list[CharacterRun], list[CharacterRun], list[CharacterRun]] | None:
    """Return what stands above the first table of a block, its rows, each one line, and what stands below; None without one.

    Columns of text stand side by side too: their lines are prose, and as wide as their column.
    """
    rows: list[list[CharacterRun]] = []
    for run in sorted(runs, key=lambda r: (-r.bottom, r.left)):
        if rows and abs(rows[-1][0].bottom - run.bottom) < 0.4 * usual:
            rows[-1].append(run)
        else:
            rows.append([run])
    for row in rows:
        row.sort(key=lambda run: run.left)
    start = 0
    while start < len(rows):
        end = start + 1
        while end < len(rows) and _goes_with(rows[end - 1], rows[end], usual):
            end += 1
        if end - start >= _LEAST_ROWS and _are_cells(rows[start:end], usual):
            lines = [CharacterRun(BETWEEN_CELLS.join(cell.text for cell in row), row[0].left, min(cell.bottom for cell in row),
                                  row[-1].right, max(cell.top for cell in row), row[0].size) for row in rows[start:end]]
            return [run for row in rows[:start] for run in row], lines, [run for row in rows[end:] for run in row]
        start = end
    return None


def _goes_with(above: list[CharacterRun], row: list[CharacterRun], usual: float) -> bool:
    """Tell whether a row has the cells of the row above it: as many, each at the same left, right or middle."""
    return len(above) == len(row) > 1 and above[0].bottom - row[0].bottom < _FARTHEST_ROW * usual and all(
        min(abs(a.left - b.left), abs(a.right - b.right), abs(_middle(a) - _middle(b))) < usual for a, b in zip(above, row, strict=True))


def _are_cells(rows: list[list[CharacterRun]], usual: float) -> bool:
    """Tell whether rows are those of a table: short cells that are no prose, and of a width of their own."""
    cells = [cell for row in rows for cell in row]
    prose = sum(bool(re.search("[，。；！？]", cell.text)) for cell in cells)
    if 5 * prose > len(cells) or any(len(cell.text) > _LONGEST_CELL for cell in cells):
        return False
    columns = [[cell.right - cell.left for cell in column] for column in zip(*rows, strict=True)]
    return any(max(widths) - min(widths) >= usual or max(widths) < _NARROW_COLUMN * usual for widths in columns)


def _headline(runs: list[CharacterRun], usual: float) -> float | None:
    """Return the height above a headline that stands alone on its line, with text above it: an article ends there.

    A short headline would not stop the upright cut, though its text may fill all columns below.
    """
    large = [run for run in runs if run.size >= _HEADLINE * usual]
    small = [run for run in runs if run.size < _HEADLINE * usual]
    inside = 0.2 * usual
    for head in sorted(large, key=lambda run: -run.top)[:_MOST_HEADLINES]:
        top = head.top - inside
        beside = any(run.bottom < top and run.top > head.bottom + inside for run in small)
        cut_through = any(run.bottom < top < run.top - inside for run in runs if run is not head)
        if not beside and not cut_through and any(run.bottom >= top for run in small):
            return top
    return None


def _has_columns(lines: list[CharacterRun], usual: float) -> bool:
    """Tell whether lines stand side by side."""
    return any(a.bottom < b.top - 0.3 * usual and b.bottom < a.top - 0.3 * usual
               for i, a in enumerate(lines) for b in lines[i + 1:i + 40])


def _gap(ranges: list[tuple[float, float]], least: float) -> float | None:
    """Return where the widest strip that no range touches begins to be left behind (its far end), None below `least`."""
    ranges = sorted(ranges)
    end, best, cut = ranges[0][1], least, None
    for low, high in ranges[1:]:
        if low - end > best:
            best, cut = low - end, low
        end = max(end, high)
    return cut


def _lines(runs: list[CharacterRun]) -> list[CharacterRun]:
    """Join runs of one line that only a space parts; order by height, then from the left."""
    rows: list[CharacterRun] = []
    for run in sorted(runs, key=lambda r: (-r.top, r.left)):
        near = next((k for k in range(len(rows) - 1, max(-1, len(rows) - 12), -1)
                     if abs(rows[k].bottom - run.bottom) < 0.4 * run.size and 0 <= run.left - rows[k].right < 4 * run.size
                     and abs(rows[k].size - run.size) <= SAME_SIZE * run.size), None)
        if near is None:
            rows.append(run)
        else:
            row = rows[near]
            bottom, top = min(row.bottom, run.bottom), max(row.top, run.top)
            rows[near] = CharacterRun(f"{row.text} {run.text}", row.left, bottom, run.right, top, row.size)
    return rows


def _paragraph_lines(lines: list[CharacterRun]) -> Iterator[list[CharacterRun]]:
    """Group a column's lines to paragraphs.

    A new one is indented, of another size, farther below, or follows a short line.
    """
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    upright = right - left < 1.5 * max(line.size for line in lines)
    group: list[CharacterRun] = []
    for line in lines:
        if group:
            before = group[-1]
            same = abs(line.size - before.size) <= SAME_SIZE * before.size
            near = before.bottom - line.top < 1.2 * line.size
            runs_on = before.right > right - 1.8 * line.size and line.left < left + 1.2 * line.size
            headline = len(group) == 1 and line.size == before.size and abs(_middle(line) - _middle(before)) < line.size
            ragged = abs(line.left - before.left) < 0.5 * line.size and _breaks_off(before.text)
            if not (same and near and (runs_on or upright or ragged or headline and line.size > 1.5 * _least(lines))):
                yield group
                group = []
        group.append(line)
    if group:
        yield group


def _breaks_off(text: str) -> bool:
    """Tell whether a line is prose that stops in mid-sentence: where the right edge is ragged, no width tells."""
    return len(text) >= _LEAST_PROSE and bool(re.search("[，、；]", text)) and text[-1] not in "。！？…；：”』」）"


def _middle(line: CharacterRun) -> float:
    return (line.left + line.right) / 2


def _least(lines: list[CharacterRun]) -> float:
    return min(line.size for line in lines)
