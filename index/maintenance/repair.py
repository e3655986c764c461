"""Before a rebuild: put a damaged catalog or a damaged cache of vectors aside, and take the newest whole copy instead."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

from index.catalog.catalog import CATALOG, Catalog
from index.embedding.vector_cache import EMBEDDINGS, open_vector_cache
from index.errors import DamagedIndex
from index.sqlite import faults_of

_ASIDE = ".damaged"


def mend(home: Path) -> None:
    """Make sure that `home` has a whole catalog, if it has any, and no damaged cache of vectors.

    A damaged file is kept beside, as catalog.sqlite.damaged. DamagedIndex when no copy of the catalog is whole.
    """
    if (home / EMBEDDINGS).exists():
        if faults_of(home / EMBEDDINGS):
            _put_aside(home / EMBEDDINGS)  # only a cache: what is missing is embedded again
        else:
            with open_vector_cache(home, "", 0) as embeddings:
                embeddings.drop_damaged()
    catalog = home / CATALOG
    if _is_whole_catalog(home) if catalog.exists() else not (home / "versions").is_dir():
        return
    copies = [path for path in sorted((home / "versions").glob("[0-9]*"), reverse=True) if _is_whole_catalog(path)]
    if not copies:
        raise DamagedIndex(f"{str(catalog)!r} is damaged and no published version holds a whole copy of it. Put a copy of "
                           "your own in its place, or move it away and add the articles again: linjian index add FOLDER")
    if catalog.exists():
        _put_aside(catalog)
    shutil.copyfile(copies[0] / CATALOG, home / "catalog.new")
    os.replace(home / "catalog.new", catalog)


def _is_whole_catalog(folder: Path) -> bool:
    try:
        with closing(Catalog(folder, upgrade=True)) as catalog:
            return not catalog.damage()
    except (DamagedIndex, OSError):
        return False


def _put_aside(path: Path) -> None:
    """Rename a database, with the log files that belong to it."""
    for end in ("", "-wal", "-shm"):
        part = path.with_name(path.name + end)
        if part.exists():
            os.replace(part, path.with_name(f"{path.name}{_ASIDE}{end}"))
