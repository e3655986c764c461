"""Published index versions: a folder each, never changed once `home/current` names it.

    home/versions/000007/manifest.json   what it was built from, and with which model
                         catalog.sqlite  snapshot of the catalog
                         passages.faiss  one row a passage
                         sentences.faiss one row a sentence
                         lexical/        Tantivy, one document a passage
    home/current                         the name of the version that readers open

A version is built in a folder of its own and published by renaming one small file, so a reader sees the old one or the
new one and never half of either.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.catalog import Catalog
from index.embeddings import embed_documents
from index.encoder import Encoder
from index.errors import MissingIndex, StaleIndex
from index.lexical import write_lexical
from index.types import Passage, Sentence
from index.vectors import write_vectors

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version is: its name, the format and model it was built with, and what it holds.

    `corpus` is a digest of the files it was built from: it tells whether the catalog has changed since.
    """

    version: str
    format: int
    encoder: str
    dimension: int
    corpus: str
    articles: int
    passages: int
    sentences: int
    built_at: str


def passage_input(passage: Passage) -> str:
    """Return the text that is embedded for a passage: the place and headline tell what the sentences leave unsaid."""
    return f"{passage.heading}\n{passage.text}"


def sentence_input(sentence: Sentence) -> str:
    """Return the text that is embedded for a sentence, its place first."""
    return f"{sentence.place}:{sentence.text}" if sentence.place else sentence.text


def publish(home: Path, catalog: Catalog, encoder: Encoder, progress: Callable[[int, int], None]) -> Manifest:
    """Build a new version from the catalog and make it current; the version before it is kept for its readers."""
    pointer = home / "current"
    before = pointer.read_text(encoding="utf-8").strip() if pointer.exists() else ""
    names = sorted(p.name for p in (home / "versions").glob("[0-9]*"))
    name = f"{int(names[-1]) + 1 if names else 1:06d}"
    folder = home / "versions" / name
    folder.mkdir(parents=True)
    passages = catalog.passages()
    sentences = [s for p in passages for s in p.sentences]
    texts = [passage_input(p) for p in passages] + [sentence_input(s) for s in sentences]
    vectors = embed_documents(home, encoder, texts, progress)
    write_vectors(folder / "passages.faiss", vectors[: len(passages)])
    write_vectors(folder / "sentences.faiss", vectors[len(passages):])
    write_lexical(folder / "lexical", ((p.text, p.heading) for p in passages))
    catalog.copy_to(folder)
    manifest = Manifest(
        version=name, format=FORMAT, encoder=encoder.name, dimension=encoder.dimension,
        corpus=catalog.digest(), articles=catalog.stats()["articles"], passages=len(passages), sentences=len(sentences),
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    (home / "current.new").write_text(name, encoding="utf-8")
    os.replace(home / "current.new", pointer)
    for old in set(names) - {before}:
        shutil.rmtree(home / "versions" / old, ignore_errors=True)
    return manifest


def current(home: Path) -> Path:
    """Return the folder of the current version; MissingIndex when nothing was published yet."""
    pointer = home / "current"
    if not pointer.exists():
        raise MissingIndex(f"No index in {str(home)!r} yet. Make one: linjian index add FOLDER")
    return home / "versions" / pointer.read_text(encoding="utf-8").strip()


def manifest_of(folder: Path) -> Manifest:
    """Return what a version is; MissingIndex when its files are gone, StaleIndex when another release made it."""
    try:
        values = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingIndex(f"Index version {str(folder)!r} is gone. Make it again: linjian index rebuild") from error
    if values.get("format") != FORMAT:
        raise StaleIndex(f"The index has format {values.get('format')}, this release uses {FORMAT}. "
                         "Make it again: linjian index rebuild")
    return Manifest(**values)


def check_encoder(manifest: Manifest, encoder: Encoder) -> None:
    """Raise StaleIndex, naming both models, when the version was built with another one."""
    if (manifest.encoder, manifest.dimension) != (encoder.name, encoder.dimension):
        raise StaleIndex(
            f"The index was built with the embedding model {manifest.encoder!r}, but {encoder.name!r} is set. Embed "
            f"the articles again: linjian index rebuild — or set LINJIAN_ENCODER back to {manifest.encoder!r}."
        )
