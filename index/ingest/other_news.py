"""Is what was sent a newer state of what is stored under its name, or other news that would take its place?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from index.catalog.catalog import Catalog
from index.catalog.fingerprints import printed_text, resemblance
from index.catalog.rows import FileRow
from index.errors import FileError
from index.files.discover import FoundPage
from index.files.formats.time_limit import TimeLimit
from index.pages.articles import PageReader

ANOTHER = 0.5
"""Share of its text in common with a stored page below which a page of that name is another, not a newer state of it."""
_LOOKED_AT = 5
"""Pages by which an archive is known as a newer state of itself."""


def tells_other_news(catalog: Catalog, stored: FileRow, page: PageReader) -> bool:
    """Tell whether a page is another than the one stored under its name: of another day, or with hardly a text in common."""
    before = PageReader(catalog.source(stored.file)).articles
    old, new = ({a.date for a in articles if a.date} for articles in (before, page.articles))
    if old and new and not old & new:
        return True
    return resemblance(*("\n".join(map(printed_text, articles)) for articles in (before, page.articles))) < ANOTHER


def other_archives(catalog: Catalog, todo: Iterable[FoundPage]) -> dict[Path, str]:
    """Return the archives and tables, with their names, that were sent under a known name and have hardly a page of it."""
    sent: dict[Path, list[FoundPage]] = {}
    for found in todo:
        if found.sent and found.member and found.readable:
            sent.setdefault(found.path, []).append(found)
    others = {}
    for path, pages in sent.items():
        name = pages[0].file.removesuffix(pages[0].member)
        stored = {row.file: row for row in catalog.members(name) if row.container == str(path)}
        again = [found for found in pages if found.file in stored][:_LOOKED_AT]
        if stored and 2 * sum(_is_newer(catalog, stored[found.file], found) for found in again) <= len(again):
            others[path] = name
    return others


def _is_newer(catalog: Catalog, stored: FileRow, found: FoundPage) -> bool:
    try:
        source = found.read()
    except FileError:
        return True  # it replaces nothing
    page = PageReader(source, TimeLimit(source.file))
    return source.sha256 == stored.sha256 or not tells_other_news(catalog, stored, page)
