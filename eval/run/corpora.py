"""A suite's texts in an index: pages as any librarian adds them, ready documents as one article each."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from eval.datasets.types import Document, Suite
from index.catalog.catalog import Catalog
from index.embedding.encoder import Encoder
from index.errors import ReadError
from index.files.discover import find_files
from index.ingest.corpus import Corpus, Progress
from index.pages.passages import cut_passages
from index.search.versions import current, publish
from index.text.sentences import sentence_bounds
from index.types import Article, Paragraph, Passage, Sentence, Source


class Apart(Catalog):
    """A catalog in which every document is found under its own name, be it the copy of another.

    A suite names by id what is relevant; of two documents that are taken for printings of one article, one would be missed.
    """

    def mark_reprints(self) -> None:
        """Leave all documents to be searched."""


def index_suite(suite: Suite, home: Path, encoder: Encoder, progress: Progress) -> None:
    """Make the index of a suite in `home`; vectors that `home` already keeps are not computed again."""
    if suite.pages:
        clear(home)
        failed = [o for o in Corpus(home, encoder).add([suite.pages], progress) if o.status == "failed"]
        if failed:
            raise ReadError("\n".join(f"{o.file!r}: {o.message}" for o in failed[:10]))
        return
    index_documents(suite.documents, home, encoder, progress)


def index_documents(documents: Sequence[Document], home: Path, encoder: Encoder, progress: Progress) -> None:
    """Make an index in `home` that holds each document as one article, and nothing else."""
    clear(home)
    catalog = Apart(home, create=True)
    try:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with catalog.transaction():
            for done, document in enumerate(documents):
                progress("read", done, len(documents))
                article = article_of(document)
                text = document.full_text
                source = Source(document.id, document.id, text, hashlib.sha256(_bytes(text)).hexdigest(), "utf-8")
                catalog.put(source, [(article, cut_passages(article))], now)
        publish(home, catalog, encoder, lambda done, total: progress("embed", done, total))
    finally:
        catalog.close()


def article_of(document: Document) -> Article:
    """Return the document as an article: a paragraph a line, offsets in `full_text`, no place (nothing tells one)."""
    text, at = document.full_text, len(document.title) + 1 if document.title else 0
    paragraphs = []
    for line in document.text.split("\n"):
        bounds = sentence_bounds(line)
        if bounds:
            paragraphs.append(Paragraph(tuple(Sentence(((at + a, at + b),), line[a:b]) for a, b in bounds)))
        at += len(line) + 1
    digest = hashlib.sha256(_bytes(document.id)).hexdigest()
    return Article(
        id=digest[:12], file=document.id, title=document.title, start=0, end=len(text), paragraphs=tuple(paragraphs)
    )


def texts_of(suite: Suite) -> dict[str, str]:
    """Return the decoded text of every page or document by its name in citations."""
    if suite.pages:
        return {page.file: page.read().text for page in find_files(suite.pages)}
    return {document.id: document.full_text for document in suite.documents}


def passages_in(home: Path) -> list[tuple[str, Passage]]:
    """Return (file, passage) of the current version: what rivals are given to search too."""
    catalog = Catalog(current(home))
    try:
        files = {article.id: article.file for article in catalog.articles()}
        return [(files[passage.article_id], passage) for passage in catalog.passages()]
    finally:
        catalog.close()


def home_of(work: Path, suite: Suite) -> Path:
    """Return the folder below `work` that keeps the index and vectors of a suite."""
    return work / re.sub(r"[^\w.-]+", "_", suite.name)


def clear(home: Path) -> None:
    """Empty the index in `home` but for the vectors that were computed."""
    shutil.rmtree(home / "versions", ignore_errors=True)
    for path in _derived(home):
        path.unlink(missing_ok=True)
    home.mkdir(parents=True, exist_ok=True)


def _derived(home: Path) -> Iterable[Path]:
    return [home / "current", *home.glob("catalog.sqlite*")]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
