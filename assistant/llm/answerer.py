"""The answerer with a language model: it words the answer, and nothing that it words is believed unchecked.

    passages, numbered  ->  prompt  ->  model's stream  ->  statements with markers  ->  support check  ->  claims

The built-in answer is there first. Whether the articles answer at all was decided with it, and it takes the model's place,
with a notice, when the model is down, slow, endless, empty, or writes what the articles do not carry. The number that a
passage has in the prompt is the number that is shown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from langchain_core.runnables import RunnableConfig, RunnableGenerator

from assistant.answer.answer_text import escaped
from assistant.answer.reference import Style, reference
from assistant.evidence.features import Evidence
from assistant.llm.citation_parser import CitationParser, CitedSentence, without_markdown
from assistant.llm.generated_answer import Written, citations_of, text_of
from assistant.llm.model import LanguageModel
from assistant.llm.rewritten_question import LONGEST_QUESTION, is_trusted
from assistant.llm.thoughts import FORGET
from assistant.question.gazetteer import Gazetteer
from assistant.question.limits import SEARCHED
from assistant.types import Answer, Claim, Draft, Turn
from assistant.verify.attribution import Attribution
from assistant.verify.claim_check import CheckedText, CitedClaim, ClaimChecker, checked_passage
from index.errors import ModelError
from index.search.engine import SearchIndex
from index.text.language import language_of
from index.text.normalize import fold
from index.types import Retrieved
from prompts.prompt_loader import chat_prompt, phrases

REPEATS = 3
"""A sentence that the model writes this often ends its answer."""
REWRITE_SHARE = 0.25
"""Share of the model's time that completing a follow-up question may take."""
_DATA = str.maketrans({"<": "\u2039", ">": "\u203a", "[": "\u3014", "]": "\u3015", "\uff3b": "\u3014", "\uff3d": "\u3015", "\u3010": "\u3014", "\u3011": "\u3015"})
"""In data, what could close its fence, pass for a citation or spell a model's control token is printed in other brackets."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What an answer is written from: the built-in answer, the passages in the order of their numbers, and the time."""

    built_in: Answer
    passages: tuple[Retrieved, ...]
    seconds: float


@dataclass(slots=True)
class _DraftAnswer:
    """What has been written so far."""

    brief: Brief
    pieces: Generator[str]
    texts: Sequence[CheckedText]
    written: list[Written] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    checking: float = 0.0


