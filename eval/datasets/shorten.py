"""Smaller suites: fewer questions, and a corpus that keeps what they name and what is hard to tell from it."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from eval.datasets.types import Document, EvalCase, Suite
from index.search.lexical import LexicalIndex, join_parts, write_part
from index.text.tokens import terms


def shorten(suite: Suite, *, limit: int | None, documents: int | None, hard: int = 0, seed: int) -> Suite:
    """Return a smaller suite, drawn by `seed`: `limit` questions; `documents` documents.

    What a question names stays, though it be more than `documents`: what is relevant, and what was judged not to answer. So
    do the `hard` documents nearest to it by BM25. Only the rest is drawn.
    """
    chance = random.Random(seed)
    cases = suite.cases
    if limit is not None and limit < len(cases):
        kept = set(chance.sample(range(len(cases)), limit))
        cases = tuple(case for n, case in enumerate(cases) if n in kept)
    if documents is None or documents >= len(suite.documents):
        return replace(suite, cases=cases)
    needed = {
        d
        for case in cases
        for d in (*(d for d, _ in case.relevant), *case.negatives, *case.given, *(g.file for g in case.evidence))
    }
    needed.update(nearest(suite.documents, cases, hard) if hard else ())
    others = [d.id for d in suite.documents if d.id not in needed]
    needed.update(chance.sample(others, min(max(documents - len(needed), 0), len(others))))
    return replace(suite, cases=cases, documents=tuple(d for d in suite.documents if d.id in needed))


def nearest(documents: Sequence[Document], cases: Iterable[EvalCase], k: int) -> set[str]:
    """Return the ids of the `k` documents nearest to each question by BM25 over character bigrams."""
    with tempfile.TemporaryDirectory(prefix="linjian-eval-") as folder:
        path = Path(folder)
        join_parts(path, [write_part(path, ((document.text, document.title) for document in documents))])
        index = LexicalIndex(path)
        return {
            documents[row].id for case in cases for row in index.search(dict.fromkeys(terms(case.question), 1.0), k)
        }
