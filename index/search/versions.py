"""Published index versions: a folder each, never changed once `home/current` names it.

    home/versions/000007/manifest.json   what it was built from, with which model, and the checksum of every file
                         catalog.sqlite  snapshot of the catalog
                         vectors/        FAISS, three files a shard: one row a passage, a sentence, a case
                         cases/          JSON, one file a shard: which sentences tell which case, in which role
                         lexical/        Tantivy, one document a passage
    home/current                         the name of the version that readers open

A version is built in a folder of its own and published by renaming one small file, so a reader sees the old one or the
new one and never half of either. Files that did not change are hard links to those of the version before.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.cases.fitted import fitted_to
from index.catalog.catalog import Catalog
from index.catalog.locking import lock
from index.embedding.embedding_text import inputs_of
from index.embedding.encoder import Encoder
from index.embedding.vector_cache import open_vector_cache
from index.errors import DamagedIndex, MissingIndex, StaleIndex
from index.search.lexical import join_parts
from index.search.shards import (
    CASES,
    LEXICAL,
    VECTORS,
    Shard,
    link_shard,
    partition,
    shard_content,
    shard_digest,
    write_shard,
)
from index.sqlite import to_disk

FORMAT = 3
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version is: its name, the format and model it was built with, and what it holds.

    `corpus` is a digest of the files it was built from: it tells whether the catalog has changed since. `files` gives
    size in bytes and SHA-256 of every other file, by its path in the version's folder.
    """

    version: str
    format: int
    encoder: str
    dimension: int
    corpus: str
    articles: int
    passages: int
    sentences: int
    cases: int
    built_at: str
    shards: tuple[Shard, ...]
    files: dict[str, tuple[int, str]]


def publish(home: Path, catalog: Catalog, encoder: Encoder, progress: Callable[[int, int], None], *,
            reuse: bool = True) -> Manifest:
    """Build a new version from the catalog and make it current; the version before it is kept for its readers.

    Files of unchanged shards are taken over from the version before, unless `reuse` is false.
    """
    before = _published(home)
    names = sorted(p.name for p in (home / "versions").glob("[0-9]*"))
    name = f"{int(names[-1]) + 1 if names else 1:06d}"
    folder = home / "versions" / name
    for part in (VECTORS, LEXICAL, CASES):
        (folder / part).mkdir(parents=True)
    try:
        manifest = _build(home, folder, catalog, encoder, progress, before if reuse else None)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    (home / "current.new").write_text(name, encoding="utf-8")
    to_disk(home / "current.new")
    os.replace(home / "current.new", home / "current")
    to_disk(home)
    for old in set(names) - {before.version if before else ""}:
        _remove_unread(home / "versions" / old)
    return manifest


def _build(home: Path, folder: Path, catalog: Catalog, encoder: Encoder, progress: Callable[[int, int], None],
           before: Manifest | None) -> Manifest:
    with catalog.transaction():
        catalog.mark_reprints()
    groups = {shard_digest(group, encoder.name, FORMAT): group for group in partition(catalog.searched())}
    shards: dict[str, Shard] = {}
    files: dict[str, tuple[int, str]] = {}
    for shard in before.shards if before else ():
        if shard.digest in groups:
            own = {file: told for file, told in before.files.items() if shard.owns(file)}
            if own and not cut_files(home / "versions" / before.version, own):
                link_shard(list(own), home / "versions" / before.version, folder)
                shards[shard.digest] = shard
                files |= own
    with open_vector_cache(home, encoder.name, encoder.dimension) as embeddings:
        todo = {digest: shard_content(catalog, group) for digest, group in groups.items() if digest not in shards}
        texts = [text for content in todo.values() for inputs in inputs_of(content.passages) for text in inputs]
        embeddings.embed(texts, encoder, progress)
        roles, space = fitted_to(encoder.name)
        cases = {digest: content.cases(embeddings, roles) for digest, content in todo.items()}
        if told := embeddings.missing([t for digest, content in todo.items() for t in content.case_inputs(cases[digest])]):
            embeddings.embed(told, encoder, progress)
        for digest, content in todo.items():
            shards[digest] = write_shard(folder, digest, content, cases[digest], embeddings, space)
    ordered = tuple(shards[digest] for digest in groups)
    join_parts(folder / LEXICAL, [shard.part for shard in ordered])
    catalog.copy_to(folder)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if (file := path.relative_to(folder).as_posix()) not in files:
            to_disk(path)
            files[file] = path.stat().st_size, checksum(path)
    manifest = Manifest(
        version=folder.name, format=FORMAT, encoder=encoder.name, dimension=encoder.dimension, corpus=catalog.digest(),
        articles=catalog.stats()["articles"], passages=sum(s.passages for s in ordered),
        sentences=sum(s.sentences for s in ordered), cases=sum(s.cases for s in ordered),
        built_at=datetime.now(UTC).isoformat(timespec="seconds"), shards=ordered, files=files,
    )
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    for path in (folder / MANIFEST, folder / VECTORS, folder / LEXICAL, folder / CASES, folder, folder.parent):
        to_disk(path)
    return manifest