class Writer:
    """Writes answers with a language model over one index; safe to share between threads.

    The steps `write` and `verify` take turns: a sentence is checked as soon as it is written.
    """

    def __init__(self, model: LanguageModel, index: SearchIndex, checker: ClaimChecker) -> None:
        self.model, self._index, self._checker = model, index, checker
        self._write = RunnableGenerator(self._pieces, name="write")
        self._verify = RunnableGenerator(self._verified, name="verify")

    def stream(self, built_in: Answer, retrieved: Sequence[Retrieved], evidence: Sequence[Evidence], *, seconds: float,
               config: RunnableConfig | None = None) -> Iterator[Draft | Answer]:
        """Yield the text as it grows, its claims checked, then the answer; `built_in` with a notice when the model fails.

        What stands in the text unchecked is the sentence that is being written; what lacks evidence is struck there, and it
        is no part of the answer's text. A text is empty while the model is silent.
        """
        brief = Brief(built_in, tuple(_numbered(built_in, retrieved, evidence)), seconds)
        texts = [checked_passage(self._index, r.passage, r.article, r.place) for r in brief.passages]
        # Not write | verify: a LangChain sequence reads what is being written to its end, also when nobody listens any more.
        with closing(self._write.stream(brief, config)) as pieces:
            yield from self._verify.stream(_DraftAnswer(brief, pieces, texts), config)

    def _pieces(self, briefs: Iterator[Brief], config: RunnableConfig) -> Iterator[str]:
        """Yield what the model writes, piece by piece; ModelError when it fails."""
        brief = next(briefs)
        values = {"passages": passages_text(brief.passages[: self.model.passages]),
                  "question": _data(brief.built_in.standalone_question)}
        yield from self.model.stream(chat_prompt("answer", brief.built_in.language), values, seconds=brief.seconds,
                                     config=config)

    def _verified(self, drafts: Iterator[_DraftAnswer]) -> Iterator[Draft | Answer]:
        """Yield what is being written with its claims checked, and last the answer that is left of it."""
        draft = next(drafts)
        built_in, numbered, started = draft.brief.built_in, draft.brief.passages, time.perf_counter()
        words = phrases(built_in.language)
        try:
            for unfinished in self._checked(draft):
                if unfinished is None:
                    yield Draft("")
                    continue
                shown = text_of(draft.written, built_in.language, struck=True)
                yield Draft(f"{shown}{' ' if shown and unfinished else ''}{escaped(unfinished)}")
            self._judge(draft, built_in.language)
        except ModelError as error:
            answer = replace(built_in, notice=words.notice.format(reason=words.reasons[error.kind]))
        else:
            kept = [w for w in draft.written if w.claim.supported]
            answer = replace(built_in, text=text_of(kept, built_in.language), claims=tuple(w.claim for w in draft.written),
                             citations=citations_of(kept, numbered), model=self.model.name, more_cases=0)
        yield Draft(answer.text)
        spent = (time.perf_counter() - started - draft.checking) * 1000
        yield replace(answer, timings_ms=answer.timings_ms | {"write": round(spent, 1), "verify": round(draft.checking * 1000, 1)})

    def rewrite(self, question: str, history: Sequence[Turn], gazetteer: Gazetteer) -> str | None:
        """Return the follow-up as a question that stands alone; None when it is none, or the model's wording is not to be
        trusted.

        Trusted is a single line in the question's language that keeps the question's numbers and places and adds only what
        stands in the conversation.
        """
        if not history:
            return None
        last = history[-1]
        values = {"earlier": _data(last.question), "gist": _data(last.answer_gist), "question": _data(question)}
        try:
            text = self.model.write(chat_prompt("rewrite", language_of(question)), values,
                                    seconds=self.model.timeout * REWRITE_SHARE, most=4 * LONGEST_QUESTION)
        except ModelError:
            return None
        rewritten = without_markdown(text.strip().strip("\"“”「」"))
        known = f"{question}\n{last.question}\n{last.answer_gist}"
        trusted = is_trusted(rewritten, question, known, gazetteer) and "\n" not in text.strip()
        return rewritten if trusted and rewritten != question.strip() else None

    def _checked(self, draft: _DraftAnswer) -> Iterator[str | None]:
        """Check what the model writes into `draft`, and yield the sentence that is not finished; None: no news."""
        parser = CitationParser()
        for piece in draft.pieces:
            if not piece:
                yield None
                continue
            if piece == FORGET:
                parser, draft.written, draft.raw, draft.seen = CitationParser(), [], [], {}
                continue
            draft.raw.append(piece)
            draft.written += self._check(self._fresh(parser.feed(piece), draft), draft)
            if max(draft.seen.values(), default=0) >= REPEATS:
                draft.pieces.close()
                return
            yield parser.unfinished
        draft.written += self._check(self._fresh(parser.close(), draft), draft)

    def _fresh(self, statements: Sequence[CitedSentence], draft: _DraftAnswer) -> list[CitedSentence]:
        """Return the statements that claim something: neither repeated, nor a heading that only leads to what follows."""
        fresh = []
        for statement in statements:
            key = fold(statement.text)
            draft.seen[key] = draft.seen.get(key, 0) + 1
            leads = statement.text.endswith((":", "\uff1a")) and not statement.numbers
            if draft.seen[key] == 1 and not leads:
                fresh.append(statement)
        return fresh

    def _check(self, statements: Sequence[CitedSentence], draft: _DraftAnswer) -> list[Written]:
        """Check the statements together: their texts are embedded in one batch. Words of another language are not
        checked."""
        if not statements:
            return []
        started, numbered, language = time.perf_counter(), draft.brief.passages, draft.brief.built_in.language
        most = min(len(numbered), self.model.passages)
        claims = [CitedClaim(s.text, tuple(n - 1 for n in s.numbers if n <= most)) for s in statements
                  if language_of(s.text) == language]
        found = iter(self._checker.check(claims, draft.texts))
        written = [_written(s, next(found) if language_of(s.text) == language else Attribution(s.text, 0.0, {}), numbered)
                   for s in statements]
        draft.checking += time.perf_counter() - started
        return written

    def _judge(self, draft: _DraftAnswer, language: str) -> None:
        """Raise ModelError when nothing of the draft can be shown."""
        text = "".join(draft.raw)
        name = f"The language model {self.model.name!r}"
        if not re.search(r"\w", text):
            raise ModelError("empty", f"{name} wrote nothing.")
        said = " ".join(w.claim.text for w in draft.written)
        if len(said) > 10 and language_of(said) != language:
            raise ModelError("language", f"{name} wrote in another language than the question's.")
        if any(w.claim.supported for w in draft.written):
            return
        declined = any(fold(phrases(one).refusal).strip(".\u3002") in fold(text) for one in ("zh", "en"))
        raise ModelError("declined" if declined else "unsupported", f"{name} wrote nothing that the articles carry.")


def _written(statement: CitedSentence, found: Attribution, numbered: Sequence[Retrieved]) -> Written:
    """Return the statement, as far as it is carried, with the passages that carry it."""
    places = [numbered[i].passage.sentences[s].place for i, chosen in found.sentences.items() for s in chosen]
    claim = Claim(text=found.text, citations=tuple(sorted(i + 1 for i in found.sentences)), support=round(found.support, 4),
                  supported=found.is_carried, place=places[0] if places else "")
    return Written(claim, {i + 1: s for i, s in found.sentences.items()}, statement.new_line, statement.item)


def passages_text(retrieved: Sequence[Retrieved]) -> str:
    """Return the passages as the prompt shows them: numbered, fenced, and unable to leave the fence."""
    blocks, style = [], Style(("title", "place", "source", "date"), safe=_data)
    for number, r in enumerate(retrieved, start=1):
        head = reference(r.article, style, place=r.place)
        blocks.append(f'<passage number="{number}">\n[{number}] {head}\n{_data(r.passage.text)}\n</passage>')
    return "\n\n".join(blocks)


def _data(text: str) -> str:
    """Return `text` on one line, as data: see _DATA."""
    return " ".join(text.translate(_DATA).split())


def _numbered(built_in: Answer, retrieved: Sequence[Retrieved], evidence: Sequence[Evidence]) -> list[Retrieved]:
    """Return the passages in the order of their numbers: those of the built-in answer, then those with the best
    sentences."""
    by_id = {r.passage.id: r for r in retrieved}
    order = [*(c.passage_id for c in built_in.citations), *(e.passage.id for e in evidence), *by_id]
    return [by_id[i] for i in dict.fromkeys(order) if i in by_id][:SEARCHED]
