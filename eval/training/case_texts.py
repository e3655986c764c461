"""The invented articles about cases (eval/training/cases) as training examples: does this case answer this question?

A question after cases is given the cases that answer it, and such that look alike and do not: of its own set, where a
writer judged every case, and of other sets, where no topic is shared. A case is what the index makes of one: its sentences
that tell a problem, a measure or a result, under its place and headline.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from assistant.evidence.network import Vocabulary
from assistant.evidence.reranker import headed_by
from eval.datasets.case_suite import ANSWERS, BORDERLINE
from eval.training.attributes import place_names
from eval.training.examples import UNKNOWN, Example, find_span
from eval.training.training_data import TrainingDocument, TrainingQuestion
from index.text.tokens import terms
from index.types import TELLING, SentenceRole

ARTICLES, QUESTIONS = "-articles.jsonl", "-questions.jsonl"
HALF = 0.5
"""What a window that only touches the question counts as an answer."""
NEGATIVES = 4
"""Cases against one that answers."""
LOST, FOUND = 0.12, 0.15
"""How often a sentence that tells something is left out, and one that does not is taken in, as a model of roles would."""
UNTITLED, SHORTENED = 0.35, 0.6
"""How often a case is seen without its headline, and with its narrowest places alone, as many pages print them."""
LONGEST = (60, 100)
"""Tokens of sentences in a window: drawn between these."""


@dataclass(frozen=True, slots=True)
class TrainingCase:
    """One place doing something about one need: `sentences` of the article with their roles, in order, and where they
    stand in it (`at`)."""

    id: str
    set: str
    place: str
    title: str
    topics: frozenset[str]
    sentences: tuple[str, ...]
    roles: tuple[SentenceRole, ...]
    at: tuple[int, ...]

    @property
    def telling(self) -> str:
        return "".join(s for s, role in zip(self.sentences, self.roles, strict=True) if role in TELLING)


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question in several wordings: the grades of the cases that answer or touch it; where it is after one fact or one
    way of doing it, the sentences of the case that answer (else none)."""

    set: str
    wordings: tuple[str, ...]
    gold: Mapping[str, int]
    evidence: frozenset[int]
    answer: str
    after_cases: bool


def is_case_folder(folder: Path) -> bool:
    """Tell whether a folder holds sets of cases."""
    return folder.is_dir() and any(folder.glob(f"*{ARTICLES}"))


def read_cases(folder: Path) -> tuple[list[TrainingCase], list[JudgedQuestion]]:
    """Read all sets of a folder."""
    cases: list[TrainingCase] = []
    questions: list[JudgedQuestion] = []
    for name in _sets(folder):
        own: dict[str, TrainingCase] = {}
        for article in _rows(folder / f"{name}{ARTICLES}"):
            own |= {case.id: case for case in _cases_of(name, article)}
        cases += own.values()
        questions += [question for row in _rows(folder / f"{name}{QUESTIONS}")
                      if (question := _question(name, row, own)) is not None]
    return cases, questions


def article_rows(folder: Path) -> Iterator[tuple[str, dict]]:
    """Yield the articles of all sets as they are written, each with the name of its set."""
    for name in _sets(folder):
        yield from ((name, row) for row in _rows(folder / f"{name}{ARTICLES}"))


def question_rows(folder: Path) -> Iterator[tuple[str, dict]]:
    """Yield the questions of all sets as they are written, each with the name of its set."""
    for name in _sets(folder):
        yield from ((name, row) for row in _rows(folder / f"{name}{QUESTIONS}"))


