"""RGB's JSON lines (Chen et al. 2023, arXiv 2309.01431): each question is asked about a few documents of its own.

    {"id": 0, "query": "…", "answer": ["…", ["wording", "other wording"]], "positive": ["…"], "negative": ["…"]}

The file decides what is tested: `positive` as a list of lists is information integration, `positive_wrong` (with
`fakeanswer`) counterfactual robustness, else noise robustness; with a noise of 1 nothing answers (negative rejection).
Of the `passages` documents given, the share `noise` is taken from `negative`, as RGB's own script does; which of the
counterfactual ones, and in what order they stand, is decided by the seed.
"""

from __future__ import annotations

import hashlib
import math
import random
from itertools import zip_longest
from pathlib import Path

from eval.datasets.types import Document, EvalCase, Suite
from eval.datasets.validation import SuiteFaults
from index.files.json_rows import Id, Shape, Text


class RgbRow(Shape):
    id: Id
    query: Text
    answer: Text | list[Text | list[Text]]
    positive: list[str] | list[list[str]]
    negative: list[str]
    positive_wrong: list[str] | None = None
    fakeanswer: Text | list[Text] | None = None


def read_rgb(path: Path, *, noise: float = 0.0, passages: int = 5, seed: int = 0) -> Suite:
    """Read an RGB file at one ratio of noise (0 to 1); SuiteError names line and field."""
    faults = SuiteFaults()
    documents: dict[str, Document] = {}
    cases = []
    for number, value in faults.rows(path):
        row = faults.parse(RgbRow, value, path, number)
        if row is None:
            continue
        right, wrong = _chosen(row, noise, passages, random.Random(f"{seed} {row.id}"))
        if not right and not wrong:
            faults.add(path, number, "positive", "gives no document at this ratio of noise")
            continue
        given = [_document(text) for text in (*right, *wrong)]
        documents.update((document.id, document) for document in given)
        order = list(dict.fromkeys(document.id for document in given))
        random.Random(f"{seed} order {row.id}").shuffle(order)
        fake = (row.fakeanswer,) if isinstance(row.fakeanswer, str) else tuple(row.fakeanswer or ())
        answers = [row.answer] if isinstance(row.answer, str) else row.answer
        groups = tuple((a,) if isinstance(a, str) else tuple(a) for a in answers) if right else ()
        cases.append(
            EvalCase(
                id=row.id,
                question=row.query,
                type=_kind(row, bool(right)),
                answerable=bool(right),
                answers=tuple(wording for group in groups for wording in group),
                groups=groups,
                relevant=tuple((_document(text).id, 1) for text in dict.fromkeys(right)),
                given=tuple(order),
                wrong_answers=fake,
            )
        )
    faults.check()
    return Suite(f"{path.stem}-noise{noise:g}", "rgb", tuple(cases), tuple(documents.values()))


def _kind(row: RgbRow, answerable: bool) -> str:
    if not answerable:
        return "rejection"
    if row.positive_wrong is not None:
        return "counterfactual"
    return "integration" if row.positive and isinstance(row.positive[0], list) else "noise"


def _chosen(row: RgbRow, noise: float, passages: int, chance: random.Random) -> tuple[list[str], list[str]]:
    """Return the documents on the point (with planted errors, in a counterfactual file) and those beside it."""
    noisy = math.ceil(passages * noise)
    if noise >= 1:
        return [], row.negative[:passages]
    if row.positive_wrong is not None:
        wanted = min(passages - noisy, len(row.positive_wrong))
        return chance.sample(row.positive_wrong, wanted), row.negative[:noisy]
    if row.positive and isinstance(row.positive[0], list):
        # one document for every part of the question first, then second ones while there is room
        by_turn = [text for turn in zip_longest(*row.positive) for text in turn if text is not None]
        positive = by_turn[: max(passages - noisy, len(row.positive))]
        return positive, row.negative[: max(passages - len(positive), 0)]
    if noisy > len(row.negative):
        noisy = len(row.negative)
    elif passages - noisy > len(row.positive):
        noisy = passages - len(row.positive)
    return row.positive[: passages - noisy], row.negative[:noisy]


def _document(text: str) -> Document:
    return Document(hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16], "", text)
