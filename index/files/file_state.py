"""Whether a file must be read again: its size, its times and what is said of it beside it, as they were when it was read.

As in git, a time is trusted only when it lay well before the reading: a file that is changed twice within one tick of its
file system's clock has the same time after both (git calls such an entry "racily clean").
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from index.types import Metadata

TICK_NS = 3_000_000_000
"""Longer than any file system's tick; the coarsest, FAT's, is two seconds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How a file looked: bytes, the times of its last change and of its last change of name or rights, what is said of it.

    `mtime_ns` can be set back by whoever copies a file, `ctime_ns` cannot. `said` is a digest of the librarian's metadata.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    said: str


def look(path: Path, said: Metadata) -> Seen | None:
    """Return how a file looks, None when it may not be looked at: reading it will say why."""
    try:
        stat = path.stat()
    except OSError:
        return None
    digest = hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()
    return Seen(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, digest)


def lasts(before: Seen | None, after: Seen | None, began_ns: int) -> bool:
    """Tell whether a file that was read between two looks, from `began_ns` on, can be known by them later.

    Not when it changed meanwhile, nor when it changed so shortly before (or, by its clock, after) the reading began that
    a later change could leave the same times.
    """
    return before is not None and before == after and max(before.mtime_ns, before.ctime_ns) + TICK_NS <= began_ns


def now_ns() -> int:
    """Return the time in the unit of a file's times."""
    return time.time_ns()
