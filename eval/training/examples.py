"""From problems to the reranker's inputs with their labels: a window that answers, and one that does not.

The window that does not is drawn from four kinds: the question asked about another place, thing or year, the same window
without the sentences that answer, another window of the document, and the nearest window of another document (bigram
tf-idf). Where people judged documents, it is a window of one that they judged not to answer.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from assistant.evidence.network import Sequenced, Tokens, Vocabulary
from assistant.evidence.reranker import headed_by
from eval.training.attributes import place_names
from eval.training.rewording import elsewhere, misspelt, renamed, spoken
from eval.training.training_data import TrainingDocument, TrainingQuestion
from index.text.tokens import terms

MOVED, CUT, FAR = 0.32, 0.55, 0.75
"""Up to which draw a window that does not answer is of each of the first three kinds; the rest are of the fourth."""
JUDGED_WINDOW = 220
"""Most tokens of a document that answers as a whole."""
UNKNOWN = -1.0
"""Label of a sentence that may or may not be evidence: it repeats the answer somewhere else."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run is made of; stored beside its weights."""

    seed: int = 0
    rate: float = 1.2e-4
    head_rate: float = 1e-3
    dropout: float = 0.1
    batch: int = 16
    least_window: int = 40
    most_window: int = 112
    spoken: float = 0.25
    misspelt: float = 0.08
    headed: float = 0.5
    placed: float = 0.8
    negatives: int = 2
    judged_negatives: int = 5
    warmup: int = 60
    frozen: int = 0
    """How many of the lowest layers stay as they are."""


@dataclass(frozen=True, slots=True)
class Example:
    """One input with its labels: `answerable` (1, 0, or between where it only touches the question), `evidence` per sentence
    (1, 0 or UNKNOWN), `span` as (first, last) token or None."""

    inputs: Sequenced
    answerable: float
    evidence: tuple[float, ...]
    span: tuple[int, int] | None