def current(home: Path) -> Path:
    """Return the folder of the current version; MissingIndex when nothing was published yet."""
    pointer = home / "current"
    try:
        name = pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise MissingIndex(f"No index in {str(home)!r} yet. Make one: linjian index add FOLDER") from None
    except UnicodeDecodeError:
        name = ""
    if not name.isdecimal():
        raise DamagedIndex(f"{str(pointer)!r} names no version. Mend it: linjian index rebuild")
    return home / "versions" / name


def manifest_of(folder: Path) -> Manifest:
    """Return what a version is.

    Raises MissingIndex when its files are gone, StaleIndex when another release made it, DamagedIndex when its
    manifest cannot be read.
    """
    path = folder / MANIFEST
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(values, dict) and values.get("format") != FORMAT:
            raise StaleIndex(f"The index has format {values.get('format')}, this release uses {FORMAT}. "
                             "Make it again: linjian index rebuild")
        shards = tuple(Shard(**{**s, "segments": tuple((name, n) for name, n in s["segments"])}) for s in values["shards"])
        files = {file: (int(size), str(digest)) for file, (size, digest) in values["files"].items()}
        return Manifest(**{**values, "shards": shards, "files": files})
    except (FileNotFoundError, NotADirectoryError):
        raise MissingIndex(f"Index version {str(folder)!r} is gone. Make it again: linjian index rebuild") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedIndex(f"{str(path)!r} is damaged. Mend it: linjian index rebuild") from error


def lease(folder: Path) -> int:
    """Keep a version from being cleaned up: return a file descriptor that holds it until it is closed.

    MissingIndex when the version is gone or going. The lock ends with the process, however that ends.
    """
    gone = MissingIndex(f"Index version {str(folder)!r} is gone. Make it again: linjian index rebuild")
    try:
        held = os.open(folder / MANIFEST, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        raise gone from None
    if lock(held, shared=True) and os.fstat(held).st_nlink:
        return held
    os.close(held)  # the writer is deleting it just now
    raise gone


def check_encoder(manifest: Manifest, encoder: Encoder) -> None:
    """Raise StaleIndex, naming both models, when the version was built with another one."""
    if (manifest.encoder, manifest.dimension) != (encoder.name, encoder.dimension):
        raise StaleIndex(
            f"The index was built with the embedding model {manifest.encoder!r}, but {encoder.name!r} is set. Embed "
            f"the articles again: linjian index rebuild — or set LINJIAN_ENCODER back to {manifest.encoder!r}."
        )


def check_sizes(folder: Path, manifest: Manifest) -> None:
    """Raise DamagedIndex, naming a file of the version that is missing or has not its full size."""
    for file in cut_files(folder, manifest.files):
        raise DamagedIndex(f"{str(folder / file)!r} is missing or cut off. Mend the index: linjian index rebuild")


def cut_files(folder: Path, files: Mapping[str, tuple[int, str]]) -> list[str]:
    """Return the files that are missing or not of their size; reading them all is for `linjian index check`."""
    return [file for file, (size, _) in files.items()
            if not (folder / file).is_file() or (folder / file).stat().st_size != size]


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _published(home: Path) -> Manifest | None:
    """Return the current version's manifest, None when there is none that this release could take files over from."""
    try:
        return manifest_of(current(home))
    except (MissingIndex, StaleIndex, DamagedIndex):
        return None


def _remove_unread(folder: Path) -> None:
    """Delete a version unless a process still reads it."""
    try:
        held = os.open(folder / MANIFEST, os.O_RDONLY)
    except OSError:  # half built by a run that was killed
        shutil.rmtree(folder, ignore_errors=True)
        return
    try:
        if not lock(held):
            return  # it is read; a later change of the index will try again
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(held)
    shutil.rmtree(folder, ignore_errors=True)  # Windows keeps a file that is open
