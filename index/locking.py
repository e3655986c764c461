"""One writer at a time: a lock that ends with the process that held it, however that ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexLocked


@contextmanager
def sole_writer(home: Path) -> Iterator[None]:
    """Keep every other writer out of `home` while the block runs; IndexLocked when one is in already."""
    with open(home / "writer.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexLocked(f"Another process is changing the index in {str(home)!r}. Wait until it has finished and run "
                              "the same command again.") from error
        yield
