"""The LangChain adapters, over a small index without a model. Run: python -m pytest tests/test_langchain.py"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda
from pydantic import ValidationError

from assistant.assistant import Assistant
from assistant.langchain import PassageRetriever, as_runnable
from assistant.types import Answer, Ask, Turn
from index.corpus import Corpus
from index.search import SearchIndex
from tests.fakes import HashEncoder

PAGES = Path(__file__).parents[1] / "examples" / "articles"
FILE = "09_baiteng_media_briefs.txt"
QUESTION = "其他社区是怎么处理无物业小区的？"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    home = tmp_path_factory.mktemp("home")
    Corpus(home, HashEncoder()).add([PAGES / FILE])
    return SearchIndex.open(home, HashEncoder())


@pytest.fixture(autouse=True)
def untraced(monkeypatch: pytest.MonkeyPatch) -> None:
    """langchain-core would report every run to a server when a developer has switched that on."""
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "false")


def test_passages_are_documents(index: SearchIndex) -> None:
    documents = PassageRetriever(index=index, k=3).invoke(QUESTION)
    found = index.search(QUESTION, 3)
    assert [(d.id, d.page_content, d.metadata["score"]) for d in documents] == [
        (r.passage.id, r.passage.text, r.score) for r in found
    ]
    text = (PAGES / FILE).read_text("utf-8")
    for document in documents:
        known = document.metadata
        assert set(known) == {"title", "source", "date", "place", "file", "start", "end", "score"}
        assert known["file"] == FILE
        assert text[known["start"] :].startswith(document.page_content[:5])
        assert text[: known["end"]].endswith(document.page_content[-5:])


def test_the_retriever_is_part_of_a_chain(index: SearchIndex) -> None:
    def titles(documents: list[Document]) -> str:
        return "\n".join(document.metadata["title"] for document in documents)

    chain = PassageRetriever(index=index, k=1) | RunnableLambda(titles)
    assert chain.invoke(QUESTION) == index.search(QUESTION, 1)[0].article.title


def test_k_is_checked(index: SearchIndex) -> None:
    with pytest.raises(ValidationError, match="k"):
        PassageRetriever(index=index, k=0)


def test_the_assistant_is_a_runnable(index: SearchIndex) -> None:
    assistant = Assistant(index)
    runnable = as_runnable(assistant)
    answer = runnable.invoke(QUESTION)
    assert isinstance(answer, Answer)
    assert answer.text == assistant.invoke(Ask(QUESTION)).text
    assert runnable.batch([QUESTION, "天气"])[0].text == answer.text


@pytest.mark.parametrize(
    "turn", [Turn("谁？", "轮值"), {"question": "谁？", "answer_gist": "轮值"}], ids=["turn", "mapping"]
)
def test_earlier_turns_are_handed_on(turn: Turn | dict[str, str]) -> None:
    asked: list[Ask] = []
    listening = RunnableLambda(asked.append)
    as_runnable(listening).invoke({"question": "收费多少？", "history": [turn]})
    as_runnable(listening).invoke({"question": "收费多少？", "history": None})
    assert asked == [Ask("收费多少？", (Turn("谁？", "轮值"),)), Ask("收费多少？")]
