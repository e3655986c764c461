"""Locks on open files: each ends with the process that holds it, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import portalocker
from portalocker import LockFlags

from index.errors import IndexLocked, Unwritable


def lock(file: int | IO[Any], *, shared: bool = False) -> bool:
    """Lock an open file until it is closed, `shared` with others that do so; False, at once, when it is locked otherwise."""
    try:
        portalocker.lock(file, (LockFlags.SHARED if shared else LockFlags.EXCLUSIVE) | LockFlags.NON_BLOCKING)
    except portalocker.AlreadyLocked:
        return False
    return True


@contextmanager
def sole_writer(home: Path) -> Iterator[None]:
    """Keep every other writer out of `home` while the block runs.

    IndexLocked when one is in already, Unwritable when nothing can be written there.
    """
    try:
        file = os.open(home / "writer.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Unwritable(f"{str(home)!r} cannot be written: {error.strerror or error}. Give this user the right to write "
                         "there, and run the same command again.") from error
    try:
        if not lock(file):
            raise IndexLocked(f"Another process is changing the index in {str(home)!r}. Wait until it has finished and run "
                              "the same command again.")
        yield
    finally:
        os.close(file)
