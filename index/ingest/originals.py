"""The originals of received files, kept in home/uploads for as long as the index needs them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

UPLOADS = "uploads"


def discard(home: Path, paths: Iterable[str]) -> None:
    """Delete the kept originals among `paths`, which the index does not need any more."""
    kept_in = home.resolve() / UPLOADS
    for path in {Path(path) for path in paths}:
        if path.parent == kept_in:
            path.unlink(missing_ok=True)
