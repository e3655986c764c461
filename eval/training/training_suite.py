"""Our articles as a corpus with questions: linjian eval training-suite ARTICLES OUT

Writes OUT/pages/articles.jsonl and OUT/questions.jsonl in the layout of examples/questions.jsonl, so that what was held out
of the reranker's training can fit and measure the whole assistant: `linjian eval calibrate OUT/pages OUT/questions.jsonl`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from eval.training.training_data import TrainingDocument, TrainingQuestion

PARAGRAPH = 3
"""Sentences of a paragraph."""


def write_suite(problems: Sequence[TrainingQuestion], out: Path) -> None:
    """Write the documents as one table of articles, and the problems as questions about them."""
    documents = list(dict.fromkeys(problem.document for problem in problems))
    names = {document: f"{n:03}" for n, document in enumerate(documents, start=1)}
    (out / "pages").mkdir(parents=True, exist_ok=True)
    _write(out / "pages" / "articles.jsonl", [
        {"id": names[d], "title": d.heading, "text": _text(d), "place": d.place} for d in documents])
    _write(out / "questions.jsonl", [_question(n, p, f"articles.jsonl#{names[p.document]}") for n, p in enumerate(problems)])


def _text(document: TrainingDocument) -> str:
    sentences = document.sentences
    return "\n".join("".join(sentences[i:i + PARAGRAPH]) for i in range(0, len(sentences), PARAGRAPH))


def _question(number: int, problem: TrainingQuestion, file: str) -> dict:
    evidence = [{"file": file, "community": problem.document.place, "quote": problem.document.sentences[i]}
                for i in sorted(problem.evidence)]
    return {"id": f"h{number:04}", "question": problem.question, "type": "single-fact" if evidence else "unanswerable",
            "history": [], "answerable": bool(evidence), "answers": list(problem.answers), "evidence": evidence,
            "notes": "" if evidence else "near-miss"}


def _write(path: Path, rows: Sequence[dict]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
