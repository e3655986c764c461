"""The commands of `linjian index`: what they print, and their exit status (0, or 1 when a file failed)."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from index.encoder import Encoder
from index.errors import MissingIndex, NotFound, ReadError
from index.types import Article

LoadEncoder = Callable[[], Encoder]
"""Loading takes seconds, so it waits until whatever can be checked without a model is checked."""


class Bar:
    """Progress on stderr; call it with what is being done, how much of it is done, and the total.

    A terminal shows a bar; a log file gets one line for each thing that is begun.
    """

    def __init__(self) -> None:
        self._bar: tqdm | None = None
        self._what = ""

    def __call__(self, what: str, done: float, total: float) -> None:
        if self._what != what:
            self.close()
            self._what = what
            if sys.stderr.isatty():
                form = "{desc} {percentage:3.0f}%|{bar}|"
                self._bar = tqdm(desc=what, total=total, leave=False, bar_format=form)
            else:
                print(what, file=sys.stderr)
        if self._bar is not None:
            self._bar.total = total
            self._bar.update(done - self._bar.n)

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def pace() -> float:
    """Return the seconds between two states of a long progress bar: a log file needs fewer of them."""
    return 0.1 if sys.stderr.isatty() else 10


def add(home: Path, load_encoder: LoadEncoder, paths: Sequence[Path]) -> int:
    """Add files and folders; print one line for each file and a summary."""
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise ReadError(f"There is no file or folder {', '.join(map(repr, missing))}. Nothing was added.")
    from index.corpus import Corpus

    with Bar() as bar:
        outcomes = Corpus(home, load_encoder()).add(paths, bar)
    for outcome in outcomes:
        remark = outcome.message or _count(outcome.articles, "article")
        print(f"{outcome.status:<10} {outcome.file}  {remark}")
    counts = Counter(outcome.status for outcome in outcomes)
    parts = [f"{counts[s]} {s}" for s in ("added", "updated", "unchanged", "failed") if counts[s]]
    print(f"{_count(len(outcomes), 'file')}: {', '.join(parts) or 'nothing to do'}")
    return 1 if counts["failed"] else 0


def list_files(home: Path) -> int:
    """Print each indexed file: number of articles, encoding, when it was added, name."""
    from index.catalog import Catalog

    with closing(Catalog(home)) as catalog:
        rows = catalog.files()
    for row in rows:
        print(f"{row.articles:>4}  {row.encoding:<9}  {row.added_at}  {row.file}")
    print(f"{_count(len(rows), 'file')}, {_count(sum(row.articles for row in rows), 'article')}")
    return 0


def show(home: Path, target: str, *, structure: bool = False) -> int:
    """Print an article with its text, or the articles of a page; with `structure` every line and its label.

    Raises NotFound when `target` is neither the id of an article nor the name of a page.
    """
    from index.catalog import Catalog
    from index.page import label_lines

    with closing(Catalog(home)) as catalog:
        is_page = any(row.file == target for row in catalog.files())
        try:
            articles = catalog.articles(target) if is_page else [catalog.article(target)]
        except NotFound:
            raise NotFound(
                f"The index holds no article and no page {target!r}. See what there is: linjian index list; "
                "the articles of a page: linjian index show PAGE"
            ) from None
        text = catalog.text(target if is_page else articles[0].file)
    if structure:
        for line in label_lines(text):
            if is_page or articles[0].start <= line.start < articles[0].end:
                print(f"{line.number:>5}  {line.label:<10} {line.why:<40} {line.text}")
    elif is_page:
        for article in articles:
            print(f"{article.id}  {_about(article)}")
        print(f"{target}: {_count(len(articles), 'article')}")
    else:
        _print_article(articles[0])
    return 0


def remove(home: Path, load_encoder: LoadEncoder, file: str) -> int:
    """Remove a page and its articles."""
    from index.catalog import Catalog
    from index.corpus import Corpus

    with closing(Catalog(home)) as catalog:
        catalog.text(file)  # raises NotFound before the model is loaded
    with Bar() as bar:
        count = Corpus(home, load_encoder()).remove(file, bar)
    print(f"removed    {file}  {_count(count, 'article')}")
    return 0


def rebuild(home: Path, load_encoder: LoadEncoder) -> int:
    """Make everything that is derived from the stored files anew."""
    from index.catalog import Catalog
    from index.corpus import Corpus

    Catalog(home).close()  # raises MissingIndex before the model is loaded
    with Bar() as bar:
        Corpus(home, load_encoder()).rebuild(bar)
    print("the index is rebuilt")
    return stats(home)


def stats(home: Path) -> int:
    """Print what the index holds."""
    from index.catalog import Catalog

    with closing(Catalog(home)) as catalog:
        held = {"home": str(home), **catalog.stats()}
    width = max(map(len, held))
    for name, value in held.items():
        print(f"{name:<{width}}  {value}")
    return 0


def stored_files(home: Path) -> list[str]:
    """Return the names of the stored files; none when there is no index."""
    from index.catalog import Catalog

    try:
        with closing(Catalog(home)) as catalog:
            return [row.file for row in catalog.files()]
    except MissingIndex:
        return []


def is_published(home: Path) -> bool:
    """Tell whether there is a version of the index that can be searched."""
    from index.versions import current

    try:
        return current(home).is_dir()
    except MissingIndex:
        return False


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _about(article: Article) -> str:
    """Return title, paper, date and place in one line, without what is unknown."""
    return " · ".join(part for part in (article.title, article.source, article.date, article.place) if part)


def _print_article(article: Article) -> None:
    print(_about(article))
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