def article_questions(folder: Path) -> Iterator[TrainingQuestion]:
    """Yield the questions after one fact, or one way of doing it, of their article; and near-misses of the nearest one."""
    for name in _sets(folder):
        documents = {row["id"]: _document(row) for row in _rows(folder / f"{name}{ARTICLES}")}
        for row in _rows(folder / f"{name}{QUESTIONS}"):
            wordings = (row["question"], *row["alts"])
            if row["form"] in ("fact", "how"):
                answers = (row["answer"],) if row.get("answer") and row.get("wanted") != "yesno" else ()
                for wording in wordings:
                    yield TrainingQuestion(wording, documents[row["article"]], frozenset(row["sentences"]), answers)
            elif row["form"] == "none" and row["why"] in ("attribute", "premise", "time", "place"):
                asked = set(terms(" ".join(wordings)))
                near = max(documents.values(), key=lambda d: len(asked & set(terms(d.heading + "".join(d.sentences)))))
                for wording in wordings:
                    yield TrainingQuestion(wording, near, frozenset())


@dataclass
class CaseSampler:
    """Makes the examples of an epoch; the same seed and epoch give the same examples."""

    cases: Sequence[TrainingCase]
    questions: Sequence[JudgedQuestion]
    vocabulary: Vocabulary
    seed: int = 0

    def epoch(self, number: int) -> list[list[Example]]:
        """Return groups of examples: a case that answers first, then those that do not; what is borderline stands alone."""
        chance = random.Random(self.seed * 1000 + number)
        return [group for at, question in enumerate(self.questions) for wording in question.wordings
                for group in self._groups(at, question, wording, chance)]

    def _groups(self, at: int, question: JudgedQuestion, wording: str, chance: random.Random) -> Iterator[list[Example]]:
        best = [i for i, grade in question.gold.items() if grade == ANSWERS]
        against = [self._example(wording, self._against(at, chance), question, chance) for _ in range(NEGATIVES)]
        if not best:
            yield from ([example] for example in against[:2])
            return
        first, *more = chance.sample(best, min(2, len(best)))
        yield [self._example(wording, self._by_id[first], question, chance), *against]
        yield from ([self._example(wording, self._by_id[i], question, chance)] for i in more)
        touched = [i for i, grade in question.gold.items() if grade == BORDERLINE]
        if touched and question.after_cases:
            yield [self._example(wording, self._by_id[chance.choice(touched)], question, chance)]

    def _example(self, wording: str, case: TrainingCase, question: JudgedQuestion, chance: random.Random) -> Example:
        grade = question.gold.get(case.id, 0)
        shown = self._shown(case, chance, question.evidence if grade == ANSWERS else frozenset())
        tokens = [self.vocabulary.sentence(case.sentences[i]) for i in shown]
        names = place_names(case.place)
        place = "".join(names[-chance.randint(1, len(names)):]) if names and chance.random() < SHORTENED else case.place
        title = "" if chance.random() < UNTITLED else case.title
        inputs = self.vocabulary.sequence(
            self.vocabulary.question(wording), self.vocabulary.heading(headed_by(place, title)), tokens)
        labels = tuple(self._label(case, i, grade, question) for i in shown)
        told = [label == 1.0 for label in labels]
        answers = (question.answer,) if question.answer and grade == ANSWERS else ()
        answerable = {ANSWERS: 1.0, BORDERLINE: HALF}.get(grade, 0.0)
        if grade == ANSWERS and not question.after_cases:
            answerable = float(any(told))
        return Example(inputs, answerable, labels,
                       find_span([case.sentences[i] for i in shown], tokens, inputs, told, answers))

    @staticmethod
    def _label(case: TrainingCase, at: int, grade: int, question: JudgedQuestion) -> float:
        if grade == BORDERLINE:
            return UNKNOWN
        if grade != ANSWERS:
            return 0.0
        if not question.after_cases:
            return float(case.at[at] in question.evidence)
        return UNKNOWN if case.roles[at] == SentenceRole.PROBLEM else float(case.roles[at] in TELLING)

    def _shown(self, case: TrainingCase, chance: random.Random, evidence: frozenset[int]) -> list[int]:
        """Return the sentences of a window: those that tell something, more or less, from one of the first on."""
        kept = [i for i, role in enumerate(case.roles) if case.at[i] in evidence
                or chance.random() < (1 - LOST if role in TELLING else FOUND)] or list(range(len(case.roles)))
        if not evidence and chance.random() < 0.3:
            kept = kept[chance.randrange(len(kept)):]
        budget, out = chance.randint(*LONGEST), []
        while evidence and case.at[kept[0]] not in evidence and len(kept) > 3:
            kept = kept[1:]
        for i in kept:
            size = len(self.vocabulary.sentence(case.sentences[i]).ids)
            if out and size > budget:
                break
            budget -= size
            out.append(i)
        return out

    def _against(self, at: int, chance: random.Random) -> TrainingCase:
        own, far = self._near[at]
        if own and (chance.random() < 0.6 or not far):
            return self.cases[own[min(int(chance.expovariate(1 / 3)), len(own) - 1)]]
        return self.cases[far[min(int(chance.expovariate(1 / 5)), len(far) - 1)]] if far else chance.choice(self.cases)

    @cached_property
    def _by_id(self) -> dict[str, TrainingCase]:
        return {case.id: case for case in self.cases}

    @cached_property
    def _near(self) -> list[tuple[list[int], list[int]]]:
        """For each question the cases that do not answer it, nearest first: of its own set, and of other topics."""
        vectors = TfidfVectorizer(analyzer=terms, sublinear_tf=True, dtype=np.float32)
        matrix = vectors.fit_transform(case.place + case.title + case.telling for case in self.cases)
        out = []
        for question in self.questions:
            row = (vectors.transform([" ".join(question.wordings)]) @ matrix.T).toarray()[0]
            ranked = [int(i) for i in np.argsort(-row, kind="stable") if self.cases[i].id not in question.gold]
            topics = frozenset().union(*(self._by_id[i].topics for i in question.gold))
            own = [i for i in ranked if self.cases[i].set == question.set]
            out.append((own, [i for i in ranked[:80] if self.cases[i].set != question.set
                              and topics and not self.cases[i].topics & topics]))
        return out


