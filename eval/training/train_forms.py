"""Train the model of question forms (assistant/question/form_model.py): linjian eval train-forms OUT QUESTIONS CASES...

Learned from labelled wordings (QUESTIONS/*.jsonl) and from the questions of the invented articles about cases. What is said
of it is measured by five-fold cross-validation: a question's wordings, and all questions of a set, stay on one side.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from assistant.question.form_model import characters
from eval.training.case_texts import question_rows
from index.embedding.encoder import Encoder
from index.embedding.fitted_weights import write_fitted
from index.text.normalize import matching_form

VECTOR_SHARE = 4.0
"""What the vector counts against the characters, before both are weighed."""
STRENGTH = 3.0
"""Inverse of the penalty on the weights."""
BLOCK = 8
"""Wordings that stand together in a file are alike or in contrast: as many stay on one side of the validation."""
OF_A_SET = 0.4
"""What a wording from the sets counts against one that was written to tell forms apart."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A question as typed, the form it asks for, the kind of fact ("" when none), and what it may not be parted from."""

    text: str
    form: str
    wanted: str
    group: str
    counts: float


def read_wordings(questions: Path, cases: Sequence[Path]) -> list[Wording]:
    """Read the labelled wordings and the questions of the sets."""
    out = [Wording(row["q"], row["form"], row["wanted"], f"{path.name} {n // BLOCK}", 1.0)
           for path in sorted(questions.glob("*.jsonl"))
           for n, row in enumerate(map(json.loads, path.read_text(encoding="utf-8").splitlines()))]
    for name, row in (pair for folder in cases for pair in question_rows(folder)):
        if row["form"] in ("cases", "fact", "how"):
            wanted = {"name": "title"}.get(row.get("wanted", ""), row.get("wanted", "")) if row["form"] == "fact" else ""
            out += [Wording(text, row["form"], wanted, name, OF_A_SET) for text in (row["question"], *row["alts"])]
    return out


def train_forms(out: Path, questions: Path, cases: Sequence[Path], encoder: Encoder) -> Mapping[str, float]:
    """Train, write the weights, and return the share of wordings understood right, cross-validated."""
    wordings = read_wordings(questions, cases)
    texts = [matching_form(w.text) for w in wordings]
    vectors = encoder.encode_query(texts)
    middle = vectors.mean(0)
    columns = hstack([csr_array((vectors - middle) * VECTOR_SHARE),
                      csr_array(np.array([characters(t) for t in texts]))], "csr")
    groups, counts = np.array([w.group for w in wordings]), np.array([w.counts for w in wordings])
    forms, wanted = np.array([w.form for w in wordings]), np.array([w.wanted for w in wordings])
    facts = wanted != ""
    told: dict[str, float] = {}
    tensors = {"middle": middle}
    names: dict[str, str] = {}
    for head, labels, rows in (("forms", forms, np.ones(len(forms), bool)), ("wanted", wanted, facts)):
        model = LogisticRegression(C=STRENGTH, max_iter=300)
        guessed = cross_val_predict(model, columns[rows], labels[rows], groups=groups[rows], cv=GroupKFold(5),
                                    params={"sample_weight": counts[rows]})
        told[head] = round(float((guessed == labels[rows]).mean()), 3)
        told |= {str(label): round(float((guessed == label)[labels[rows] == label].mean()), 3)
                 for label in np.unique(labels[rows])}
        model.fit(columns[rows], labels[rows], sample_weight=counts[rows])
        weight = model.coef_.copy()
        weight[:, :vectors.shape[1]] *= VECTOR_SHARE
        tensors |= {f"{head}.weight": weight, f"{head}.bias": model.intercept_}
        names[head] = " ".join(model.classes_)
    saved = {"encoder": encoder.name, **names, "measured": json.dumps(told)}
    write_fitted(out, tensors, saved)
    return told
