"""What several commands do with the index, and how they print it."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import DamagedIndex, MissingIndex, ReadError
from index.messages import printable
from index.progress import Bar
from index.types import Article

if TYPE_CHECKING:  # imports faiss
    from index.catalog.catalog import Catalog
    from index.embedding.encoder import Encoder
    from index.ingest.import_report import Outcome

LoadEncoder = Callable[[], "Encoder"]
"""Loading takes seconds, so it waits until whatever can be checked without a model is checked."""


def add_files(home: Path, load_encoder: LoadEncoder, paths: Sequence[Path], *, reread: bool = False) -> int:
    """Add files and folders; print one line for each file and a summary."""
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise ReadError(f"There is no file or folder {', '.join(map(repr, missing))}. Nothing was added.")
    from index.ingest.corpus import Corpus

    with Bar() as bar:
        outcomes = Corpus(home, load_encoder()).add(paths, bar, reread=reread)
    print_outcomes(outcomes)
    counts = Counter(outcome.status for outcome in outcomes)
    parts = [f"{counts[s]} {s}" for s in ("added", "updated", "unchanged", "removed", "deleted", "failed") if counts[s]]
    print(f"{count(len(outcomes), 'file')}: {', '.join(parts) or 'nothing to do'}")
    return 1 if counts["failed"] else 0


def print_outcomes(outcomes: "Sequence[Outcome]") -> None:
    """Print one line a file, and beneath it each article that is printed elsewhere too."""
    for outcome in outcomes:
        remark = outcome.message or count(outcome.articles, "article")
        print(printable(f"{outcome.status:<10} {outcome.file}  {remark}"))
        for reprint in outcome.reprints:
            other = reprint.other
            known = " · ".join(filter(None, (other.title, other.source, other.date)))
            print(printable(f"{'':<10} {reprint.title or '(no headline)'}: also printed in {other.file} ({known})"))
        for headline in outcome.orphaned:
            print(f"{'':<10} {printable(headline) or '(no headline)'}: was corrected and is not on this page now; the "
                  "correction is kept. See: linjian index corrections")
    sys.stdout.flush()


def stored_files(home: Path, *, needed: bool = False) -> list[str]:
    """Return the names of the stored files; none when there is no index, or MissingIndex when one is `needed`.

    None too when the catalog is damaged and can be mended from a published version.
    """
    try:
        with open_stored(home, upgrade=needed) as catalog:
            return [row.file for row in catalog.files()]
    except DamagedIndex:
        if not needed:
            raise
        return []
    except MissingIndex:
        if needed and not (home / "versions").is_dir():
            raise
        return []


def is_published(home: Path) -> bool:
    """Tell whether there is a version of the index that can be searched."""
    from index.search.versions import current

    try:
        return current(home).is_dir()
    except MissingIndex:
        return False


@contextmanager
def open_stored(home: Path, *, upgrade: bool = False) -> Iterator["Catalog"]:
    """Open the catalog for reading; DamagedIndex whenever it proves to be damaged."""
    from index.catalog.catalog import CATALOG, Catalog
    from index.sqlite import damage_named

    with damage_named(home / CATALOG), closing(Catalog(home, upgrade=upgrade)) as catalog:
        yield catalog


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def about(article: Article) -> str:
    """Return title, paper, date and place in one line for a terminal, without what is unknown."""
    return printable(" · ".join(part for part in (article.title, article.source, article.date, article.place) if part))
