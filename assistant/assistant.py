"""The assistant: question -> retrieve -> answerable? -> choose sentences -> Answer with citations."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence

from assistant.calibration import Calibration
from assistant.compose import answer_text, cite, claims_of, refusal_text
from assistant.evidence import Evidence, probability, score_sentences
from assistant.extractive import choose
from assistant.followup import unsaid
from assistant.gate import gate_signals
from assistant.gazetteer import Gazetteer
from assistant.question import Form, Question, understand
from assistant.types import Answer, Found, Turn
from index.glossary import Glossary
from index.search import SearchIndex
from index.types import Retrieved

SEARCHED = 20
"""Passages whose sentences are looked at."""


class Assistant:
    """Answers questions from one opened index; safe to share between threads."""

    MODEL = "extractive"

    def __init__(self, index: SearchIndex, *, max_cases: int = 8, retrieved_k: int = 10, glossary: Glossary | None = None,
                 calibration: Calibration | None = None) -> None:
        self.index = index
        self._max_cases, self._retrieved_k = max_cases, retrieved_k
        self._glossary = glossary or Glossary.load()
        self._calibration = calibration or Calibration.load()
        self._gazetteer = Gazetteer(
            s.chain for article in index.articles() for paragraph in article.paragraphs for s in paragraph.sentences)

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Return the answer to `question`, which may be a follow-up to the turns of `history` (oldest first)."""
        started = time.perf_counter()
        question, history = _clean(question), [Turn(_clean(t.question), _clean(t.answer_gist)) for t in history]
        understood = self.understand(question, history)
        retrieved, evidence = self.search(understood)
        searched = time.perf_counter()
        signals = gate_signals(understood, evidence, retrieved, self.index.rarity)
        answerable = probability(signals, self._calibration.gate) if signals else 0.0
        refused = answerable < self._calibration.threshold
        cases = [] if refused else choose(understood, evidence, self._max_cases)
        citations = cite(cases)
        reason = None if not refused else "not_in_articles" if understood.topics or understood.places else "off_topic"
        text = refusal_text(understood.language, retrieved) if refused else answer_text(understood, cases, citations)
        answered = time.perf_counter()
        return Answer(
            question=question, standalone_question=_standalone(question, understood),
            language=understood.language, text=text,
            claims=claims_of(cases, citations), citations=citations,
            retrieved=tuple(_found(r) for r in retrieved[: self._retrieved_k]), model=self.MODEL,
            index_version=self.index.version, refused=refused, refusal_reason=reason, answerable=round(answerable, 4),
            timings_ms={"search": round((searched - started) * 1000, 1), "answer": round((answered - searched) * 1000, 1)},
        )

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[str | Answer]:
        """Yield the answer's text as it grows, sentence by sentence, and last the `Answer`."""
        answer = self.ask(question, history)
        grown = ""
        for piece in re.findall(r".*?(?:\]\n*|\n+|$)", answer.text, flags=re.S):
            grown += piece
            if piece:
                yield grown
        yield answer

    def understand(self, question: str, history: Sequence[Turn] = ()) -> Question:
        """Return the question understood, completed from the conversation where it does not stand alone."""
        return understand(question, self._glossary, self._gazetteer, context=unsaid(question, history, self._gazetteer))

    def search(self, question: Question) -> tuple[list[Retrieved], list[Evidence]]:
        """Return the passages found, best first, and all their sentences as evidence, best first.

        A comparison searches for each of its places alone, so that the better known one does not crowd the other out.
        """
        asked = [question.about(mention) for mention in question.mentions] if question.form is Form.COMPARE else [question]
        retrieved: dict[str, Retrieved] = {}
        evidence: dict[tuple[str, int], Evidence] = {}
        for one in asked:
            found = self.index.search(one.text, max(SEARCHED, self._retrieved_k), also=one.wordings(),
                                      words=one.lexical_terms())
            for r in found:
                retrieved[r.passage.id] = max(r, retrieved.get(r.passage.id, r), key=lambda x: x.score)
            for e in score_sentences(one, found, self.index.rarity, self._calibration.for_form(question.form)):
                key = (e.passage.id, e.sentence.start)
                evidence[key] = max(e, evidence.get(key, e), key=lambda x: x.score)
        return (sorted(retrieved.values(), key=lambda r: -r.score), sorted(evidence.values(), key=lambda e: -e.score))


def _clean(text: str) -> str:
    """Return `text` without half surrogates, which a command line in another encoding can hold and no library takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _standalone(question: str, understood: Question) -> str:
    return understood.text if understood.context else question


def _found(r: Retrieved) -> Found:
    return Found(passage_id=r.passage.id, article_id=r.article.id, title=r.article.title,
                 place=next((s.place for s in r.passage.sentences if s.place), r.article.place), file=r.article.file,
                 start=r.passage.start, end=r.passage.end, score=round(r.score, 4))