@dataclass
class Sampler:
    """Makes the examples of an epoch; the same seed and epoch give the same examples."""

    problems: Sequence[TrainingQuestion]
    vocabulary: Vocabulary
    recipe: Recipe
    _tokens: dict[str, Tokens] = field(default_factory=dict)

    def epoch(self, number: int) -> list[list[Example]]:
        """Return groups of examples: a question's answering window first, then those that do not answer."""
        chance = random.Random(self.recipe.seed * 1000 + number)
        groups = []
        for at, problem in enumerate(self.problems):
            groups.append(self.group(at, problem, chance))
        chance.shuffle(groups)
        return groups

    def group(self, at: int, problem: TrainingQuestion, chance: random.Random) -> list[Example]:
        """Return the examples of problem number `at`: with those that do not answer, or one when nothing answers it."""
        question = self._asked(problem.question, chance)
        document = problem.document
        if not problem.evidence:
            start = self._nearest_sentence(problem)
            return [self._example(question, document, self._window(document, start, chance), frozenset(), (), chance)]
        if problem.judged:
            return self._judged(question, problem, chance)
        window = self._window(document, chance.choice(sorted(problem.evidence)), chance)
        positive = self._example(question, document, window, problem.evidence, problem.answers, chance)
        return [positive, *(self._negative(at, problem, question, window, chance) for _ in range(self.recipe.negatives))]

    def _judged(self, question: str, problem: TrainingQuestion, chance: random.Random) -> list[Example]:
        """Return the document that answers, of no sentence being told whether it is evidence, and windows of the others."""
        lengths = np.cumsum([len(self.sentence(s).ids) for s in problem.document.sentences])
        window = range(max(1, int((lengths <= JUDGED_WINDOW).sum())))
        positive = self._example(question, problem.document, window, problem.evidence, (), chance)
        against = chance.sample(problem.against, min(self.recipe.judged_negatives, len(problem.against)))
        windows = [self._window(document, chance.randrange(len(document.sentences)), chance) for document in against]
        return [replace(positive, evidence=(UNKNOWN,) * len(window)),
                *(self._example(question, document, seen, frozenset(), (), chance)
                  for document, seen in zip(against, windows, strict=True))]

    def _asked(self, question: str, chance: random.Random) -> str:
        if chance.random() < self.recipe.spoken:
            question = spoken(question, chance)
        return misspelt(question, chance) if chance.random() < self.recipe.misspelt else question

    def _negative(self, at: int, problem: TrainingQuestion, question: str, window: range, chance: random.Random) -> Example:
        """Return a window that does not answer; which kind is drawn, and the next kind taken where one cannot be made."""
        document, draw = problem.document, chance.random()
        holding = problem.evidence | {i for a in problem.answers for touched in document.places_of(a) for i in touched}
        if draw < MOVED and (moved := self._moved(problem, chance)):
            return self._example(self._asked(moved, chance), document, window, frozenset(), (), chance, placed=True)
        left = [i for i in window if i not in holding]
        if draw < CUT and left:
            cut = replace(document, sentences=tuple(document.sentences[i] for i in left))
            return self._example(question, cut, range(len(left)), frozenset(), (), chance)
        far = [i for i in range(len(document.sentences)) if i not in holding and i not in window]
        if draw < FAR and far:
            grown = [i for i in self._window(document, chance.choice(far), chance) if i not in holding]
            cut = replace(document, sentences=tuple(document.sentences[i] for i in grown))
            return self._example(question, cut, range(len(grown)), frozenset(), (), chance)
        for other, start in self._hard[at][chance.randrange(4):]:
            if other.ours and not elsewhere(problem, "?"):
                continue  # a question that names no place may be answered by any of our articles
            text = "".join(other.sentences)
            if other is not document and not any(a in text for a in problem.answers):
                return self._example(question, other, self._window(other, start, chance), frozenset(), (), chance)
        other = chance.choice(self.problems).document
        return self._example(question, other, self._window(other, 0, chance), frozenset(), (), chance)

    def _moved(self, problem: TrainingQuestion, chance: random.Random) -> str:
        """Return the question asked of what its document does not tell of, or ""."""
        if problem.document.ours:
            return elsewhere(problem, chance.choice(self._places)) if self._places else ""
        return renamed(problem, self._titles, chance)

    @cached_property
    def _titles(self) -> list[str]:
        titles = {p.document.heading for p in self.problems if not p.document.ours}
        return sorted(title for title in titles if 1 < len(title) < 15)

    @cached_property
    def _places(self) -> list[str]:
        return sorted({name for p in self.problems for name in place_names(p.document.place)[-1:]})

    @cached_property
    def _hard(self) -> list[list[tuple[TrainingDocument, int]]]:
        """For each problem the sentences of other documents nearest to its question, nearest first."""
        documents = list(dict.fromkeys(p.document for p in self.problems))
        starts = [(d, i) for d in documents for i in range(0, len(d.sentences), 2)]
        vectors = TfidfVectorizer(analyzer=terms, sublinear_tf=True, dtype=np.float32)
        matrix = vectors.fit_transform("".join(d.sentences[i:i + 2]) for d, i in starts)
        near = []
        for at in range(0, len(self.problems), 256):
            asked = vectors.transform(p.question for p in self.problems[at:at + 256])
            scores = (asked @ matrix.T).toarray()
            top = np.argsort(-scores, axis=1, kind="stable")[:, :24]
            near += [[starts[i] for i in row] for row in top]
        return near

    def _nearest_sentence(self, problem: TrainingQuestion) -> int:
        asked = set(terms(problem.question))
        shared = [len(asked & set(terms(s))) for s in problem.document.sentences]
        return int(np.argmax(shared))

    def _window(self, document: TrainingDocument, around: int, chance: random.Random) -> range:
        """Return sentences around one of them, of a length drawn between the recipe's limits."""
        budget = chance.randint(self.recipe.least_window, self.recipe.most_window)
        low, high, used = around, around + 1, len(self.sentence(document.sentences[around]).ids)
        while low > 0 or high < len(document.sentences):
            before = high == len(document.sentences) or (low > 0 and chance.random() < 0.5)
            cost = len(self.sentence(document.sentences[low - 1 if before else high]).ids)
            if used + cost > budget:
                break
            used += cost
            low, high = (low - 1, high) if before else (low, high + 1)
        return range(low, high)

    def sentence(self, text: str) -> Tokens:
        if text not in self._tokens:
            self._tokens[text] = self.vocabulary.sentence(text)
        return self._tokens[text]

    def _example(self, question: str, document: TrainingDocument, window: range, evidence: frozenset[int],
                 answers: Sequence[str], chance: random.Random, *, placed: bool = False) -> Example:
        tokens = [self.sentence(document.sentences[i]) for i in window]
        headed = document.heading if document.ours or chance.random() < self.recipe.headed else ""
        if document.place and (placed or chance.random() < self.recipe.placed):
            names = place_names(document.place)
            headed = headed_by("".join(names[-chance.randint(1, max(len(names), 1)):]) or document.place, headed)
        inputs = self.vocabulary.sequence(self.vocabulary.question(question), self.vocabulary.heading(headed), tokens)
        labels = tuple(1.0 if i in evidence else UNKNOWN if any(a in document.sentences[i] for a in answers) else 0.0
                       for i in window)
        span = find_span([document.sentences[i] for i in window], tokens, inputs,
                         [i in evidence for i in window], answers)
        return Example(inputs, float(any(i in evidence for i in window)), labels, span)


def find_span(sentences: Sequence[str], tokens: Sequence[Tokens], inputs: Sequenced, evidence: Sequence[bool],
              answers: Sequence[str]) -> tuple[int, int] | None:
    """Return the first and last token of the first answer that lies in evidence sentences; None when there is none."""
    text = "".join(sentences)
    begins = np.cumsum([0, *map(len, sentences)])
    where = [(begins[k] + a, begins[k] + b, inputs.sentences[k][0] + j, evidence[k])
             for k, part in enumerate(tokens) for j, (a, b) in enumerate(part.offsets)]
    for answer in answers:
        at = text.find(answer)
        while at >= 0:
            inside = [(token, told) for a, b, token, told in where if b > at and a < at + len(answer) and b > a]
            if inside and all(told for _, told in inside):
                return inside[0][0], inside[-1][0]
            at = text.find(answer, at + 1)
    return None


def batches(groups: Sequence[Sequence[Example]], recipe: Recipe, epoch: int) -> list[list[Sequence[Example]]]:
    """Return batches of about `recipe.batch` windows of like length, in random order."""
    chance, out = random.Random(recipe.seed * 1000 + epoch), []
    groups = chance.sample(groups, len(groups))
    pool = recipe.batch * 16
    for at in range(0, len(groups), pool):
        part = sorted(groups[at:at + pool], key=lambda g: max(len(e.inputs.ids) for e in g))
        batch: list[Sequence[Example]] = []
        for group in part:
            batch.append(group)
            if sum(map(len, batch)) >= recipe.batch:
                out.append(batch)
                batch = []
        if batch:
            out.append(batch)
    chance.shuffle(out)
    return out
