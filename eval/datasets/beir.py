"""BEIR folders (Thakur et al. 2021): `corpus.jsonl`, `queries.jsonl` and `qrels/test.tsv` (or dev, train).

corpus.jsonl   {"_id": "d1", "title": "…", "text": "…"}
queries.jsonl  {"_id": "q1", "text": "…"}
qrels/test.tsv query-id <tab> corpus-id <tab> score, with that header; a score of 0 means not relevant
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from eval.datasets.types import Document, EvalCase, Suite
from eval.datasets.validation import SuiteFaults
from index.files.json_rows import Id, Shape, Text

SPLITS = ("test", "dev", "train")


class BeirDocument(Shape):
    id: Id = Field(alias="_id")
    text: str
    title: str = ""


class QueryRow(Shape):
    id: Id = Field(alias="_id")
    text: Text


def read_beir(folder: Path) -> Suite:
    """Read a BEIR folder; only queries that are judged in the first split there is become questions."""
    faults = SuiteFaults()
    documents = {}
    for number, value in faults.rows(folder / "corpus.jsonl"):
        row = faults.parse(BeirDocument, value, folder / "corpus.jsonl", number)
        if row and (row.title + row.text).strip():
            documents[row.id] = Document(row.id, row.title, row.text)
    queries = {}
    for number, value in faults.rows(folder / "queries.jsonl"):
        query = faults.parse(QueryRow, value, folder / "queries.jsonl", number)
        if query:
            queries[query.id] = query.text
    judged: dict[str, list[tuple[str, int]]] = {}
    qrels = next((p for s in SPLITS if (p := folder / "qrels" / f"{s}.tsv").is_file()), folder / "qrels" / "test.tsv")
    for number, line in enumerate(faults.text(qrels).split("\n"), start=1):
        cells = line.rstrip("\r").split("\t")
        if number == 1 or not line.strip():
            continue
        if len(cells) != 3 or not cells[2].lstrip("-").isdigit():
            faults.add(
                qrels, number, "", "needs three cells: query-id, corpus-id and a whole number, with tabs between"
            )
        elif cells[0] not in queries:
            faults.add(qrels, number, "query-id", f"there is no query {cells[0]!r} in queries.jsonl")
        elif cells[1] not in documents:
            faults.add(qrels, number, "corpus-id", f"there is no document {cells[1]!r} in corpus.jsonl")
        elif int(cells[2]) > 0:
            judged.setdefault(cells[0], []).append((cells[1], int(cells[2])))
    faults.check()
    cases = [EvalCase(query, queries[query], "", True, relevant=tuple(relevant)) for query, relevant in judged.items()]
    return Suite(folder.resolve().name, "beir", tuple(cases), tuple(documents.values()))
