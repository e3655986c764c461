"""Verify a whole home: the stored texts and their offsets, the published files and vectors, the other databases."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np

from index.catalog.catalog import CATALOG, Catalog
from index.catalog.corrections import as_read
from index.catalog.locking import sole_writer
from index.embedding.embedding_text import inputs_digest, inputs_of
from index.embedding.vector_cache import EMBEDDINGS, open_vector_cache
from index.errors import LinjianError, MissingIndex, NotFound
from index.maintenance.originals import UPLOADS, missing
from index.search.lexical import LexicalIndex
from index.search.shards import LEXICAL, Shard, partition, shard_content, shard_digest
from index.search.vectors import read_vectors
from index.search.versions import FORMAT, MANIFEST, Manifest, checksum, current, lease, manifest_of
from index.sqlite import NOTED, faults_of, note, noted
from index.types import Article, Passage, text_at

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: one line a fault; `waiting` tells that stored changes are not published yet.

    `lost` are the faults of what a rebuild cannot make again: accounts, conversations, the audit log.
    """

    faults: tuple[str, ...]
    waiting: bool
    lost: tuple[str, ...] = ()


def check(home: Path, progress: Progress = lambda stage, done, total: None) -> Checked:
    """Check everything in `home`; MissingIndex when there is nothing, IndexLocked while it is being changed."""
    if not (home / CATALOG).exists() and not (home / "versions").is_dir():
        Catalog(home)  # raises MissingIndex with the words for it
    with sole_writer(home):
        found = _check_index(home, progress)
        originals = _missing_originals(home) if not found.faults else ()
        return replace(found, lost=(*_other_faults(home, progress), *originals))


def _check_index(home: Path, progress: Progress) -> Checked:
    faults, stored = _stored_faults(home, progress)
    faults += _embeddings_faults(home, progress)
    try:
        folder = current(home)
        held = lease(folder)
    except MissingIndex as error:
        faults += [str(error)] if (home / "current").exists() else []
        return Checked(tuple(faults), waiting=stored is not None)
    except LinjianError as error:
        return Checked((*faults, str(error)), waiting=False)
    try:
        manifest = manifest_of(folder)
        faults += _version_faults(home, folder, manifest, progress)
        return Checked(tuple(faults), waiting=stored is not None and stored != manifest.corpus)
    except LinjianError as error:
        return Checked((*faults, str(error)), waiting=False)
    finally:
        os.close(held)


def _missing_originals(home: Path) -> list[str]:
    with closing(Catalog(home)) as catalog:
        paths = missing(home, (row.on_disk for row in catalog.files()))
    return [f"{UPLOADS}/{path.name} is missing: its pages are kept and searched, the file is not there any more. After an "
            "upload that was killed it may come back when the server starts" for path in paths]


def _other_faults(home: Path, progress: Progress) -> Iterator[str]:
    """Yield the faults of the databases that are not the index's, and those of them that were there and are gone."""
    paths = [path for path in sorted(home.glob("*.sqlite")) if path.name not in (CATALOG, EMBEDDINGS)]
    gone = (name for name in noted(home) if not (home / name).exists())
    yield from (f"{name} is missing, and {NOTED} names it: what it held is lost" for name in gone)
    note(home, *(path.name for path in paths))  # of a home that was made before names were written down
    for done, path in enumerate(paths):
        progress("check the other databases", done, len(paths))
        yield from (f"{path.name}: {what}" for what in faults_of(path))


def _embeddings_faults(home: Path, progress: Progress) -> list[str]:
    """Return the faults of the vectors kept, also of those that no article needs now; what is missing is no fault here."""
    if not (home / EMBEDDINGS).exists():
        return []
    progress("check the kept vectors", 0, 1)
    found = faults_of(home / EMBEDDINGS)
    if not found:
        with open_vector_cache(home, "", 0) as embeddings:
            damaged = len(embeddings.damaged())
        found = [f"{damaged} vectors are not what was written"] if damaged else []
    return [f"{EMBEDDINGS}: {what}" for what in found]


def _stored_faults(home: Path, progress: Progress) -> tuple[list[str], str | None]:
    """Return the faults of the catalog, and its digest when it can be read."""
    try:
        with closing(Catalog(home)) as catalog:
            faults = [f"{CATALOG}: {what}" for what in catalog.damage()]
            files = [] if faults else catalog.files()
            for done, row in enumerate(files):
                progress("check the stored articles", done, len(files))
                text = catalog.text(row.file)
                for article in catalog.articles(row.file):
                    faults += article_faults(text, article, catalog.passages_of(article))
            faults += [] if faults else correction_faults(catalog)
            return faults, None if faults else catalog.digest()
    except (LinjianError, ValueError) as error:  # ValueError: what should be JSON is none
        return [f"{CATALOG}: {error}"], None


