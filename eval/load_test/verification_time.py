"""How long the support check takes (`linjian eval check-time PAGES QUESTIONS`).

A scripted model says back sentences that the built-in answer found, eight of them, with other words before each: cut to 60
characters and whole, in one piece and sentence by sentence, each citing its own passage and another one. Printed are the
medians of `timings_ms["verify"]` over the questions that find at least four sentences; without one it ends with an error.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import count, cycle, islice, product
from pathlib import Path
from statistics import mean, median

from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from assistant.assistant import Assistant
from assistant.evidence.reranker import Reranker
from assistant.llm.model import LanguageModel
from assistant.types import Answer, Ask
from assistant.verify.verify import Verifier
from eval.datasets.own import read_cases
from index.embedding.encoder import Encoder
from index.errors import LinjianError
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex

SENTENCES = 8
LEAST = 4
SAID_BEFORE = ("\u636e\u62a5\u9053\uff0c", "\u53e6\u636e\u4ecb\u7ecd\uff0c")
"""据报道， and 另据介绍，: a sentence that is said twice must not be the same twice."""


def sentences(built_in: Answer, *, longest: int | None, right: bool) -> list[str]:
    """Return eight sentences from the claims of an answer, each with a marker; with `right` that of its own passage."""
    own = [(claim.text.rstrip("\u3002")[:longest], claim.citations[0]) for claim in built_in.claims if claim.citations]
    passages = len(built_in.citations)
    return [f"{SAID_BEFORE[n // len(own) % 2]}{text}\u3002[{number if right else number % passages + 1}]"
            for n, (text, number) in enumerate(islice(cycle(own), SENTENCES))]


def measure(index: SearchIndex, reranker: Reranker | None, verifier: Verifier, questions: Sequence[str]) -> Iterator[tuple[str, int, float, float]]:
    """Yield what is said, the number of questions, the median and the longest of their milliseconds."""
    saying: list[str] = []
    chat = GenericFakeChatModel(messages=(AIMessage(saying.pop()) for _ in count()))
    assistant = Assistant(index, reranker=reranker)
    writing = Assistant(index, reranker=reranker, model=LanguageModel(chat, name="scripted"), verifier=verifier)
    built_in = {question: assistant.invoke(Ask(question)) for question in questions}
    fit = {q: a for q, a in built_in.items() if sum(bool(c.citations) for c in a.claims) >= LEAST and len(a.citations) > 1}
    if not fit:
        raise LinjianError(f"No question of these finds {LEAST} sentences in two passages: name other QUESTIONS.")
    for longest, right, space in product((60, None), (True, False), ("", " ")):
        taken, length = [], []
        for question, answer in fit.items():  # the model streams what stands between spaces, piece by piece
            saying.append(space.join(sentences(answer, longest=longest, right=right)))
            length.append(len(saying[0]) / SENTENCES)
            taken.append(writing.invoke(Ask(question)).timings_ms["verify"])
        told = f"{mean(length):.0f} characters each{', at most 60' if longest else ''}, " \
               f"{'their own' if right else 'other'} passages cited, " \
               f"{'one by one' if space else 'at once'}"
        yield told, len(taken), median(taken), max(taken)


def time_check(pages: Path, questions: Path, encoder: Encoder, reranker: Reranker | None, verifier: Verifier) -> None:
    """Print a table of the times; LinjianError when the questions find too little."""
    asked = [case.question for case in read_cases(questions) if case.answerable and not case.history]
    with tempfile.TemporaryDirectory(prefix="linjian-eval-") as home:
        Corpus(Path(home), encoder).add([pages])
        index = SearchIndex.open(Path(home), encoder)
        started = time.perf_counter()
        print("| the eight sentences | questions | median ms | longest ms |\n|---|---|---|---|")
        for sentences_said, count_asked, middle, most in measure(index, reranker, verifier, asked):
            print(f"| {sentences_said} | {count_asked} | {middle:.0f} | {most:.0f} |", flush=True)
        print(f"\n{time.perf_counter() - started:.0f} s in all")
