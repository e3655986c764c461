"""What the reranker can do on problems it was not trained on."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from assistant.evidence.network import RerankerNetwork, Vocabulary
from eval.metrics.estimate import roc_area
from eval.training.examples import UNKNOWN, Example, Recipe, Sampler
from eval.training.training_data import TrainingQuestion
from index.embedding.precision import half_pays


@dataclass(frozen=True, slots=True)
class Validation:
    """What a network does on problems it was not trained on: `exact_match` and `f1` of characters against the best gold,
    as CMRC 2018 counts them; `evidence_auroc` of sentences in answering windows."""

    questions: int
    exact_match: float
    f1: float
    answerable_auroc: float
    evidence_auroc: float


@torch.inference_mode()
def validate(network: RerankerNetwork, vocabulary: Vocabulary, problems: Sequence[TrainingQuestion], recipe: Recipe) -> Validation:
    """Ask every problem once with a window that answers and one that does not."""
    plainly = replace(recipe, seed=97, least_window=48, most_window=128, spoken=0.0, misspelt=0.0, headed=0.0,
                      negatives=1)
    sampler = Sampler(problems, vocabulary, plainly)
    network.eval()
    half = half_pays()
    exact, overlap, positive, negative, told, untold = [], [], [], [], [], []
    chance = random.Random(5)
    groups = [(p, sampler.group(at, p, chance)) for at, p in enumerate(problems)]
    groups.sort(key=lambda g: max(len(e.inputs.ids) for e in g[1]))
    for at in range(0, len(groups), 8):
        rows = [(problem, e) for problem, group in groups[at:at + 8] for e in group]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            scores = network([e.inputs for _, e in rows])
        for row, (problem, e) in enumerate(rows):
            (positive if e.answerable else negative).append(float(scores.answerable[row]))
            for label, logit in zip(e.evidence, scores.evidence[row].tolist(), strict=False):
                if e.answerable and label != UNKNOWN:
                    (told if label else untold).append(logit)
            if e.span:
                said = _said(e, *best_span(scores.start[row], scores.end[row]), problem, sampler)
                exact.append(max(float(plain(said) == plain(a)) for a in problem.answers))
                overlap.append(max(character_f1(plain(said), plain(a)) for a in problem.answers))
    network.train()
    return Validation(len(problems), _mean(exact), _mean(overlap), roc_area(positive, negative), roc_area(told, untold))


def best_span(start: torch.Tensor, end: torch.Tensor, longest: int = 80) -> tuple[int, int]:
    """Return first and last token of the span with the greatest sum of logits, at most `longest` tokens long."""
    sums = start[:, None] + end[None, :]
    allowed = torch.ones_like(sums).triu().tril(longest - 1).bool()
    return divmod(int(sums.masked_fill(~allowed, -1e9).argmax()), len(end))


def _said(example: Example, first: int, last: int, problem: TrainingQuestion, sampler: Sampler) -> str:
    """Return the characters between two tokens of an example's input."""
    reverse = {sampler.sentence(s).ids: s for s in problem.document.sentences}
    out = ""
    for begin, end in example.inputs.sentences:
        low, high = max(first, begin), min(last + 1, end)
        if low < high:
            text = reverse[example.inputs.ids[begin:end]]
            offsets = sampler.sentence(text).offsets
            out += text[offsets[low - begin][0]:offsets[high - begin - 1][1]]
    return out


def plain(text: str) -> str:
    """Return `text` as CMRC 2018 compares answers: in small letters, without punctuation and spaces."""
    return re.sub(r"[\W_]", "", text.lower())


def character_f1(said: str, gold: str) -> float:
    shared = sum((Counter(said) & Counter(gold)).values())
    return 2 * shared / (len(said) + len(gold)) if shared else 0.0


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
