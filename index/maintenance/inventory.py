"""What the index holds, for whoever keeps it: articles by words of their heads and texts, pages, groups of reprints."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index.catalog.catalog import CATALOG, Catalog
from index.catalog.corrections import Kept
from index.catalog.rows import FileRow, Holding
from index.errors import MissingIndex
from index.pages.line_labels import Line
from index.pages.page_labels import label_lines
from index.search.versions import current, manifest_of
from index.sqlite import damage_named
from index.text.normalize import fold
from index.types import Article


@dataclass(frozen=True, slots=True)
class Opened:
    """An article with what a librarian wants to know of it.

    `text` is the text of its file and `lines` the lines of it that enclose the article, each with its label and why;
    `page` are the articles of the file, `folder` those of all files that were read from the same folder or archive, and its
    own; `path` is where it was read.
    """

    article: Article
    kept: Kept | None
    text: str
    lines: tuple[Line, ...]
    page: tuple[Holding, ...]
    folder: tuple[Holding, ...]
    path: str
    added_at: str


@dataclass(frozen=True, slots=True)
class InventoryState:
    """How much there is, and what readers search: "" and "" when nothing was published. `waiting` tells that it is older."""

    files: int
    articles: int
    reprints: int
    passages: int
    corrections: int
    orphaned: int
    version: str
    built_at: str
    encoder: str
    waiting: bool


NOTHING_HELD = InventoryState(0, 0, 0, 0, 0, 0, "", "", "", False)


def find(home: Path, words: str = "") -> list[Holding]:
    """Return the articles that hold every one of the words, in their head, the name of their file, or one sentence."""
    if not (home / CATALOG).exists():
        return []
    with damage_named(home / CATALOG), closing(Catalog(home)) as catalog:
        held = catalog.holdings()
        for word in words.split():
            printed = catalog.printing_word(word)
            folded = fold(word)
            held = [h for h in held if h.id in printed
                    or folded in fold(" ".join((h.title, h.source, h.date, h.place, h.file, h.id)))]
    return held


def open_article(home: Path, article_id: str) -> Opened:
    """Return one article with its page; NotFound when there is none."""
    with damage_named(home / CATALOG), closing(Catalog(home)) as catalog:
        article = catalog.article(article_id)
        source, row = catalog.source(article.file), catalog.file(article.file)
        lines = label_lines(source.text, source.headings, single=source.metadata.is_single)
        spans = [(article.start, article.end), *(span for p in article.paragraphs for s in p.sentences for span in s.spans)]
        own = tuple(line for line in lines if any(start < line.end and line.start < end for start, end in spans))
        beside = {other.file for other in catalog.files() if _folder(other) == _folder(row)}
        folder = tuple(holding for holding in catalog.holdings() if holding.file in beside)
        return Opened(article, catalog.corrections.on(article_id), source.text, own,
                      tuple(holding for holding in folder if holding.file == article.file), folder, row.path, row.added_at)


def _folder(row: FileRow) -> str:
    """Return the folder that a file was read from, or the archive or table that it came in."""
    return row.container or str(Path(row.path).parent)


def reprint_groups(home: Path) -> list[list[Holding]]:
    """Return the articles that are printed several times, each with its printings, the one that is searched first."""
    if not (home / CATALOG).exists():
        return []
    with damage_named(home / CATALOG), closing(Catalog(home)) as catalog:
        held = {holding.id: holding for holding in catalog.holdings()}
        return [[held[article_id], *(held[other.article_id] for other in others)]
                for article_id, others in catalog.printings().items() if not held[article_id].reprint]


def corrections(home: Path) -> Sequence[Kept]:
    """Return all corrections, those that wait for their article too."""
    if not (home / CATALOG).exists():
        return []
    with damage_named(home / CATALOG), closing(Catalog(home)) as catalog:
        return catalog.corrections.all()


def state(home: Path) -> InventoryState:
    """Return what the index holds and which version of it is searched; StaleIndex, DamagedIndex as a reader would."""
    if not (home / CATALOG).exists():
        return NOTHING_HELD
    with damage_named(home / CATALOG), closing(Catalog(home)) as catalog:
        held, kept, digest = catalog.stats(), catalog.corrections.all(), catalog.digest()
    try:
        manifest = manifest_of(current(home))
        published = manifest.version, manifest.built_at, manifest.encoder, manifest.corpus != digest
    except MissingIndex:
        published = "", "", "", True
    return InventoryState(**held, corrections=len(kept), orphaned=sum(not one.article_id for one in kept),
                 **dict(zip(("version", "built_at", "encoder", "waiting"), published, strict=True)))
