"""What became of each file that was added or removed, as the command line, `watch` and the librarian's page say it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.catalog.catalog import Catalog
from index.messages import FileProblem, Message
from index.types import Printing


@dataclass(frozen=True, slots=True)
class Reprint:
    """An article, by its headline, and another place where it is printed."""

    title: str
    other: Printing


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: "added", "updated", "unchanged" or "failed" (then `message` says why).

    Of files added before: "removed" when the archive or table they were in does not hold them any more, "deleted" when
    the folder does not; these are still indexed.

    `reprints` names those articles of a file added or updated that the index holds in another file, or twice; `orphaned`
    the headlines of corrected articles that are not (or not any more) in it: their corrections are kept.
    """

    file: str
    status: str
    articles: int = 0
    message: Message | None = None
    reprints: tuple[Reprint, ...] = ()
    orphaned: tuple[str, ...] = ()


def deleted(file: str) -> Outcome:
    """Return what to say of a file that was deleted in its folder and not in the index."""
    return Outcome(file, "deleted", message=Message(FileProblem.STILL_INDEXED, {"file": file}))


def is_gone(path: str) -> bool:
    """Tell whether there is no file at `path`; one that may not be looked at is not gone."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def with_reprints(catalog: Catalog, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes with the reprints among what was added or updated."""
    others = catalog.printings()
    return [replace(outcome, reprints=tuple(Reprint(title, other) for article_id, title in catalog.titles(outcome.file)
                                            for other in others.get(article_id, ())))
            if others and outcome.status in ("added", "updated") else outcome for outcome in outcomes]
