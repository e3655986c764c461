"""CRUD-RAG's JSON (Lyu et al. 2024, arXiv 2401.17043): its question-answering tasks over one, two or three news articles.

    {"questanswer_1doc": [{"ID": "…", "questions": "…", "answers": "…", "news1": "…"}], "questanswer_2docs": [… "news2"]}

The corpus is every article that the file holds, those of its other tasks too (they are the distractors).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field

from eval.datasets.types import Document, EvalCase, Suite
from eval.datasets.validation import SuiteFaults
from index.files.json_rows import Id, Shape, Text

TASKS = {"questanswer_1doc": 1, "questanswer_2docs": 2, "questanswer_3docs": 3}
OTHER_TEXTS = ("text", "news1", "news2", "news3")


class CrudRow(Shape):
    id: Id = Field(validation_alias=AliasChoices("ID", "id"))
    questions: Text | list[Text]
    answers: Text | list[Text]


def read_crud(path: Path) -> Suite:
    """Read a CRUD-RAG file; SuiteError names task, entry and field."""
    faults = SuiteFaults()
    documents: dict[str, Document] = {}
    cases = []
    for task, rows in faults.value(path).items():
        if not isinstance(rows, list):
            faults.add(path, task, "", "must be a list")
            continue
        for number, value in enumerate(rows):
            where = f"{task}.{number}"
            news = [_document(text) for text in _texts(value)]
            documents.update((document.id, document) for document in news)
            if task not in TASKS:
                continue
            row = faults.parse(CrudRow, value, path, where)
            if row is None:
                continue
            if len(news) < TASKS[task]:
                faults.add(path, where, f"news{len(news) + 1}", "is missing")
            questions = [row.questions] if isinstance(row.questions, str) else row.questions
            answers = [row.answers] if isinstance(row.answers, str) else row.answers
            if len(questions) != len(answers):
                faults.add(path, where, "answers", f"{len(answers)} for {len(questions)} questions")
                continue
            relevant = tuple((document.id, 1) for document in dict.fromkeys(news))
            for n, (question, answer) in enumerate(zip(questions, answers, strict=True), start=1):
                cases.append(
                    EvalCase(
                        row.id if len(questions) == 1 else f"{row.id}-{n}",
                        question,
                        task,
                        True,
                        answers=(answer,),
                        groups=((answer,),),
                        relevant=relevant,
                    )
                )
    faults.check()
    return Suite(path.stem, "crud", tuple(cases), tuple(documents.values()))


def _texts(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    return [text for name in OTHER_TEXTS if isinstance(text := value.get(name), str) and text.strip()]


def _document(text: str) -> Document:
    return Document(hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16], "", text)
