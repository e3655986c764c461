"""Whoever answers the questions of a suite: all of them give the one `Answer`, so all are scored alike.

`random` and `oracle` are measured in every run: a figure near the floor says nothing, one near the ceiling can grow no
further.
"""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from assistant.types import Answer, Ask, Citation, Claim, Found
from eval.datasets.types import EvalCase
from eval.datasets.validation import SuiteFaults
from eval.run.answers import AnswerRow, ScoredAnswer, answer_of, row_from
from index.errors import LinjianError
from index.types import Span

BUILT_IN, RANDOM, ORACLE, ANSWERS = "built-in", "random", "oracle", "answers:"
ANSWERERS = {
    BUILT_IN: "the assistant, as the settings have it",
    "FILE.toml": "the assistant under another settings file",
    "answers:FILE.jsonl": "answers made elsewhere, in the shape of docs/answer.md with the questions' id",
    "module:object": "a LangChain Runnable",
    RANDOM: "random passages: the floor, also measured in every run",
    ORACLE: "the right answer: the ceiling, also measured in every run",
}
WINDOW = 300
"""Characters of the passages that the random floor draws from."""


class Answerer(Protocol):
    """`settings` are stored with the result: all that could change the answers."""

    name: str
    settings: Mapping[str, Any]

    def answer(self, case: EvalCase) -> ScoredAnswer: ...


class BuiltIn:
    """The assistant over an index; `of_case` returns the one to ask, which may have only the case's own documents."""

    def __init__(self, name: str, of_case: Callable[[EvalCase], Any], settings: Mapping[str, Any]) -> None:
        self.name, self.settings, self._of_case = name, settings, of_case

    def answer(self, case: EvalCase) -> ScoredAnswer:
        answer: Answer = self._of_case(case).invoke(Ask(case.question, tuple(case.history)))
        return ScoredAnswer(answer, answer.answerable)


class Imported:
    """A LangChain Runnable given as `module:object`, asked with {"question", "history", "documents"} or its like.

    It may return an Answer, a mapping of an answer's JSON, a message or a text. `documents` are the case's own ones.
    """

    def __init__(self, target: str, texts: Mapping[str, str]) -> None:
        self.name, self.settings, self._texts = target, {"runnable": target}, texts
        self._runnable = load_object(target)
        if not hasattr(self._runnable, "invoke"):
            raise LinjianError(f"{target!r} is no LangChain Runnable: it has no method 'invoke'.")

    def answer(self, case: EvalCase) -> ScoredAnswer:
        asked = {
            "question": case.question,
            "history": [{"question": turn.question, "answer_gist": turn.answer_gist} for turn in case.history],
            "documents": [self._texts[document] for document in case.given],
        }
        said = self._runnable.invoke(asked)
        if isinstance(said, Answer):
            return ScoredAnswer(said, said.answerable)
        if isinstance(said, Mapping):
            return answer_of(row_from(said, case), case)
        return answer_of(AnswerRow(id=case.id, text=str(getattr(said, "content", said))), case)


class AnswersFile:
    """Answers made elsewhere, in a JSON Lines file of answers (docs/answer.md) with the questions' `id`."""

    def __init__(self, path: Path, cases: Sequence[EvalCase]) -> None:
        self.name, self.settings = f"answers:{path.name}", {"answers": path.name}
        faults = SuiteFaults()
        self._rows: dict[str, AnswerRow] = {}
        for number, value in faults.rows(path):
            row = faults.parse(AnswerRow, value, path, number)
            if row:
                self._rows[row.id] = row
        for case in cases:
            if case.id not in self._rows:
                faults.add(path, "the whole file", "id", f"no answer to question {case.id!r}")
        faults.check()

    def answer(self, case: EvalCase) -> ScoredAnswer:
        said = answer_of(self._rows[case.id], case)
        stages = said.answer.timings_ms
        if stages:  # the time that reading the file takes is not theirs
            stages = {"total": round(sum(stages.values()), 1), **stages}
        return replace(said, answer=replace(said.answer, timings_ms=stages))


class RandomFloor:
    """Retrieves passages at random, says the first, and refuses as often as questions have no answer."""

    name = "random"

    def __init__(self, texts: Mapping[str, str], cases: Sequence[EvalCase], seed: int) -> None:
        self.settings = {"seed": seed}
        self._texts, self._seed = texts, seed
        self._windows = [(file, start) for file, text in texts.items() for start in range(0, max(len(text), 1), WINDOW)]
        self._refusals = sum(not case.answerable for case in cases) / max(len(cases), 1)

    def answer(self, case: EvalCase) -> ScoredAnswer:
        chance = random.Random(f"{self._seed} {case.id}")
        confidence = chance.random()
        windows = [w for w in self._windows if w[0] in case.given] if case.given else self._windows
        drawn = chance.sample(windows, min(10, len(windows)))
        found = [(file, (start, min(start + WINDOW, len(self._texts[file])))) for file, start in drawn]
        refused = confidence < self._refusals
        return ScoredAnswer(_made(case, self._texts, found, [] if refused else found[:1], refused, self.name), confidence)


class OracleCeiling:
    """Retrieves, cites and says what is right, word for word, and refuses what has no answer."""

    name = "oracle"

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.settings: Mapping[str, Any] = {}
        self._texts = texts

    def answer(self, case: EvalCase) -> ScoredAnswer:
        quoted = [
            (g.file, (at, at + len(g.quote)))
            for g in case.evidence
            if g.quote and (at := self._texts.get(g.file, "").find(g.quote)) >= 0
        ]
        whole = [(file, (0, len(self._texts[file]))) for file, _ in sorted(case.relevant, key=lambda r: -r[1])]
        answer = _made(case, self._texts, whole or quoted, quoted or whole, not case.answerable, self.name)
        return ScoredAnswer(answer, float(case.answerable))


def load_object(target: str) -> Any:
    """Return the object that "module:object" names, imported from where we are too; LinjianError when there is none."""
    module, _, name = target.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise LinjianError(f"{target!r} cannot be loaded: {error}. Give it as module:object.") from error


def _made(
    case: EvalCase,
    texts: Mapping[str, str],
    found: Sequence[tuple[str, Span]],
    cited: Sequence[tuple[str, Span]],
    refused: bool,
    name: str,
) -> Answer:
    """Return an answer that says its citations, or the gold answers where there is nothing to cite."""
    community = {(g.file, g.quote): g.community for g in case.evidence}
    citations = []
    for number, (file, (a, b)) in enumerate(cited, start=1):
        quote = texts[file][a:b]
        citations.append(
            Citation(
                number=number,
                passage_id="",
                article_id="",
                title="",
                source="",
                date="",
                place=community.get((file, quote), ""),
                file=file,
                spans=((a, b),),
                quote=quote,
            )
        )
    said = "\u3001".join(group[0] for group in case.groups) if name == OracleCeiling.name else ""
    text = said or "".join(f"{c.quote}[{c.number}]" for c in citations)
    return Answer(
        question=case.question,
        standalone_question=case.question,
        language=case.lang or "zh",
        text="" if refused else text,
        claims=tuple(Claim(c.quote, (c.number,), 1.0, True, c.place) for c in citations),
        citations=tuple(citations),
        retrieved=tuple(Found("", "", "", "", file, a, b, 0.0) for file, (a, b) in found),
        model=name,
        index_version="",
        refused=refused,
    )
