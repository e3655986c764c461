"""SQuAD's JSON (Rajpurkar et al. 2016, 2018), which CMRC 2018 and DRCD also use: every paragraph becomes a document.

    {"data": [{"title": "…", "paragraphs": [{"context": "…", "qas": [
        {"id": "…", "question": "…", "answers": [{"text": "…", "answer_start": 7}], "is_impossible": false}]}]}]}

The evidence is the sentence in which the first answer stands. An `answer_start` that does not fit (CMRC has some) is
looked up anew; an answer that its paragraph does not hold is a fault.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from eval.datasets.types import Document, EvalCase, Gold, Suite
from eval.datasets.validation import SuiteFaults
from index.files.json_rows import Id, Shape, Text
from index.text.sentences import sentence_bounds


class SquadAnswer(Shape):
    text: Text
    answer_start: int = -1


class SquadQuestion(Shape):
    id: Id
    question: Text
    answers: list[SquadAnswer] = Field(default_factory=list)
    is_impossible: bool = False


class ParagraphRow(Shape):
    context: Text
    qas: list[SquadQuestion]


class ArticleRow(Shape):
    paragraphs: list[ParagraphRow]
    title: str = ""


def read_squad(path: Path) -> Suite:
    """Read a SQuAD file; SuiteError names article, paragraph, question and field."""
    faults = SuiteFaults()
    documents: list[Document] = []
    cases: list[EvalCase] = []
    for a, value in enumerate(faults.value(path)["data"]):
        article = faults.parse(ArticleRow, value, path, f"data.{a}")
        for p, paragraph in enumerate(article.paragraphs if article else ()):
            document = Document(f"{a}-{p}", article.title, paragraph.context)
            documents.append(document)
            for q, row in enumerate(paragraph.qas):
                where = f"data.{a}.paragraphs.{p}.qas.{q}"
                if not row.answers and not row.is_impossible:
                    faults.add(path, where, "answers", "is empty, and is_impossible is not true")
                    continue
                cases.append(_case(row, document, path, where, faults))
    faults.check()
    return Suite(path.stem, "squad", tuple(cases), tuple(documents))


def _case(row: SquadQuestion, document: Document, path: Path, where: str, faults: SuiteFaults) -> EvalCase:
    if row.is_impossible:
        return EvalCase(row.id, row.question, "unanswerable", False)
    first = row.answers[0]
    start = first.answer_start
    if not document.text.startswith(first.text, max(start, 0)):
        start = document.text.find(first.text)
    quote = ""
    if start < 0:
        faults.add(path, where, "answers.0.text", f"{first.text!r} does not stand in the paragraph")
    else:
        bounds = next(
            (b for b in sentence_bounds(document.text) if b[0] <= start < b[1]), (start, start + len(first.text))
        )
        quote = document.text[slice(*bounds)]
    answers = tuple(dict.fromkeys(answer.text for answer in row.answers))
    return EvalCase(
        row.id,
        row.question,
        "extractive",
        True,
        answers=answers,
        groups=(answers,),
        evidence=(Gold(document.id, "", quote),),
        relevant=((document.id, 1),),
    )
