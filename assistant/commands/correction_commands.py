"""`linjian index correct` and `linjian index corrections`: what a librarian says of an article."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated

import typer

from assistant.commands.groups import services
from assistant.commands.index_actions import about, count, open_stored
from index.errors import NotFound
from index.messages import printable
from index.progress import Bar
from index.types import Correction


def correct(
    ctx: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="as `linjian index show PAGE` prints it")],
    headline: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    source: Annotated[str | None, typer.Option(metavar="NEWSPAPER")] = None,
    date: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD")] = None,
    place: Annotated[str | None, typer.Option(metavar="NAME", help="with the places around it, the widest first")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="go back to what was read off the page")] = False,
) -> None:
    """Say what an article's headline, newspaper, date or place is.

    What is not given stays as it is; "" says that it is unknown.
    """
    from index.catalog.corrections import checked
    from index.ingest.corpus import Corpus

    correction, given = Correction(title=headline, source=source, date=date, place=place), services(ctx)
    if undo == (correction != Correction()):
        ctx.fail("say what is corrected (--headline, --source, --date, --place), or --undo alone")
    with open_stored(given.home) as catalog:
        catalog.article(article)  # raises NotFound before the model is loaded
        kept = catalog.corrections.on(article)
    if undo:
        if kept is None:
            raise NotFound(f"Article {article!r} has no correction. See what there is: linjian index corrections")
        corrections(ctx, kept.number)
        return
    checked(correction)
    with Bar() as bar:
        kept = Corpus(given.home, given.load_encoder()).correct(article, correction, progress=bar)
    with open_stored(given.home) as catalog:
        print(f"{article}  {about(catalog.article(article))}")
    print("kept through every update and rebuild" if kept else "as the page says: nothing to correct is left")


def corrections(
    ctx: typer.Context,
    forget: Annotated[int | None, typer.Option(metavar="NUMBER", help="delete one, also of an article that is gone")] = None,
) -> None:
    """List what was corrected, and what waits for its article.

    Each has its number, its article, and what was read and is said instead.
    """
    from index.ingest.corpus import Corpus

    given = services(ctx)
    with open_stored(given.home) as catalog:
        kept = catalog.corrections.all()
    if forget is not None:
        if all(one.number != forget for one in kept):
            raise NotFound(f"There is no correction {forget}. See what there is: linjian index corrections")
        with Bar() as bar:
            gone = Corpus(given.home, given.load_encoder()).forget(forget, bar)
        print(printable(f"correction {forget} of {gone.headline or '(no headline)'} in {gone.file} is deleted"))
        return
    for one in kept:
        where = f"{one.article_id or '(orphaned)':<12}  {one.made_at}  {one.file}"
        print(printable(f"{one.number:>4}  {where}  {one.headline or '(no headline)'}"))
        for field in fields(one.said):
            if (new := getattr(one.said, field.name)) is not None:
                name = "headline" if field.name == "title" else field.name
                print(printable(f"{'':>6}{name}: {getattr(one.read, field.name) or '(unknown)'} -> {new or '(unknown)'}"))
    orphans = sum(not one.article_id for one in kept)
    print(f"{count(len(kept), 'correction')}" + (f", {orphans} orphaned: no article of the page is the one that was "
          "corrected. Correct the article anew, and: linjian index corrections --forget NUMBER" if orphans else ""))
