"""`linjian index`: add, list, show, correct or remove articles. The exit status is 0, or 1 when a file failed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands import correction_commands
from assistant.commands.groups import Changing, new_group, services
from assistant.commands.index_actions import about, add_files, count, open_stored, print_outcomes, stored_files
from index.errors import MissingIndex, NotFound, ReadError
from index.messages import printable
from index.progress import Bar

if TYPE_CHECKING:
    from index.types import Article

index = new_group("Add, list, show, correct or remove articles.")
index.command(cls=Changing)(correction_commands.correct)
index.command(cls=Changing)(correction_commands.corrections)


@index.command(cls=Changing)
def add(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH")],
    reread: Annotated[bool, typer.Option("--reread", help="read also files that look unchanged by size and time")] = False,
) -> int:
    """Add files or folders; what changed is updated."""
    return add_files(services(ctx).home, services(ctx).load_encoder, paths, reread=reread)


@index.command("list")
def list_pages(ctx: typer.Context) -> None:
    """List the pages.

    Each line gives the number of articles, the encoding, when the page was added, and its name.
    """
    home = services(ctx).home
    with open_stored(home) as catalog:
        rows = catalog.files()
    for row in rows:
        print(f"{row.articles:>4}  {row.encoding:<9}  {row.added_at}  {row.file}")
    print(f"{count(len(rows), 'file')}, {count(sum(row.articles for row in rows), 'article')}")


@index.command()
def show(
    ctx: typer.Context,
    target: Annotated[str, typer.Argument(metavar="ARTICLE_OR_PAGE")],
    structure: Annotated[bool, typer.Option("--structure", help="print how each line was understood, and why")] = False,
) -> None:
    """Print an article, or the articles of a page."""
    from index.messages import line_reason
    from index.pages.page_labels import label_lines

    home = services(ctx).home
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
                print(f"{known} {printable(source.text[line.start:line.end])}")
    elif is_page:
        for article in articles:
            print(f"{article.id}  {about(article)}")
        print(f"{target}: {count(len(articles), 'article')}")
    else:
        _print_article(articles[0])
        _print_cases(home, articles[0].id)


def _print_cases(home: Path, article_id: str) -> None:
    """Print the cases of an article that is published: the place of each, and its sentences with their roles."""
    from index.search.case_index import published_cases

    try:
        cases = published_cases(home, article_id)
    except (MissingIndex, NotFound):
        return  # stored, and not published yet
    for case in cases:
        print(printable(f"\n{case.id}  {case.place}"))
        for told in case.sentences:
            print(printable(f"  {told.role:<10} {told.sentence.text}"))


@index.command(cls=Changing)
def remove(
    ctx: typer.Context, file: Annotated[str, typer.Argument(metavar="FILE", help="as `linjian index list` prints it")]
) -> None:
    """Remove a page and its articles, or all that was in an archive or a table."""
    from index.ingest.corpus import Corpus

    home = services(ctx).home
    with open_stored(home) as catalog:
        catalog.named(file)  # raises NotFound before the model is loaded
    with Bar() as bar:
        print_outcomes(Corpus(home, services(ctx).load_encoder()).remove(file, progress=bar))


@index.command(cls=Changing)
def watch(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER")],
    mirror: Annotated[bool, typer.Option("--mirror", help="remove from the index what is deleted in the folder")] = False,
) -> None:
    """Add what is put into a folder, until Ctrl-C."""
    home = services(ctx).home
    if not folder.is_dir():
        raise ReadError(f"There is no folder {str(folder)!r} to watch.")
    from index.ingest.corpus import Corpus
    from index.ingest.watch import watch_folder

    corpus = Corpus(home, services(ctx).load_encoder())
    print(f"watching {folder}; Ctrl-C ends it", flush=True)
    try:
        watch_folder(corpus, folder, print_outcomes, mirror=mirror)
    except KeyboardInterrupt:
        print("stopped; what was printed is in the index")


@index.command()
def check(ctx: typer.Context) -> int:
    """Verify every file, quote and vector of the index, and every other database; print one line a fault."""
    from index.maintenance.check import check

    home = services(ctx).home
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
        print(f"{count(len(found.lost), 'fault')} in what only a backup can bring back: linjian restore FILE. Or do "
              "without: move a damaged file away; it is begun anew, empty, as is one that is missing.")
    if found.faults:
        print(f"{count(len(found.faults), 'fault')}. Mend the index: linjian index rebuild")
    if found.faults or found.lost:
        return 1
    with open_stored(home) as catalog:
        orphans = sum(not one.article_id for one in catalog.corrections.all())
    if orphans:
        print(f"{count(orphans, 'correction')} fit no article now. See: linjian index corrections")
    print("the index is whole")
    stats(ctx)
    return 0


@index.command(cls=Changing)
def rebuild(ctx: typer.Context) -> None:
    """Make the index anew from the stored pages."""
    from index.ingest.corpus import Corpus

    home = services(ctx).home
    stored_files(home, needed=True)  # raises MissingIndex before the model is loaded
    with Bar() as bar:
        Corpus(home, services(ctx).load_encoder()).rebuild(bar)
    print("the index is rebuilt")
    aside = sorted(path.name for path in home.glob("*.damaged"))
    if aside:
        print(f"damaged files were put aside, delete them when nothing is missing: {', '.join(aside)}")
    stats(ctx)


@index.command()
def stats(ctx: typer.Context) -> None:
    """Print what the index holds."""
    home = services(ctx).home
    with open_stored(home) as catalog:
        held = {"home": str(home), **catalog.stats()}
    width = max(map(len, held))
    for name, value in held.items():
        print(f"{name:<{width}}  {value}")


def _print_article(article: Article) -> None:
    print(about(article))
    for line in (article.kicker, article.subtitle, article.byline):
        if line:
            print(printable(line))
    print(f"{article.file}:{article.start}-{article.end}")
    section = ""
    for paragraph in article.paragraphs:
        if paragraph.section != section:
            section = paragraph.section
            print(printable(f"\n## {section}"))
        print(printable("\n" + "".join(sentence.text for sentence in paragraph.sentences)))