def _sets(folder: Path) -> list[str]:
    return sorted(path.name.removesuffix(ARTICLES) for path in folder.glob(f"*{ARTICLES}"))


def _rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _sentences(article: dict) -> list[tuple[str, str, int]]:
    return [(text, role, case) for paragraph in article["paragraphs"] for text, role, case in paragraph]


def _document(article: dict) -> TrainingDocument:
    place = article["cases"][0]["place"] if article["cases"] else ""
    return TrainingDocument(article["title"], tuple(text for text, _, _ in _sentences(article)), place, ours=True)


def _cases_of(name: str, article: dict) -> Iterator[TrainingCase]:
    for row in article["cases"]:
        own = [(at, text, SentenceRole(role)) for at, (text, role, case) in enumerate(_sentences(article))
               if case == row["n"]]
        if any(role in TELLING for _, _, role in own):
            yield TrainingCase(f"{article['id']}#{row['n']}", name, row["place"], article["title"], frozenset(row["topics"]),
                               tuple(text for _, text, _ in own), tuple(role for _, _, role in own),
                               tuple(at for at, _, _ in own))


def _question(name: str, row: dict, cases: Mapping[str, TrainingCase]) -> JudgedQuestion | None:
    wordings = (row["question"], *row["alts"])
    if row["form"] == "cases":
        gold = {i: grade for i, grade in row["gold"] if i in cases}
        answered = ANSWERS in gold.values()
        return JudgedQuestion(name, wordings, gold, frozenset(), "", after_cases=True) if answered else None
    if row["form"] in ("fact", "how"):
        wanted = frozenset(row["sentences"])
        own = next((case for case in cases.values() if case.id.partition("#")[0] == row["article"]
                    and wanted & set(case.at)), None)
        answer = row.get("answer", "") if row.get("wanted") != "yesno" else ""
        return JudgedQuestion(name, wordings, {own.id: ANSWERS}, wanted, answer, after_cases=False) if own else None
    if row["form"] == "none" and row["why"] == "topic":
        return JudgedQuestion(name, wordings, {}, frozenset(), "", after_cases=True)
    return None