def article_faults(text: str, article: Article, passages: list[Passage]) -> Iterator[str]:
    """Yield what is wrong with an article of a file whose text is `text`: quotes, bounds, passages."""
    where = f"{CATALOG}: {article.file}, article {article.id}"
    if not 0 <= article.start < article.end <= len(text):
        yield f"{where}: {article.start}-{article.end} lies outside of the file's {len(text)} characters"
    sentences = [s for paragraph in article.paragraphs for s in paragraph.sentences]
    for sentence in sentences:
        if text_at(text, sentence.spans) != sentence.text:
            yield f"{where}: the file does not say at {sentence.start}-{sentence.end} what the sentence there says"
    if [s for passage in passages for s in passage.sentences] != sentences or not all(p.sentences for p in passages):
        yield f"{where}: its passages do not hold every sentence once"


def correction_faults(catalog: Catalog) -> Iterator[str]:
    """Yield the corrections that are laid on no article, or on one that does not say what they say."""
    for one in catalog.corrections.all():
        where = f"{CATALOG}: {one.file}, correction {one.number}"
        try:
            article = catalog.article(one.article_id) if one.article_id else None
        except NotFound:
            yield f"{where} is laid on article {one.article_id}, which is not there"
            continue
        if article and (article.file != one.file or any(
                said not in (None, read) for said, read in zip(astuple(one.said), astuple(as_read(article)), strict=True))):
            yield f"{where}: article {article.id} does not say what it was corrected to"


def _version_faults(home: Path, folder: Path, manifest: Manifest, progress: Progress) -> Iterator[str]:
    name = f"versions/{folder.name}"
    broken = False
    for done, (file, (_, digest)) in enumerate(manifest.files.items()):
        progress("check the files", done, len(manifest.files))
        if not (folder / file).is_file():
            yield f"{name}/{file} is missing"
            broken = True
        elif checksum(folder / file) != digest:
            yield f"{name}/{file} is not what was written: its checksum differs"
            broken = True
    known = {*manifest.files, MANIFEST}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if (file := path.relative_to(folder).as_posix()) not in known:
            yield f"{name}/{file} does not belong there"
    if broken:
        return
    with closing(Catalog(folder)) as catalog:
        if catalog.digest() != manifest.corpus:
            yield f"{name}/{CATALOG} holds other files than {MANIFEST} says"
        groups = partition(catalog.searched())
        digests = [shard_digest(group, manifest.encoder, FORMAT) for group in groups]
        if digests != [shard.digest for shard in manifest.shards]:
            yield f"{name}: its shards are not those of its articles"
            return
        indexed = len(LexicalIndex(folder / LEXICAL))
        if indexed != manifest.passages or manifest.passages != sum(shard.passages for shard in manifest.shards):
            yield f"{name}/{LEXICAL} holds {indexed} passages, {manifest.passages} were written"
        with open_vector_cache(home, manifest.encoder, manifest.dimension) as embeddings:
            for done, (shard, group) in enumerate(zip(manifest.shards, groups, strict=True)):
                progress("check the vectors", done, len(groups))
                content = shard_content(catalog, group)
                passages = content.passages
                for row in group:
                    if inputs_digest(p for p in passages if p.article_id == row.id) != row.inputs:
                        yield f"{name}: the passages of article {row.id} are not those that were indexed"
                texts = inputs_of(passages)
                missing = embeddings.missing([text for some in texts for text in some])
                if missing:
                    yield f"{EMBEDDINGS}: {len(missing)} vectors of shard {shard.digest[:16]} are missing or damaged"
                    continue
                yield from _vector_faults(folder, shard, [embeddings.vectors(some) for some in texts])


def _vector_faults(folder: Path, shard: Shard, expected: list[np.ndarray]) -> Iterator[str]:
    paths = (shard.passages_file(folder), shard.sentences_file(folder))
    for path, count, vectors in zip(paths, (shard.passages, shard.sentences), expected, strict=True):
        found = read_vectors(path)
        file = f"versions/{folder.name}/{path.relative_to(folder).as_posix()}"
        if len(found) != count or len(vectors) != count:
            yield f"{file} holds {len(found)} vectors, {count} were written for {len(vectors)} texts"
        elif not np.array_equal(found, vectors):
            rows = np.flatnonzero((found != vectors).any(axis=1))
            yield f"{file}: {len(rows)} of {count} vectors are not those of their texts, the first in row {rows[0]}"
