"""The assistant as a LangChain runnable: its steps by name, what LangChain makes of it, and what that costs.

Run: python -m pytest -q tests/assistant/test_steps.py
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import FakeListChatModel
from langchain_core.runnables import RunnableLambda
from langsmith.utils import get_env_var, tracing_is_enabled

from assistant.answer.calibration import Calibration
from assistant.answer.case_weights import CaseWeights
from assistant.assistant import Assistant
from assistant.llm.model import LanguageModel
from assistant.types import Answer, Ask, Draft
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from tests.fakes.hash_encoder import HashEncoder

PAGES = sorted((Path(__file__).parents[2] / "examples" / "articles").iterdir())[:3]
QUESTION = Ask("纺机家属院没物业，一家一个月交多少钱")
FOUND = ["complete", "search", "rerank", "answerable", "compose or refuse"]
ANSWERING = {"calibration": replace(Calibration.load(), threshold=0.0), "case_weights": replace(CaseWeights.load(), bar=0.0)}
DEAREST = 2.0
"""Milliseconds that the steps may cost an answer."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    home = tmp_path_factory.mktemp("home")
    Corpus(home, HashEncoder()).add(PAGES)
    return SearchIndex.open(home, HashEncoder())


@pytest.fixture(scope="module")
def assistant(index: SearchIndex) -> Assistant:
    return Assistant(index, **ANSWERING)


@pytest.fixture
def tracing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on some developers' machines: langchain-core would send every run to a server."""
    get_env_var.cache_clear()
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGSMITH_ENDPOINT", "http://127.0.0.1:9")
    yield
    get_env_var.cache_clear()


def timeless(answer: Answer) -> Answer:
    return replace(answer, timings_ms={})


class Names(BaseCallbackHandler):
    """Collects the names of the runs, in order."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.traced = False

    def on_chain_start(self, *_: object, name: str, **__: object) -> None:
        self.names.append(name)
        self.traced |= bool(tracing_is_enabled())

    def on_chat_model_start(self, *_: object, **__: object) -> None:
        self.names.append("model")


def test_callbacks_see_the_steps_in_order(assistant: Assistant) -> None:
    seen = Names()
    assistant.invoke(QUESTION, {"callbacks": [seen]})
    assert seen.names == ["linjian", "steps", *FOUND, "compose"]


def test_with_a_language_model_it_writes_and_its_words_are_verified(index: SearchIndex) -> None:
    seen, chat = Names(), FakeListChatModel(responses=["每户每月20元。[1]"])
    answer = Assistant(index, **ANSWERING, model=LanguageModel(chat, name="said")).invoke(QUESTION, {"callbacks": [seen]})
    assert sorted(seen.names) == sorted(["linjian", "steps", *FOUND, "compose", "write", "model", "verify"])
    assert [*answer.timings_ms][-2:] == ["write", "verify"]


def test_one_answer_whichever_way_it_is_asked_for(assistant: Assistant) -> None:
    answer = timeless(assistant.invoke(QUESTION))

    async def asynchronous() -> list[Answer]:
        *drafts, last = [step async for step in assistant.astream(QUESTION)]
        assert all(isinstance(draft, Draft) for draft in drafts)
        assert drafts[-1].text == last.text
        return [last, await assistant.ainvoke(QUESTION), *await assistant.abatch([QUESTION])]

    *_, streamed = assistant.stream(QUESTION)
    chained = (RunnableLambda(Ask) | assistant).invoke(QUESTION.question)
    every = [streamed, chained, *assistant.batch([QUESTION, QUESTION]), *asyncio.run(asynchronous())]
    assert [timeless(one) for one in every] == [answer] * 7


@pytest.mark.usefixtures("tracing")
def test_no_run_is_sent_away(assistant: Assistant) -> None:
    seen = Names()
    config = {"callbacks": [seen]}
    assistant.invoke(QUESTION, config)
    assistant.batch([QUESTION], config)
    assistant.find(QUESTION, config)
    assert tracing_is_enabled()
    assert seen.names
    assert not seen.traced


def test_events_name_the_steps_and_carry_the_drafts(assistant: Assistant) -> None:
    async def events() -> list[tuple[str, str, object]]:
        return [(e["event"], e["name"], e["data"].get("chunk")) async for e in assistant.astream_events(QUESTION)]

    happened = asyncio.run(events())
    assert [name for event, name, _ in happened if event == "on_chain_start"] == ["linjian", "steps", *FOUND, "compose"]
    *drafts, last = [chunk for event, name, chunk in happened if event == "on_chain_stream" and name == "linjian"]
    assert drafts[-1] == Draft(last.text)


def test_a_stream_that_is_closed_stops_the_language_model(index: SearchIndex) -> None:
    ended: list[str] = []

    class Endless(FakeListChatModel):
        def _stream(self, *args: object, **options: object) -> Iterator:
            try:
                while True:
                    yield from super()._stream(*args, **options)
                    time.sleep(0.01)
            finally:
                ended.append("model")

    chat = Endless(responses=["每户每月20元。[1]一年一变。"])
    steps = Assistant(index, **ANSWERING, model=LanguageModel(chat, name="endless")).stream(QUESTION)
    assert isinstance(next(steps), Draft)
    steps.close()
    until = time.monotonic() + 10
    while not ended and time.monotonic() < until:
        time.sleep(0.01)
    assert ended == ["model"]


class EmptyIndex:
    """An index of no article, so that little but the steps themselves takes time."""

    version, encoder = "0", HashEncoder()

    def articles(self) -> list:
        return []

    def rarity(self, term: str) -> float:
        return 1.0

    def is_printed(self, term: str) -> bool:
        return False

    def search(self, query: str, k: int = 10, **_: object) -> list:
        return []


def test_the_steps_cost_little_over_plain_calls() -> None:
    """Processor time: what else this machine does is no part of it."""
    assistant = Assistant(EmptyIndex())
    *before, say = [step.func for step in assistant.steps.steps]

    def plain() -> object:
        state = QUESTION
        for step in before:
            state = step(state)
        return say(state).func(state)

    def cost(call: Callable[[], object]) -> float:
        started = time.thread_time()
        call()
        return (time.thread_time() - started) * 1000

    assistant.invoke(QUESTION)
    beyond = median(cost(lambda: assistant.invoke(QUESTION)) - cost(plain) for _ in range(200))
    assert beyond < DEAREST
