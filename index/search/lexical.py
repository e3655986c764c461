"""Lexical search with Tantivy (BM25). Terms come from `index.text.tokens`; Tantivy only splits them at spaces again.

An index is put together from parts, each a segment (or a few) that a shard of the corpus was written to. Tantivy counts
documents, terms and lengths over all segments, so the scores are those of one index written in one go; and because no part
ever holds a deleted document, they depend on what is stored and not on how it got there.
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tantivy

from index.errors import DamagedIndex, Unwritable
from index.sqlite import may_write
from index.text.tokens import terms

_HEAP = 50_000_000
_BASES, _LOCK = "rows.json", ".tantivy-meta.lock"


@dataclass(frozen=True, slots=True)
class LexicalPart:
    """What `write_part` wrote: how many rows, and Tantivy's name and number of documents of each segment."""

    rows: int
    segments: tuple[tuple[str, int], ...]

    def owns(self, file: str) -> bool:
        """Tell whether a file of the index's folder belongs to this part."""
        return any(file.startswith(segment.replace("-", "")) for segment, _ in self.segments)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("row", stored=True, indexed=False)
    for name in ("body", "heading"):
        builder.add_text_field(name, stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _with_tokenizer(index: tantivy.Index) -> tantivy.Index:
    index.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


def write_part(folder: Path, rows: Iterable[tuple[str, str]]) -> LexicalPart:
    """Write (body, heading) texts as a new part into `folder`; OSError when they cannot be written."""
    scratch = Path(tempfile.mkdtemp(prefix=".part-", dir=folder))
    row = -1
    try:
        index = _with_tokenizer(tantivy.Index(_schema(), path=str(scratch)))
        writer = index.writer(_HEAP, 1)
        for row, (body, heading) in enumerate(rows):
            writer.add_document(tantivy.Document(row=row, body=" ".join(terms(body)), heading=" ".join(terms(heading))))
        writer.commit()
        writer.wait_merging_threads()
        segments = json.loads((scratch / "meta.json").read_text("utf-8"))["segments"]
        part = LexicalPart(row + 1, tuple((segment["segment_id"], segment["max_doc"]) for segment in segments))
        for path in scratch.iterdir():
            if part.owns(path.name):
                path.rename(folder / path.name)
    except ValueError as error:  # Tantivy's every error, and what we give it is sound: the disk is not
        raise OSError(f"the lexical index cannot be written: {error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return part


def join_parts(folder: Path, parts: Sequence[LexicalPart]) -> None:
    """Make one index of the parts in `folder`; its rows are theirs, counted on from one part to the next."""
    tantivy.Index(_schema(), path=str(folder))  # writes meta.json of an empty index
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    meta["segments"] = [{"segment_id": name, "max_doc": documents, "deletes": None}
                        for part in parts for name, documents in part.segments]
    meta["opstamp"] = sum(part.rows for part in parts)
    (folder / "meta.json").write_text(json.dumps(meta), "utf-8")
    bases, base = [], 0
    for part in parts:
        bases += [base] * len(part.segments)
        base += part.rows
    (folder / _BASES).write_text(json.dumps(bases), "utf-8")
    # Every reader takes this lock and would make the file: with it in place a published folder never changes.
    (folder / _LOCK).touch()


@contextmanager
def _damage_named(folder: Path) -> Iterator[None]:
    """Raise DamagedIndex, naming the folder, for what Tantivy raises of files whose content is not what was written."""
    try:
        yield
    except BaseException as error:
        # Where Tantivy trusts what it reads it panics, which comes here as an exception that no `except Exception` sees.
        if not isinstance(error, ValueError | OSError | LookupError) and type(error).__name__ != "PanicException":
            raise
        raise DamagedIndex(f"{str(folder)!r} is damaged. Mend the index: linjian index rebuild") from error


@contextmanager
def _openable(folder: Path) -> Iterator[Path]:
    """Give a folder that Tantivy can open: `folder`, or one of links to its files where its lock may not be written to.

    Tantivy locks a folder also to read it, and opens that file for writing. What it has opened it needs no folder for.
    """
    lock = folder / _LOCK
    if may_write(lock if lock.exists() else folder):
        yield folder
        return
    try:
        made = tempfile.TemporaryDirectory(prefix="linjian-")
    except OSError as error:
        raise Unwritable(f"{str(folder)!r} may only be read, and to open it a temporary folder is needed: {error}. Give "
                         "this user the right to write to one of them.") from error
    with made as links:
        for path in folder.resolve().iterdir():
            if path.name != _LOCK:
                Path(links, path.name).symlink_to(path)
        yield Path(links)


class LexicalIndex:
    """Searches a folder that `join_parts` finished; DamagedIndex when it is none, or proves to be damaged in use."""

    HEADING_WEIGHT = 0.4

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _damage_named(folder), _openable(folder) as opened:
            self._bases = json.loads((folder / _BASES).read_text("utf-8"))
            self._index = _with_tokenizer(tantivy.Index.open(str(opened)))
            self._searcher = self._index.searcher()
        self._schema = self._index.schema

    def __len__(self) -> int:
        return self._searcher.num_docs

    def search(self, weights: Mapping[str, float], k: int) -> dict[int, float]:
        """Return the best `k` rows with their BM25 scores; `weights` maps each query term to its weight (> 0)."""
        if not weights or not len(self):
            return {}
        with _damage_named(self._folder):
            return self._best(weights, k)

    def _best(self, weights: Mapping[str, float], k: int) -> dict[int, float]:
        clauses = []
        for term, weight in weights.items():
            for name, factor in (("body", 1.0), ("heading", self.HEADING_WEIGHT)):
                query = tantivy.Query.term_query(self._schema, name, term)
                clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(query, weight * factor)))
        hits = self._searcher.search(tantivy.Query.boolean_query(clauses), limit=k).hits
        return {self._bases[address.segment_ord] + self._searcher.doc(address)["row"][0]: score for score, address in hits}

    def holds(self, term: str) -> bool:
        """Tell whether any body holds `term`."""
        return self._documents_with(term) > 0

    def rarity(self, term: str) -> float:
        """Return the inverse document frequency of `term`: ln(1 + (N - n + 0.5) / (n + 0.5))."""
        n = self._documents_with(term)
        return math.log(1 + (len(self) - n + 0.5) / (n + 0.5))

    def _documents_with(self, term: str) -> int:
        with _damage_named(self._folder):
            return self._searcher.doc_freq("body", term)
