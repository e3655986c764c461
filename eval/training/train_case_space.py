"""Learn the space of cases (index/cases/case_vectors.py): linjian eval train-case-space OUT FOLDER...

Two linear maps, begun as they are and trained so that of all judged cases those which answer a question lie nearest to it
(a softmax over a set's cases, and those of other sets that share no topic). Every eighth set is held out and measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import average_precision_score
from torch import nn
from torch.nn import functional

from eval.datasets.case_suite import ANSWERS, BORDERLINE
from eval.training.case_texts import JudgedQuestion, TrainingCase, read_cases
from index.cases.case_vectors import CaseSpace, case_input
from index.embedding.encoder import Encoder
from index.embedding.fitted_weights import write_fitted
from index.text.normalize import matching_form
from index.types import Case, CaseSentence, Sentence

HELD, EPOCHS, RATE, BATCH, SHARPNESS = 8, 4, 3e-4, 64, 20.0
OF_ONE = 0.4
"""What a question after one fact counts against one after cases."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Wordings of questions and cases as vectors; `grades` of shape (wordings, cases), and where they were `judged`."""

    questions: np.ndarray
    cases: np.ndarray
    grades: np.ndarray
    judged: np.ndarray
    counts: np.ndarray
    after_cases: np.ndarray


def judged(cases: Sequence[TrainingCase], questions: Sequence[JudgedQuestion], encoder: Encoder) -> Judged:
    """Embed the cases and all wordings as the index and a question are embedded."""
    asked = [q for q in questions if ANSWERS in q.gold.values()]
    row = {case.id: i for i, case in enumerate(cases)}
    grades = np.zeros((len(asked), len(cases)), np.int64)
    known = np.zeros((len(asked), len(cases)), bool)
    for n, question in enumerate(asked):
        topics = frozenset().union(*(cases[row[i]].topics for i in question.gold))
        known[n] = [case.set == question.set or not case.topics & topics for case in cases]
        for i, grade in question.gold.items():
            grades[n, row[i]] = grade
    of = [n for n, question in enumerate(asked) for _ in question.wordings]
    wordings = [matching_form(w) for question in asked for w in question.wordings]
    after = np.array([asked[n].after_cases for n in of])
    return Judged(encoder.encode_query(wordings), encoder.encode_document([_input(c) for c in cases], rough=True),
                  grades[of], known[of], np.where(after, 1.0, OF_ONE).astype(np.float32), after)


def _input(case: TrainingCase) -> str:
    told = tuple(CaseSentence("", Sentence(((0, len(text)),), text), role)
                 for text, role in zip(case.sentences, case.roles, strict=True))
    return case_input(Case(case.id, "", (case.place,), told), case.title)


def fit_space(data: Judged, seed: int = 0) -> dict[str, np.ndarray]:
    """Return the trained tensors by name."""
    torch.manual_seed(seed)
    size = data.questions.shape[1]
    question, case = nn.Linear(size, size, bias=False), nn.Linear(size, size, bias=False)
    nn.init.eye_(question.weight)
    nn.init.eye_(case.weight)
    middles = data.questions.mean(0), data.cases.mean(0)
    asked, told = torch.from_numpy(data.questions - middles[0]), torch.from_numpy(data.cases - middles[1])
    grades, known, counts = torch.from_numpy(data.grades), torch.from_numpy(data.judged), torch.from_numpy(data.counts)
    optimiser = torch.optim.Adam([question.weight, case.weight], lr=RATE)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(asked)).split(BATCH):
            turned = functional.normalize(question(asked[rows]), dim=-1), functional.normalize(case(told), dim=-1)
            near = SHARPNESS * turned[0] @ turned[1].T
            best = grades[rows] == ANSWERS
            near = near.masked_fill(~known[rows] | (grades[rows] == BORDERLINE), -1e4)
            others = torch.logsumexp(near.masked_fill(best, -1e4), 1, keepdim=True)
            each = (functional.softplus(others - near) * best).sum(1) / best.sum(1).clamp(min=1)
            loss = (each * counts[rows]).sum() / counts[rows].sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return {"question.weight": question.weight.detach().numpy(), "case.weight": case.weight.detach().numpy(),
            "question.middle": middles[0], "case.middle": middles[1]}


def precision_of(near: np.ndarray, data: Judged) -> float:
    """Return the mean average precision of the cases that answer, over the wordings of questions after cases."""
    found = [average_precision_score(data.grades[i, data.judged[i]] == ANSWERS, near[i, data.judged[i]])
             for i in np.flatnonzero(data.after_cases)]
    return round(float(np.mean(found)), 3)


def train_case_space(out: Path, folders: Sequence[Path], encoder: Encoder) -> Mapping[str, float]:
    """Train, write the weights that are fitted to all sets, and return mean average precisions on the held out sets: of the
    encoder as it is, and in the space."""
    read = [read_cases(folder) for folder in folders]
    cases, questions = [c for own, _ in read for c in own], [q for _, asked in read for q in asked]
    names = sorted({case.set for case in cases})
    held = set(names[::HELD])
    parts = [judged([c for c in cases if (c.set in held) == inside], [q for q in questions if (q.set in held) == inside],
                    encoder) for inside in (False, True)]
    space = CaseSpace(fit_space(parts[0]), encoder.name)
    result = {"encoder": precision_of(parts[1].questions @ parts[1].cases.T, parts[1]),
              "space": precision_of(space.questions(parts[1].questions) @ space.cases(parts[1].cases).T, parts[1])}
    facts = {"encoder": encoder.name, "sets": " ".join(names), "held": " ".join(sorted(held)), "precision": result}
    write_fitted(out, fit_space(judged(cases, questions, encoder)), facts)
    return result
