"""The commands `linjian index correct` and `linjian index corrections`: what they print, and their exit status."""

from dataclasses import fields
from pathlib import Path

from index.cli import LoadEncoder, about, count, open_stored
from index.errors import NotFound
from index.progress import Bar
from index.types import Correction


def correct(home: Path, load_encoder: LoadEncoder, article_id: str, said: Correction | None) -> int:
    """Correct an article and print what it says now; None takes its correction back."""
    from index.corpus import Corpus
    from index.corrections import checked

    with open_stored(home) as catalog:
        catalog.article(article_id)  # raises NotFound before the model is loaded
        kept = catalog.corrections.on(article_id)
    if said is None:
        if kept is None:
            raise NotFound(f"Article {article_id!r} has no correction. See what there is: linjian index corrections")
        return corrections(home, load_encoder, kept.number)
    checked(said)
    with Bar() as bar:
        kept = Corpus(home, load_encoder()).correct(article_id, said, progress=bar)
    with open_stored(home) as catalog:
        print(f"{article_id}  {about(catalog.article(article_id))}")
    print("kept through every update and rebuild" if kept else "as the page says: nothing to correct is left")
    return 0


def corrections(home: Path, load_encoder: LoadEncoder, forget: int | None = None) -> int:
    """Print each correction: number, article, and what was read and is said instead; or delete one."""
    from index.corpus import Corpus

    with open_stored(home) as catalog:
        kept = catalog.corrections.all()
    if forget is not None:
        if all(one.number != forget for one in kept):
            raise NotFound(f"There is no correction {forget}. See what there is: linjian index corrections")
        with Bar() as bar:
            gone = Corpus(home, load_encoder()).forget(forget, bar)
        print(f"correction {forget} of {gone.headline or '(no headline)'} in {gone.file} is deleted")
        return 0
    for one in kept:
        where = f"{one.article_id or '(orphaned)':<12}  {one.made_at}  {one.file}"
        print(f"{one.number:>4}  {where}  {one.headline or '(no headline)'}")
        for field in fields(one.said):
            if (new := getattr(one.said, field.name)) is not None:
                name = "headline" if field.name == "title" else field.name
                print(f"{'':>6}{name}: {getattr(one.read, field.name) or '(unknown)'} -> {new or '(unknown)'}")
    orphans = sum(not one.article_id for one in kept)
    print(f"{count(len(kept), 'correction')}" + (f", {orphans} orphaned: no article of the page is the one that was "
          "corrected. Correct the article anew, and: linjian index corrections --forget NUMBER" if orphans else ""))
    return 0
