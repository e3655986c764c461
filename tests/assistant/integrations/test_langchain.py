"""What other people's LangChain code gets, over a small index without a model, and the standard suites of langchain-tests.

Run: python -m pytest -q tests/assistant/integrations/test_langchain.py
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.runnables import RunnableLambda
from langchain_tests.integration_tests import (
    ChatModelIntegrationTests,
    EmbeddingsIntegrationTests,
    RetrieversIntegrationTests,
    ToolsIntegrationTests,
)
from langchain_tests.unit_tests import ChatModelUnitTests, EmbeddingsUnitTests, ToolsUnitTests
from pydantic import ValidationError

from assistant.answer.calibration import Calibration
from assistant.assistant import Assistant
from assistant.evidence.reranker import Text, TextScores
from assistant.integrations.langchain.chat_model import ArticlesChatModel
from assistant.integrations.langchain.compressor import RerankerCompressor
from assistant.integrations.langchain.embeddings import EncoderEmbeddings
from assistant.integrations.langchain.retriever import PassageRetriever
from assistant.integrations.langchain.tools import article_tools
from assistant.types import Answer, Ask, Turn
from index.errors import LinjianError
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from index.search.filters import Filters
from tests.fakes.hash_encoder import HashEncoder

PAGES = Path(__file__).parents[3] / "examples" / "articles"
FILE = "09_baiteng_media_briefs.txt"
QUESTION = "其他社区是怎么处理无物业小区的？"
pytestmark = pytest.mark.anyio


@cache
def assistant() -> Assistant:
    """One for all: the standard suites make what they test without fixtures, so it cannot be one."""
    with TemporaryDirectory() as home:
        Corpus(Path(home), HashEncoder()).add([PAGES / FILE])
        return Assistant(SearchIndex.open(Path(home), HashEncoder()), calibration=replace(Calibration.load(), threshold=0.0))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def benchmark() -> Callable[..., object]:
    """The suites time the making of a chat model; here it is made."""
    return lambda make, *args, **options: make(*args, **options)


@pytest.fixture
def vcr() -> None:
    """Nothing is asked over a network, so nothing is recorded."""


@pytest.fixture
def snapshot() -> None:
    """Nothing of ours is stored by LangChain, so there is no picture of it."""


@pytest.fixture(autouse=True)
def untraced(monkeypatch: pytest.MonkeyPatch) -> None:
    """langchain-core would report every run to a server when a developer has switched that on."""
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "false")


# -- the standard suites ---------------------------------------------------------------------------------


class TestRetriever(RetrieversIntegrationTests):
    retriever_constructor = PassageRetriever
    retriever_query_example = QUESTION

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"assistant": assistant()}


class TestEmbeddingsUnit(EmbeddingsUnitTests):
    embeddings_class = EncoderEmbeddings
    embedding_model_params = {"encoder": HashEncoder()}  # noqa: RUF012 - as the suite has it


class TestEmbeddings(EmbeddingsIntegrationTests):
    embeddings_class = EncoderEmbeddings
    embedding_model_params = {"encoder": HashEncoder()}  # noqa: RUF012


class OneTool:
    @property
    def tool_constructor(self) -> Any:
        return article_tools(assistant())[0]

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return {"question": QUESTION}


class TestToolUnit(OneTool, ToolsUnitTests):
    pass


class TestTool(OneTool, ToolsIntegrationTests):
    pass


class OneChatModel:
    chat_model_class = ArticlesChatModel
    has_tool_calling = False
    has_structured_output = False
    returns_usage_metadata = False

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"assistant": assistant()}

    @property
    def standard_chat_model_params(self) -> dict[str, Any]:
        return {}


class TestChatModelUnit(OneChatModel, ChatModelUnitTests):
    pass


class TestChatModel(OneChatModel, ChatModelIntegrationTests):
    pass


# -- what the suites do not ask --------------------------------------------------------------------------


def test_passages_are_documents_that_stand_in_their_file() -> None:
    documents = PassageRetriever(assistant=assistant(), k=3).invoke(QUESTION)
    found = assistant().passages(QUESTION, 3)
    assert [(d.id, d.page_content, d.metadata["score"]) for d in documents] == [(r.passage.id, r.passage.text, r.score) for r in found]
    text = (PAGES / FILE).read_text("utf-8")
    for document in documents:
        known = document.metadata
        assert set(known) == {"article_id", "title", "source", "date", "place", "file", "start", "end", "score"}
        assert known["file"] == FILE
        assert text[known["start"]:].startswith(document.page_content[:5])
        assert text[:known["end"]].endswith(document.page_content[-5:])


def test_filters_bound_what_is_found_also_for_one_question_and_in_a_loop() -> None:
    place = next(s.chain[-1] for r in assistant().passages(QUESTION, 10) for s in r.passage.sentences if s.chain)
    nowhere, there = Filters(places=("无此地",)), Filters(places=(place,))
    retriever = PassageRetriever(assistant=assistant(), filters=nowhere)
    assert retriever.invoke(QUESTION) == []
    found = asyncio.run(retriever.ainvoke(QUESTION, filters=there, k=2))
    assert found == PassageRetriever(assistant=assistant(), filters=there, k=2).invoke(QUESTION)
    assert found


def test_the_retriever_is_part_of_a_chain() -> None:
    chain = PassageRetriever(assistant=assistant(), k=1) | RunnableLambda(lambda found: found[0].metadata["title"])
    assert chain.invoke(QUESTION) == assistant().passages(QUESTION, 1)[0].article.title


def test_k_is_checked() -> None:
    with pytest.raises(ValidationError, match="k"):
        PassageRetriever(assistant=assistant(), k=0)


class LengthReader:
    """A reader that takes the longest text for the best."""

    name = family = "length"

    def read(self, question: str, texts: Sequence[Text]) -> list[TextScores]:
        self.texts = list(texts)
        return [TextScores(float(sum(map(len, t.sentences))), (0.0,) * len(t.sentences), ()) for t in texts]


def test_the_reranker_keeps_the_best_documents() -> None:
    reader = LengthReader()
    documents = [Document("短。"), Document("很长的一句话。还有一句。", metadata={"title": "题", "place": "和顺"}), Document(""), Document("两个字。")]
    kept = asyncio.run(RerankerCompressor(reranker=reader, top_n=2).acompress_documents(documents, QUESTION))
    assert [(d.page_content, d.metadata["relevance_score"]) for d in kept] == [("很长的一句话。还有一句。", 12.0), ("两个字。", 4.0)]
    assert reader.texts[1] == Text("题", ("很长的一句话。", "还有一句。"), "和顺")
    assert "relevance_score" not in documents[1].metadata
    assert RerankerCompressor(reranker=reader).compress_documents([], QUESTION) == []


def test_the_tools_carry_what_they_found() -> None:
    ask, search, read = article_tools(assistant())
    answered = ask.invoke({"type": "tool_call", "id": "1", "name": ask.name, "args": {"question": QUESTION}})
    assert isinstance(answered.artifact, Answer)
    assert answered.artifact.text in answered.content
    found = search.invoke({"type": "tool_call", "id": "2", "name": search.name, "args": {"query": QUESTION, "k": 2}})
    first = found.artifact[0].metadata["article_id"]
    assert (len(found.artifact), first in found.content) == (2, True)
    whole = read.invoke({"type": "tool_call", "id": "3", "name": read.name, "args": {"article_id": first}})
    assert whole.artifact == assistant().index.article(first)
    assert found.artifact[0].metadata["title"] in whole.content


def test_the_chat_model_cites_in_blocks_and_streams_the_same_message() -> None:
    model, answer = ArticlesChatModel(assistant=assistant()), assistant().invoke(Ask(QUESTION))
    message = model.invoke(QUESTION)
    (block,) = message.content_blocks
    assert block["text"] == message.text == answer.text
    cited = {c.number: c for c in answer.citations}
    assert [block["text"][a["start_index"]:a["end_index"]] for a in block["annotations"]] == [f"[{n}]" for n in cited]
    for annotation, citation in zip(block["annotations"], cited.values(), strict=True):
        assert (annotation["type"], annotation["cited_text"], annotation["title"]) == ("citation", citation.quote, citation.title)
        assert annotation["extras"]["file"] == citation.file
    pieces = list(model.stream(QUESTION))
    streamed = sum(pieces[1:], pieces[0])
    assert len(pieces) > len(cited)
    (whole,) = streamed.content_blocks
    assert (whole["text"], len(whole["annotations"])) == (block["text"], len(block["annotations"]))
    assert streamed.response_metadata == message.response_metadata


def test_the_chat_model_asks_the_last_question_after_its_turns() -> None:
    asked: list[Ask] = []

    class Listening(Assistant):
        def invoke(self, input: Ask, config: Any = None, **kwargs: Any) -> Answer:
            asked.append(input)
            return super().invoke(input, config, **kwargs)

    model = ArticlesChatModel(assistant=Listening(assistant().index))
    model.invoke([SystemMessage("只说好话"), HumanMessage("谁？"), AIMessage("轮值[1]"), HumanMessage("收费多少？")])
    assert asked == [Ask("收费多少？", (Turn("谁？", "轮值"),))]
    with pytest.raises(LinjianError, match="no question"):
        model.invoke([SystemMessage("只说好话")])
