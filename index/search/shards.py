"""The corpus in shards: which articles lie together, and what is made of them.

A shard is a bucket of a binary trie over the articles' keys (extendible hashing: Fagin et al., 1979): it is split while it
holds more than LARGEST passages. So the same articles always make the same shards, in whatever order they came, and one
changed page changes one shard: the files of all others are linked into the next version as they are.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.cases.case_rows import pack_cases
from index.cases.case_vectors import CaseSpace, case_input
from index.cases.cut import all_measures, cut_cases
from index.cases.roles import RoleModel
from index.catalog.catalog import Catalog
from index.catalog.rows import Searched
from index.embedding.embedding_text import inputs_of
from index.embedding.vector_cache import VectorCache
from index.search.lexical import LexicalPart, write_part
from index.search.vectors import write_vectors
from index.types import Article, Case, Passage

LARGEST = 1000
"""Passages from which a shard is split, unless one article holds them all: made again in about half a second."""
VECTORS, LEXICAL, CASES = "vectors", "lexical", "cases"
_KEY_BITS = 64


@dataclass(frozen=True, slots=True)
class Shard:
    """What a version holds of one shard; `digest` names its content and the model."""

    digest: str
    passages: int
    sentences: int
    cases: int
    segments: tuple[tuple[str, int], ...]

    @property
    def part(self) -> LexicalPart:
        return LexicalPart(self.passages, self.segments)

    def passages_file(self, folder: Path) -> Path:
        return folder / VECTORS / f"{self.digest[:16]}.passages.faiss"

    def sentences_file(self, folder: Path) -> Path:
        return folder / VECTORS / f"{self.digest[:16]}.sentences.faiss"

    def case_vectors_file(self, folder: Path) -> Path:
        return folder / VECTORS / f"{self.digest[:16]}.cases.faiss"

    def cases_file(self, folder: Path) -> Path:
        return folder / CASES / f"{self.digest[:16]}.json"

    def owns(self, file: str) -> bool:
        """Tell whether a file of the version, named by its path in it, belongs to this shard."""
        kind, _, name = file.partition("/")
        return kind in (VECTORS, CASES) and name.startswith(self.digest[:16]) or kind == LEXICAL and self.part.owns(name)


@dataclass(frozen=True, slots=True)
class ShardContent:
    """What a shard is made from: its articles with their passages, in the order of its rows."""

    articles: tuple[tuple[Article, tuple[Passage, ...]], ...]

    @property
    def passages(self) -> list[Passage]:
        return [passage for _, passages in self.articles for passage in passages]

    def cases(self, embeddings: VectorCache, roles: RoleModel | None) -> list[Case]:
        """Return the cases of all articles; without a model of roles every sentence is taken for a measure. KeyError when
        the vector of a sentence is missing."""
        out = []
        for article, passages in self.articles:
            sentences = [s for p in passages for s in p.sentences]
            reading = roles.read(sentences, embeddings.vectors(inputs_of(passages)[1])) if roles and sentences else (
                all_measures(len(sentences)))
            out += cut_cases(article, passages, reading)
        return out

    def case_inputs(self, cases: Sequence[Case]) -> list[str]:
        """Return what is embedded for the cases."""
        titles = {article.id: article.title for article, _ in self.articles}
        return [case_input(case, titles[case.article_id]) for case in cases]


def partition(articles: Sequence[Searched]) -> list[list[Searched]]:
    """Return the articles (in the order of their keys) in shards, in the same order."""
    done: list[list[Searched]] = []
    todo = [(list(articles), 0)]
    while todo:
        group, bit = todo.pop()
        if bit == _KEY_BITS or len(group) < 2 or sum(article.passages for article in group) <= LARGEST:
            if group:
                done.append(group)
            continue
        ones = [article for article in group if int(article.key, 16) >> (_KEY_BITS - 1 - bit) & 1]
        todo += [(ones, bit + 1), (group[:len(group) - len(ones)], bit + 1)]
    return done


def shard_digest(articles: Sequence[Searched], model: str, form: int) -> str:
    """Return a SHA-256 of all that a shard is made from; `model` made the vectors, `form` numbers the layout."""
    told = repr((form, model, [(article.id, article.inputs) for article in articles]))
    return hashlib.sha256(told.encode()).hexdigest()


def shard_content(catalog: Catalog, articles: Sequence[Searched]) -> ShardContent:
    """Return what a shard is made from."""
    read = [catalog.article(row.id) for row in articles]
    return ShardContent(tuple((article, tuple(catalog.passages_of(article))) for article in read))


def write_shard(folder: Path, digest: str, content: ShardContent, cases: Sequence[Case], embeddings: VectorCache,
                space: CaseSpace | None) -> Shard:
    """Write a shard's files into a version's folder; KeyError when a vector is missing."""
    passages = content.passages
    texts, sentences = inputs_of(passages)
    part = write_part(folder / LEXICAL, ((p.text, p.heading) for p in passages))
    shard = Shard(digest, len(passages), len(sentences), len(cases), part.segments)
    write_vectors(shard.passages_file(folder), embeddings.vectors(texts))
    write_vectors(shard.sentences_file(folder), embeddings.vectors(sentences))
    vectors = embeddings.vectors(content.case_inputs(cases))
    write_vectors(shard.case_vectors_file(folder), space.cases(vectors) if space else vectors)
    shard.cases_file(folder).write_bytes(pack_cases(cases, {p.id: p for p in passages}))
    return shard


def link_shard(files: Sequence[str], before: Path, folder: Path) -> None:
    """Give `folder` the same files as the version `before`: the same bytes on the disk, where its file system can."""
    for file in files:
        try:
            os.link(before / file, folder / file)
        except FileExistsError:  # linked, then found wanting: another try
            continue
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copyfile(before / file, folder / file)
