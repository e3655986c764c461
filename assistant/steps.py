"""The steps from a question to its answer; each takes one frozen `State` and returns it with what it has found out.

    complete -> search -> rerank -> answerable -> compose or refuse

They are LangChain runnables under these names; a step's milliseconds are in `timings_ms`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.runnables import Runnable, RunnableLambda, RunnableSequence

from assistant.answer.about_library import library_text
from assistant.answer.answer_text import answer_text, cite, claims_of, refusal_text
from assistant.answer.answerability import answerability_features, combined_probability
from assistant.answer.calibration import Calibration
from assistant.answer.case_cards import cards_of
from assistant.answer.case_weights import CaseWeights
from assistant.answer.extractive import AnswerCase, choose
from assistant.answer.gaps import gap_of, lacks_asked_kind
from assistant.evidence.case_candidates import CaseCandidate, candidates_of, joined, weighed
from assistant.evidence.features import Evidence, score_sentences
from assistant.evidence.latency_budget import LatencyBudget
from assistant.evidence.place_filter import about_place
from assistant.evidence.rerank import as_before, ranked, rerank_all, was_reranked
from assistant.evidence.reranker import Reranker
from assistant.evidence.year_filter import of_year
from assistant.locales.loader import words
from assistant.question.followup import Understanding
from assistant.question.form_model import FormModel
from assistant.question.forms import Form
from assistant.question.gazetteer import Gazetteer
from assistant.question.limits import CASES_SEARCHED, SEARCHED
from assistant.question.understand import Question
from assistant.types import Answer, Ask, Found, Turn
from index.search.engine import SearchIndex
from index.search.glossary import Glossary
from index.text.language import language_of
from index.text.normalize import printed
from index.types import Case, Retrieved, RetrievedCase
from prompts.prompt_loader import phrases

OF_NO_ARTICLE = (Form.LIBRARY, Form.CHAT)
"""Forms that no article answers."""
BUILT_IN = "extractive"
"""What answers name as their model where no language model wrote them."""
Rewrite = Callable[[str, Sequence[Turn], Gazetteer], str | None]
"""Returns a follow-up question as one that stands alone, None where it is none or no wording is to be trusted."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a question asks of one place, or all of it, with the sentences found for it, best first."""

    question: Question
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """A question on its way to its answer: each step returns it with what the step has found out.

    `standalone` is the question as it is understood. A comparison has a part for each of its places. `retrieved` are the
    passages in the order of the search, `ranked` in the order of the reranker, `evidence` all their sentences, best first.
    A question after cases has `candidates` instead of parts, best first.
    """

    ask: Ask
    standalone: str
    question: Question
    parts: tuple[Part, ...] = ()
    retrieved: tuple[Retrieved, ...] = ()
    ranked: tuple[Retrieved, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    candidates: tuple[CaseCandidate, ...] = ()
    cases: tuple[AnswerCase, ...] = ()
    more_cases: int = 0
    answerable: float = 0.0
    refused: bool = False
    answer: Answer | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_vague(self) -> bool:
        """Nothing says what the cases should be about, neither the question nor what was selected."""
        return self.question.is_vague and not self.ask.filters


class Steps:
    """The steps over one index; `runnable` is all of them, in order. Safe to share between threads."""

    def __init__(self, index: SearchIndex, *, max_cases: int = 8, retrieved_k: int = 10, glossary: Glossary | None = None,
                 calibration: Calibration | None = None, case_weights: CaseWeights | None = None,
                 reranker: Reranker | None = None, reranker_calibration: Calibration | None = None,
                 latency_budget: LatencyBudget | None = None, rewrite: Rewrite | None = None) -> None:
        """`reranker` reads the best sentences again, at the `latency_budget` that all who use it share (None: whatever it
        takes), and `reranker_calibration` weighs what it says; `rewrite` completes a follow-up before the rules do."""
        self.index, self.glossary = index, glossary or Glossary.load()
        self._max_cases, self._retrieved_k, self._rewrite = max_cases, retrieved_k, rewrite
        self._calibration = calibration or Calibration.for_encoder(index.encoder.name)
        self._case_weights = case_weights or CaseWeights.for_encoder(index.encoder.name)
        self._reader, self._latency_budget = reranker, latency_budget or LatencyBudget(math.inf)
        self._weights = self._calibration if reranker is None else (
            reranker_calibration or Calibration.for_encoder(index.encoder.name, reranked=True))
        gazetteer = Gazetteer(
            s.chain for article in index.articles() for paragraph in article.paragraphs for s in paragraph.sentences)
        forms = FormModel.load()
        self.understanding = Understanding(index, self.glossary, gazetteer, retrieved_k,
                                           forms if forms.encoder == index.encoder.name else None)
        refuse, compose = _step("refuse", self._refuse), _step("compose", self._compose)
        self.runnable: RunnableSequence[Ask, State] = RunnableSequence(
            _step("complete", self._complete), _step("search", self._search), _step("rerank", self._rerank),
            _step("answerable", self._answerable),
            RunnableLambda(lambda state: refuse if state.refused else compose, name="compose or refuse"), name="steps")

    def _complete(self, ask: Ask) -> State:
        """Let the question stand alone, by the language model where there is one, and understand it."""
        ask = replace(ask, question=_clean(ask.question),
                      history=tuple(Turn(_clean(t.question), _clean(t.answer_gist)) for t in ask.history))
        rewritten = None
        if self._rewrite and ask.history:
            rewritten = self._rewrite(ask.question, ask.history, self.understanding.gazetteer)
        question = self.understanding.of(rewritten or ask.question, () if rewritten else ask.history)
        if ask.form:
            question = replace(question, form=Form(ask.form))
        return State(ask, question.text if question.context else rewritten or ask.question, question)

    def _search(self, state: State) -> State:
        """Find passages and weigh their sentences.

        A comparison searches for each of its places alone, so that the better known one does not crowd the other out.
        """
        question = state.question
        if question.form in OF_NO_ARTICLE:
            return state
        if question.form is Form.CASES:
            return self._search_cases(state)
        asked = [question.about(mention, self.index.rarity) for mention in question.mentions] \
            if question.form is Form.COMPARE else [question]
        weights = self._calibration.for_form(question.form)
        retrieved: dict[str, Retrieved] = {}
        parts = []
        for one in asked:
            passages = self.index.search(**one.query(), k=max(SEARCHED, self._retrieved_k), filters=state.ask.filters)
            for r in passages:
                retrieved[r.passage.id] = max(r, retrieved.get(r.passage.id, r), key=lambda x: x.score)
            evidence = of_year(one, about_place(one, score_sentences(one, passages, weights)))
            parts.append(Part(one, tuple(evidence)))
        return replace(state, parts=tuple(parts), retrieved=tuple(sorted(retrieved.values(), key=lambda r: -r.score)))

    def _search_cases(self, state: State) -> State:
        """Find cases, and weigh them and their sentences."""
        found = self.index.search_cases(**state.question.query(), k=CASES_SEARCHED, filters=state.ask.filters)
        found_in = candidates_of(state.question, found, self._calibration.cases)
        candidates = weighed(found_in, self._case_weights.answers)
        retrieved = _passages(found)
        evidence = sorted((e for c in candidates for e in c.evidence), key=lambda e: -e.score)
        return replace(state, candidates=tuple(candidates), evidence=tuple(evidence), retrieved=retrieved, ranked=retrieved)

    def _rerank(self, state: State) -> State:
        """Let the reranker read the best sentences again, where there is one and time for it.

        Cases it does not read: that told no more of them, and took longer than all the rest (eval/LOG.md).
        """
        if state.question.form is Form.CASES:
            return state
        rounds = [(part.question.text, list(part.evidence)) for part in state.parts]
        scored = [evidence for _, evidence in rounds]
        plan = self._weights.reading
        if self._reader is not None and plan is not None and not state.ask.skip_reranking:
            model = self._weights.for_form(state.question.form)
            scored = rerank_all(rounds, self._reader, model, plan, self._latency_budget, plan.budget)
        best: dict[tuple[str, int], Evidence] = {}
        for e in (e for one in scored for e in one):
            key = (e.passage.id, e.sentence.start)
            best[key] = max(e, best.get(key, e), key=lambda x: x.score)
        evidence = sorted(best.values(), key=lambda e: -e.score)
        again = ranked(state.retrieved, evidence, plan) if plan and was_reranked(evidence) else state.retrieved
        return replace(state, evidence=tuple(evidence), ranked=tuple(again))

    def _answerable(self, state: State) -> State:
        """Decide whether the articles answer at all."""
        if state.question.form in OF_NO_ARTICLE:
            return replace(state, answerable=1.0)
        if state.question.form is Form.CASES:
            return self._told(state)
        cuts = (self._weights if was_reranked(state.evidence) else self._calibration).cuts
        cases = choose(state.question, state.evidence, cuts)
        said = [e.sentence.text for case in cases for e in case.evidence]
        # Only with a reranker is the best sentence sure enough: without one, what is asked for often stands beside it.
        unsaid = self._reader is not None and lacks_asked_kind(state.question, said)
        answerable = 0.0 if unsaid else self._probability(state) * (1 - state.question.beside)
        weights = self._weights if self._decides(state.evidence) else self._calibration
        return replace(state, cases=tuple(cases), answerable=answerable, refused=answerable < weights.threshold)

    def cases_for(self, topic: str) -> list[Case]:
        """Return the cases that stand above the bar for a few words, best first.

        They are asked about as a starter asks: words alone are often taken for no question of this field (飞线充电).
        """
        asked = words(language_of(topic)).suggestions["who"].format(topic=_clean(topic))
        question = replace(self.understanding.of(asked), form=Form.CASES)
        candidates = self._search_cases(State(Ask(asked), asked, question)).candidates
        return [c.case for c in candidates if c.score >= self._case_weights.bar]

    def _told(self, state: State) -> State:
        """Let every case stand before the bar alone; none above it, and the question is refused."""
        weights = self._case_weights
        if state.is_vague:
            return replace(state, refused=True)
        best = max((c.score for c in state.candidates), default=0.0)
        bar = max(weights.bar, weights.alone * best) if state.question.one_story else weights.bar
        above = joined([c for c in state.candidates if c.score >= bar])
        shown = above if state.ask.all_cases else above[:self._max_cases]
        cards = cards_of(shown, self._max_cases, weights.sentences, weights.card)
        return replace(state, cases=tuple(cards), more_cases=len(above) - len(shown), answerable=best, refused=not above)

    def _probability(self, state: State) -> float:
        """Return the probability that the articles answer: the gate's, or with a reranker what both gates say.

        The reranker's gate alone refuses too much of what is worded unlike its training (measured, see eval/LOG.md).
        """
        question, retrieved = state.question, state.retrieved
        before = answerability_features(question, as_before(state.evidence), retrieved, self._calibration.cosines)
        if before is None:
            return 0.0
        plain = self._calibration.answerability.probability(before)
        plan = self._weights.reading
        if plan is None or not self._decides(state.evidence):
            return plain
        read = answerability_features(question, state.evidence, retrieved, self._weights.cosines)
        return combined_probability(self._weights.answerability.probability(read, read.reading), plain, plan.counts)

    def _decides(self, evidence: Sequence[Evidence]) -> bool:
        """Tell whether a reranker that the calibration was fitted to has read for this question."""
        return self._reader is not None and self._reader.family == self._weights.reranker and was_reranked(evidence)

    def _compose(self, state: State) -> State:
        """Put the best cases into words, each sentence cited."""
        if state.question.form in OF_NO_ARTICLE:
            return self._with_answer(state, text=library_text(state.question, self.index), claims=(), citations=())
        citations = cite(state.cases)
        return self._with_answer(
            state, text=answer_text(state.question, state.cases, citations), claims=claims_of(state.cases, citations),
            citations=citations, more_cases=state.more_cases)

    def _refuse(self, state: State) -> State:
        """Say why the articles do not answer, and what they do say."""
        question, gap, reason = state.question, None, "off_topic"
        if state.ask.filters and not state.ranked:
            reason = "nothing_selected"
        elif state.is_vague:
            reason = "too_vague"
        elif question.topics or question.places or question.foreign:
            reason, gap = "not_in_articles", gap_of(question, state.ranked, self.index.rarity)
        text = refusal_text(question.language, reason, state.ranked, gap)
        return self._with_answer(state, text=text, claims=(), citations=(), refused=True, refusal_reason=reason)

    def _with_answer(self, state: State, **said: Any) -> State:
        language = state.question.language
        unread = self._reader is not None and any(part.evidence for part in state.parts) and not was_reranked(state.evidence)
        answer = Answer(
            question=state.ask.question, standalone_question=state.standalone, language=language,
            retrieved=tuple(_found(r) for r in state.ranked[: self._retrieved_k]), model=BUILT_IN,
            index_version=self.index.version, answerable=round(state.answerable, 4), form=state.question.form.value,
            notice=phrases(language).unread if unread else None, **said)
        return replace(state, answer=answer)


def _step(name: str, work: Callable[[Any], State]) -> Runnable[Any, State]:
    """Return a step as a runnable that adds its milliseconds to the state."""

    def timed(given: Any) -> State:
        started = time.perf_counter()
        state = work(given)
        return replace(state, timings_ms={**state.timings_ms, name: round((time.perf_counter() - started) * 1000, 1)})

    return RunnableLambda(timed, name=name)


def _passages(found: Sequence[RetrievedCase]) -> tuple[Retrieved, ...]:
    """Return the passages of the cases found, each once, best first."""
    once = {r.passage.id: r for one in found for r in one.passages}
    return tuple(sorted(once.values(), key=lambda r: -r.score))


def _clean(text: str) -> str:
    """Return `text` as articles are read, without half surrogates, which a command line can hold and no library takes."""
    return printed(text.encode("utf-8", "replace").decode("utf-8"))


def _found(r: Retrieved) -> Found:
    return Found(passage_id=r.passage.id, article_id=r.article.id, title=r.article.title,
                 place=r.place, file=r.article.file,
                 start=r.passage.start, end=r.passage.end, score=round(r.score, 4))
