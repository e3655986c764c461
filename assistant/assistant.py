"""The assistant: question -> retrieve -> answerable? -> choose sentences -> Answer with citations."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from assistant.calibration import READ, Calibration
from assistant.compose import answer_text, cite, claims_of, refusal_text
from assistant.evidence import Evidence, probability, score_sentences
from assistant.extractive import choose
from assistant.followup import speaks_of, subjects, unsaid
from assistant.gate import gate_signals, of_both_gates
from assistant.gazetteer import Gazetteer
from assistant.generative import Writer
from assistant.missing import gap_of, is_unsaid
from assistant.model import LanguageModel
from assistant.pace import Pace
from assistant.placing import about_place, foreign_places
from assistant.question import Form, Question, understand
from assistant.reader import Reader
from assistant.rerank import BUDGET, BUDGET_FOR_CASES, as_before, ranked, reread_all, was_read
from assistant.spelling import respelt
from assistant.suggest import starters, suggestions
from assistant.types import Answer, Found, Turn
from index.filters import Filters
from index.glossary import Glossary
from index.search import SearchIndex
from index.types import Retrieved
from index.width import half
from prompts import phrases

SEARCHED = 20
"""Passages whose sentences are looked at."""


class Assistant:
    """Answers questions from one opened index; safe to share between threads."""

    MODEL = "extractive"

    def __init__(self, index: SearchIndex, *, max_cases: int = 8, retrieved_k: int = 10, glossary: Glossary | None = None,
                 calibration: Calibration | None = None, reader: Reader | None = None,
                 reader_calibration: Calibration | None = None, pace: Pace | None = None,
                 model: LanguageModel | None = None) -> None:
        """`reader` reads the best sentences again, at the `pace` that all who use it share (None: whatever it takes), and
        `reader_calibration` weighs what it says; `model` words it."""
        self.index = index
        self._writer = Writer(model, index) if model else None
        self._max_cases, self._retrieved_k = max_cases, retrieved_k
        self._glossary = glossary or Glossary.load()
        self._calibration = calibration or Calibration.load()
        self._reader, self._pace = reader, pace or Pace(math.inf)
        self._weights = self._calibration if reader is None else reader_calibration or Calibration.load(READ)
        self._gazetteer = Gazetteer(
            s.chain for article in index.articles() for paragraph in article.paragraphs for s in paragraph.sentences)

    def ask(self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None, *,
            all_cases: bool = False, quick: bool = False) -> Answer:
        """Return the answer to `question`, which may be a follow-up to the turns of `history` (oldest first).

        `filters` bound what may be found and said; with `all_cases` a list of cases has no limit; a `quick` answer, for when
        many wait, does without the reader and says so.
        """
        if self._writer is None:
            return self.quoted(question, history, filters, all_cases, quick)[0]
        *_, answer = self._written(self._writer, question, history, filters, all_cases, quick)
        return answer

    def _written(self, writer: Writer, question: str, history: Sequence[Turn],
                 filters: Filters | None, all_cases: bool, quick: bool) -> Iterator[str | Answer]:
        """Yield what the language model writes, checked, and last the answer; refusing needs no model."""
        started, asked = time.perf_counter(), _clean(question)
        turns = [Turn(_clean(t.question), _clean(t.answer_gist)) for t in history]
        rewritten = writer.rewrite(asked, turns, self._gazetteer)
        built_in, retrieved, evidence = self.quoted(rewritten or question, () if rewritten else history, filters,
                                                    all_cases, quick)
        if rewritten:
            built_in = replace(built_in, question=asked)
        if built_in.refused:
            yield from (built_in.text, built_in)
            return
        left = writer.model.timeout - (time.perf_counter() - started)
        yield from writer.write(built_in, retrieved, evidence, seconds=left)

    def quoted(self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None,
               all_cases: bool = False, quick: bool = False) -> tuple[Answer, list[Retrieved], list[Evidence]]:
        """Return the built-in answer, the passages found, and all their sentences as evidence; both best first."""
        started = time.perf_counter()
        question, history = _clean(question), [Turn(_clean(t.question), _clean(t.answer_gist)) for t in history]
        understood = self.understand(question, history)
        retrieved, evidence = self.search(understood, filters, quick=quick)
        searched = time.perf_counter()
        cases = choose(understood, evidence, len(evidence))
        said = [e.sentence.text for case in cases for e in case.evidence]
        # Only with a reader is the best sentence sure enough: without one, what is asked for often stands beside it.
        unsaid_there = self._reader is not None and is_unsaid(understood, said)
        answerable = 0.0 if unsaid_there else self._answerable(understood, retrieved, evidence)
        weights = self._weights if self._decides(evidence) else self._calibration
        refused = answerable < weights.threshold
        cases = [] if refused else cases
        more = 0 if all_cases or understood.form is not Form.CASES else max(0, len(cases) - self._max_cases)
        cases = cases[: len(cases) - more]
        citations = cite(cases)
        if was_read(evidence):
            retrieved = ranked(retrieved, evidence)
        reason = _refusal_reason(understood, nothing_selected=bool(filters) and not retrieved) if refused else None
        gap = gap_of(understood, retrieved, self.index.rarity) if reason == "not_in_articles" else None
        text = (refusal_text(understood.language, reason, retrieved, gap) if reason
                else answer_text(understood, cases, citations))
        answered = time.perf_counter()
        answer = Answer(
            question=question, standalone_question=_standalone(question, understood),
            language=understood.language, text=text,
            claims=claims_of(cases, citations), citations=citations,
            retrieved=tuple(_found(r) for r in retrieved[: self._retrieved_k]), model=self.MODEL,
            index_version=self.index.version, refused=refused, refusal_reason=reason, answerable=round(answerable, 4),
            form=understood.form.value, more_cases=more,
            notice=phrases(understood.language).unread if self._reader and evidence and not was_read(evidence) else None,
            timings_ms={"search": round((searched - started) * 1000, 1), "answer": round((answered - searched) * 1000, 1)},
        )
        return answer, retrieved, evidence

    def stream(self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None, *,
               all_cases: bool = False, quick: bool = False) -> Iterator[str | Answer]:
        """Yield the answer's text as it grows, sentence by sentence, and last the `Answer`.

        A text is empty while there is nothing new: whoever does not want the answer any more need not wait for it.
        """
        if self._writer:
            yield from self._written(self._writer, question, history, filters, all_cases, quick)
            return
        answer = self.ask(question, history, filters, all_cases=all_cases, quick=quick)
        grown = ""
        for piece in re.findall(r".*?(?:\]\n*|\n+|$)", answer.text, flags=re.S):
            grown += piece
            if piece:
                yield grown
        yield answer

    def _answerable(self, question: Question, retrieved: Sequence[Retrieved], evidence: Sequence[Evidence]) -> float:
        """Return the probability that the articles answer: the gate's, or with a reader what both gates say.

        The reader's gate alone refuses too much of what is worded unlike its training (measured, see eval/LOG.md).
        """
        signals = gate_signals(question, evidence, retrieved, self.index.rarity)
        if not signals:
            return 0.0
        if not was_read(evidence):
            return probability(signals, self._calibration.gate)
        before = gate_signals(question, as_before(evidence), retrieved, self.index.rarity)
        if not self._decides(evidence):
            return probability(before, self._calibration.gate)
        return of_both_gates(probability(signals, self._weights.gate), probability(before, self._calibration.gate))

    def _decides(self, evidence: Sequence[Evidence]) -> bool:
        """Tell whether a reader that the calibration was fitted to has read for this question."""
        return self._reader is not None and self._reader.fitted and was_read(evidence)

    def suggest(self, answer: Answer, filters: Filters | None = None, *, most: int = 3, seconds: float = 2.0,
                go_on: Callable[[], bool] = lambda: True) -> list[str]:
        """Return questions that follow `answer`, each one tried: they are answered, by something not said yet."""
        return suggestions(answer, self.index, self._glossary, lambda asked: self.quoted(asked, (), filters, quick=True)[0],
                           most=most, seconds=seconds, go_on=go_on)

    def starters(self, language: str, *, most: int = 3, seconds: float = 3.0) -> list[str]:
        """Return questions to begin with, in a language: about what the articles speak of most, each one tried."""
        return starters(self.index, self._glossary, lambda asked: self.quoted(asked, quick=True)[0], language,
                        most=most, seconds=seconds, go_on=lambda: True)

    def pinned(self) -> Assistant:
        """Return an assistant whose index never changes: this one."""
        return self

    def understand(self, question: str, history: Sequence[Turn] = ()) -> Question:
        """Return the question understood, completed from the conversation where it does not stand alone."""
        asked, is_printed = half(question), self.index.is_printed
        meant = respelt(asked, is_printed)
        foreign = () if meant else foreign_places(asked, self._gazetteer, is_printed)
        understood = partial(understand, question, self._glossary, self._gazetteer, meant=meant, foreign=foreign)
        alone, context = understood(), unsaid(question, history, self._gazetteer)
        if not context or self._begins_anew(alone, context, history[-1]):
            return alone
        return understood(context=context)

    def _begins_anew(self, question: Question, context: str, last: Turn) -> bool:
        """Tell whether a question names things that neither the last turn nor what is printed about it speaks of."""
        things = subjects(question)
        if not things:
            return False
        printed = (f"{r.passage.heading} {r.passage.text}" for r in self.index.search(context, self._retrieved_k))
        return not speaks_of(" ".join([last.question, last.answer_gist, *printed]), things)

    def search(self, question: Question, filters: Filters | None = None, *,
               quick: bool = False) -> tuple[list[Retrieved], list[Evidence]]:
        """Return the passages found, best first, and all their sentences as evidence, best first; `quick`: not read.

        A comparison searches for each of its places alone, so that the better known one does not crowd the other out.
        """
        asked = [question.about(mention) for mention in question.mentions] if question.form is Form.COMPARE else [question]
        retrieved: dict[str, Retrieved] = {}
        evidence: dict[tuple[str, int], Evidence] = {}
        rounds: list[tuple[str, list[Evidence]]] = []
        for one in asked:
            found = self.index.search(one.text, max(SEARCHED, self._retrieved_k), also=one.wordings(),
                                      words=one.lexical_terms(), filters=filters)
            for r in found:
                retrieved[r.passage.id] = max(r, retrieved.get(r.passage.id, r), key=lambda x: x.score)
            weights = self._calibration.for_form(question.form)
            rounds.append((one.text, about_place(one, score_sentences(one, found, self.index.rarity, weights))))
        if self._reader is None or quick:
            scored = [evidence for _, evidence in rounds]
        else:
            budget = BUDGET_FOR_CASES if question.form is Form.CASES else BUDGET
            scored = reread_all(rounds, self._reader, self._weights.for_form(question.form), self._pace, budget)
        for e in (e for one in scored for e in one):
            key = (e.passage.id, e.sentence.start)
            evidence[key] = max(e, evidence.get(key, e), key=lambda x: x.score)
        return (sorted(retrieved.values(), key=lambda r: -r.score), sorted(evidence.values(), key=lambda e: -e.score))


def _clean(text: str) -> str:
    """Return `text` without half surrogates, which a command line in another encoding can hold and no library takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _refusal_reason(question: Question, *, nothing_selected: bool) -> str:
    if nothing_selected:
        return "nothing_selected"
    return "not_in_articles" if question.topics or question.places or question.foreign else "off_topic"


def _standalone(question: str, understood: Question) -> str:
    return understood.text if understood.context else question


def _found(r: Retrieved) -> Found:
    return Found(passage_id=r.passage.id, article_id=r.article.id, title=r.article.title,
                 place=next((s.place for s in r.passage.sentences if s.place), r.article.place), file=r.article.file,
                 start=r.passage.start, end=r.passage.end, score=round(r.score, 4))
