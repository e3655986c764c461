"""The commands of `linjian index`: what they print, and their exit status (0, or 1 when a file failed)."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import DamagedIndex, MissingIndex, NotFound, ReadError
from index.progress import Bar
from index.types import Article

if TYPE_CHECKING:  # imports faiss
    from index.catalog import Catalog
    from index.encoder import Encoder
    from index.outcomes import Outcome

LoadEncoder = Callable[[], "Encoder"]
"""Loading takes seconds, so it waits until whatever can be checked without a model is checked."""


def add(home: Path, load_encoder: LoadEncoder, paths: Sequence[Path], *, reread: bool = False) -> int:
    """Add files and folders; print one line for each file and a summary."""
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise ReadError(f"There is no file or folder {', '.join(map(repr, missing))}. Nothing was added.")
    from index.corpus import Corpus

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
        print(f"{outcome.status:<10} {outcome.file}  {remark}")
        for reprint in outcome.reprints:
            other = reprint.other
            known = " · ".join(filter(None, (other.title, other.source, other.date)))
            print(f"{'':<10} {reprint.title or '(no headline)'}: also printed in {other.file} ({known})")
        for headline in outcome.orphaned:
            print(f"{'':<10} {headline or '(no headline)'}: was corrected and is not on this page now; the correction is "
                  "kept. See: linjian index corrections")
    sys.stdout.flush()


def list_files(home: Path) -> int:
    """Print each indexed file: number of articles, encoding, when it was added, name."""
    with open_stored(home) as catalog:
        rows = catalog.files()
    for row in rows:
        print(f"{row.articles:>4}  {row.encoding:<9}  {row.added_at}  {row.file}")
    print(f"{count(len(rows), 'file')}, {count(sum(row.articles for row in rows), 'article')}")
    return 0


def show(home: Path, target: str, *, structure: bool = False) -> int:
    """Print an article with its text, or the articles of a page; with `structure` every line and its label.

    Raises NotFound when `target` is neither the id of an article nor the name of a page.
    """
    from index.messages import line_reason
    from index.page import label_lines

    with open_stored(home) as catalog:
        is_page = any(row.file == target for row in catalog.files())
        try:
            articles = catalog.articles(target) if is_page else [catalog.article(target)]
        except NotFound:
            raise NotFound(
                f"The index holds no article and no page {target!r}. See what there is: linjian index list; "
                "the articles of a page: linjian index show PAGE"
            ) from None
        source = catalog.source(target if is_page else articles[0].file)
    if structure:
        begun = False
        for line in label_lines(source.text, source.headings, single=source.metadata.is_single):
            if is_page or articles[0].start <= line.start < articles[0].end:
                if line.opens and begun:
                    print()
                begun = True
                known = f"{line.number:>5}  {line.label:<10} {line_reason(line.reason):<40}"
                print(f"{known} {source.text[line.start:line.end]}")
    elif is_page:
        for article in articles:
            print(f"{article.id}  {about(article)}")
        print(f"{target}: {count(len(articles), 'article')}")
    else:
        _print_article(articles[0])
    return 0


def remove(home: Path, load_encoder: LoadEncoder, file: str) -> int:
    """Remove a page and its articles, or all that was in an archive or a table."""
    from index.corpus import Corpus

    with open_stored(home) as catalog:
        catalog.named(file)  # raises NotFound before the model is loaded
    with Bar() as bar:
        print_outcomes(Corpus(home, load_encoder()).remove(file, progress=bar))
    return 0


def rebuild(home: Path, load_encoder: LoadEncoder) -> int:
    """Make everything that is derived from the stored files anew."""
    from index.corpus import Corpus

    stored_files(home, needed=True)  # raises MissingIndex before the model is loaded
    with Bar() as bar:
        Corpus(home, load_encoder()).rebuild(bar)
    print("the index is rebuilt")
    aside = sorted(path.name for path in home.glob("*.damaged"))
    if aside:
        print(f"damaged files were put aside, delete them when nothing is missing: {', '.join(aside)}")
    return stats(home)


def check(home: Path) -> int:
    """Verify the whole index; print one line a fault."""
    from index.check import check

    with Bar() as bar:
        found = check(home, bar)
    for fault in found.faults:
        print(fault)
    if found.waiting:
        print("Some stored pages cannot be searched yet: a run was stopped. Finish it: linjian index rebuild, "
              "or add any page.")
    for fault in found.lost:
        print(fault)
    if found.lost:
        print(f"{count(len(found.lost), 'fault')} in what only a backup can bring back: linjian restore FILE. Or move "
              "the file away: it is begun anew, empty.")
    if found.faults:
        print(f"{count(len(found.faults), 'fault')}. Mend the index: linjian index rebuild")
    if found.faults or found.lost:
        return 1
    with open_stored(home) as catalog:
        orphans = sum(not one.article_id for one in catalog.corrections.all())
    if orphans:
        print(f"{count(orphans, 'correction')} fit no article now. See: linjian index corrections")
    print("the index is whole")
    return stats(home)


def watch(home: Path, load_encoder: LoadEncoder, folder: Path, *, mirror: bool) -> int:
    """Add what is put into a folder, until Ctrl-C; with `mirror` remove what is deleted there."""
    if not folder.is_dir():
        raise ReadError(f"There is no folder {str(folder)!r} to watch.")
    from index.corpus import Corpus
    from index.watch import watch_folder

    corpus = Corpus(home, load_encoder())
    print(f"watching {folder}; Ctrl-C ends it", flush=True)
    try:
        watch_folder(corpus, folder, print_outcomes, mirror=mirror)
    except KeyboardInterrupt:
        print("stopped; what was printed is in the index")
    return 0


def stats(home: Path) -> int:
    """Print what the index holds."""
    with open_stored(home) as catalog:
        held = {"home": str(home), **catalog.stats()}
    width = max(map(len, held))
    for name, value in held.items():
        print(f"{name:<{width}}  {value}")
    return 0


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
    from index.versions import current

    try:
        return current(home).is_dir()
    except MissingIndex:
        return False


@contextmanager
def open_stored(home: Path, *, upgrade: bool = False) -> Iterator["Catalog"]:
    """Open the catalog for reading; DamagedIndex whenever it proves to be damaged."""
    from index.catalog import CATALOG, Catalog
    from index.sqlite import damage_named

    with damage_named(home / CATALOG), closing(Catalog(home, upgrade=upgrade)) as catalog:
        yield catalog


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def about(article: Article) -> str:
    """Return title, paper, date and place in one line, without what is unknown."""
    return " · ".join(part for part in (article.title, article.source, article.date, article.place) if part)


def _print_article(article: Article) -> None:
    print(about(article))
    for line in (article.kicker, article.subtitle, article.byline):
        if line:
            print(line)
    print(f"{article.file}:{article.start}-{article.end}")
    section = ""
    for paragraph in article.paragraphs:
        if paragraph.section != section:
            section = paragraph.section
            print(f"\n## {section}")
        print("\n" + "".join(sentence.text for sentence in paragraph.sentences))
