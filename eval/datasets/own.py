"""The project's own layout: `questions.jsonl` about newspaper pages, or about the documents of a `corpus.jsonl`."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field

from assistant.types import Turn
from eval.datasets.types import Document, EvalCase, Gold, Suite
from eval.datasets.validation import SuiteFaults
from index.files.discover import find_files
from index.files.json_rows import Id, Shape, Text


class TurnRow(Shape):
    question: Text
    answer_gist: str = ""


class GoldRow(Shape):
    file: Text
    quote: Text
    community: str = ""


class QuestionRow(Shape):
    id: Id
    question: Text
    answerable: bool
    type: str = ""
    lang: str = ""
    notes: str = ""
    history: list[TurnRow] | None = None
    answers: list[Text] | None = None
    answer_groups: list[list[Text]] | None = None
    evidence: list[GoldRow | Text] | None = None
    relevant: list[Id] | None = None
    negatives: list[Id] | None = Field(None, validation_alias=AliasChoices("negatives", "judged_pool"))
    self_contained: bool = True


class DocumentRow(Shape):
    id: Id
    text: Text
    title: str = Field("")


def read_pages(name: str, questions: Path, pages: Path) -> Suite:
    """Read questions about newspaper pages; SuiteError when the folder of pages is missing or a quote has no page."""
    faults = SuiteFaults()
    if not pages.is_dir():
        faults.add(pages, "the folder of pages", "", "does not exist; name it: --pages DIR")
        faults.check()
    cases = _cases(questions, faults)
    found = {page.file: page for page in find_files(pages)}
    texts: dict[str, str] = {}
    for number, case in cases:
        for n, gold in enumerate(case.evidence):
            if gold.file not in found:
                faults.add(questions, number, f"evidence.{n}.file", f"there is no page {gold.file!r} in {str(pages)!r}")
                continue
            if gold.file not in texts:
                texts[gold.file] = found[gold.file].read().text
            if gold.quote not in texts[gold.file]:
                faults.add(questions, number, f"evidence.{n}.quote", f"does not stand in {gold.file!r}")
    faults.check()
    return Suite(name, "pages", tuple(case for _, case in cases), pages=pages)


def read_corpus(folder: Path) -> Suite:
    """Read a folder of `corpus.jsonl` (or .gz) and `questions.jsonl`; questions that do not stand alone are left out."""
    faults = SuiteFaults()
    path = next(
        (p for p in (folder / "corpus.jsonl", folder / "corpus.jsonl.gz") if p.is_file()), folder / "corpus.jsonl"
    )
    documents = _documents(path, faults)
    cases = []
    for number, case in _cases(folder / "questions.jsonl", faults, documents):
        for field, named in (("relevant", [document for document, _ in case.relevant]), ("negatives", case.negatives)):
            for document in named:
                if document not in documents:
                    what = f"there is no document {document!r} in {path.name}"
                    faults.add(folder / "questions.jsonl", number, field, what)
        cases.append(case)
    faults.check()
    return Suite(folder.resolve().name, "corpus", tuple(cases), tuple(documents.values()))


def read_cases(path: Path, *, all_off_topic: bool = False) -> list[EvalCase]:
    """Read a JSON Lines file of questions; SuiteError names file, line and field. `all_off_topic`: foreign questions."""
    faults = SuiteFaults()
    cases = _cases(path, faults, all_off_topic=all_off_topic)
    faults.check()
    return [case for _, case in cases]


def read_documents(path: Path) -> list[Document]:
    """Read a `corpus.jsonl` (or .gz); SuiteError names line and field."""
    faults = SuiteFaults()
    documents = _documents(path, faults)
    faults.check()
    return list(documents.values())


def _documents(path: Path, faults: SuiteFaults) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for number, value in faults.rows(path):
        row = faults.parse(DocumentRow, value, path, number)
        if row and row.id in documents:
            faults.add(path, number, "id", f"repeats {row.id!r}")
        elif row:
            documents[row.id] = Document(row.id, row.title, row.text)
    return documents


def _cases(
    path: Path, faults: SuiteFaults, documents: dict[str, Document] | None = None, *, all_off_topic: bool = False
) -> list[tuple[int, EvalCase]]:
    cases: list[tuple[int, EvalCase]] = []
    seen: set[str] = set()
    for number, value in faults.rows(path):
        row = faults.parse(QuestionRow, value, path, number)
        if row is None:
            continue
        if row.id in seen:
            faults.add(path, number, "id", f"repeats {row.id!r}")
        seen.add(row.id)
        if documents is not None and not row.self_contained:
            continue  # asked beside its own document, it was clear; over a whole corpus it asks about any
        cases.append((number, _case(row, path, number, faults, documents, all_off_topic)))
    return cases


def _case(
    row: QuestionRow,
    path: Path,
    number: int,
    faults: SuiteFaults,
    documents: dict[str, Document] | None,
    all_off_topic: bool,
) -> EvalCase:
    answers = tuple(row.answers or ())
    groups = tuple(map(tuple, row.answer_groups or ()))
    if not groups and answers:  # wordings of one answer where documents are asked, parts of one where pages are
        groups = (answers,) if row.relevant is not None else tuple((answer,) for answer in answers)
    evidence = []
    for gold in row.evidence or ():
        if isinstance(gold, GoldRow):
            evidence.append(Gold(gold.file, gold.community, gold.quote))
            continue
        file = next(
            (d for d in row.relevant or () if documents and d in documents and gold in documents[d].full_text), None
        )
        if file is None:
            faults.add(path, number, "evidence", f"{gold[:40]!r} stands in no relevant document")
        else:
            evidence.append(Gold(file, "", gold))
    return EvalCase(
        id=row.id,
        question=row.question,
        type=row.type or ("" if row.answerable else "unanswerable"),
        answerable=row.answerable and not all_off_topic,
        history=tuple(Turn(turn.question, turn.answer_gist) for turn in row.history or ()),
        answers=answers,
        evidence=tuple(evidence),
        notes="off-topic" if all_off_topic else row.notes,
        lang=row.lang,
        groups=groups,
        relevant=tuple((document, 1) for document in row.relevant or ()),
        negatives=tuple(d for d in row.negatives or () if d not in (row.relevant or ())),
    )
