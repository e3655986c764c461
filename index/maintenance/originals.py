"""The originals of received files, kept in home/uploads for as long as the index needs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

UPLOADS = "uploads"


def discard(home: Path, paths: Iterable[str]) -> None:
    """Delete the kept originals among `paths`, which the index does not need any more."""
    for path in _kept(home, paths):
        path.unlink(missing_ok=True)


def missing(home: Path, paths: Iterable[str]) -> list[Path]:
    """Return, sorted, the kept originals among `paths` that are not there."""
    return sorted(path for path in _kept(home, paths) if not path.exists())


def _kept(home: Path, paths: Iterable[str]) -> Iterator[Path]:
    kept_in = home.resolve() / UPLOADS
    return (path for path in {Path(path) for path in paths} if path.parent == kept_in)
