"""The official `openai` client against the running server. Run: python -m pytest -q
tests/assistant/api/test_openai_chat.py"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from assistant.answer.markdown import MARKER
from assistant.types import Answer
from tests.fakes.api_server import Api, serving
from tests.fakes.chat_assistant import HOSTILE, HOSTILE_LINK, answer, citation

QUESTION = "纺机家属院每户每月交多少钱？"


@pytest.fixture(scope="module")
def api(letters_home: Path) -> Iterator[Api]:
    with serving(letters_home) as running:
        yield running


@pytest.fixture
def client(api: Api) -> Iterator[openai.OpenAI]:
    with httpx.Client(trust_env=False, timeout=60) as http, \
            openai.OpenAI(base_url=f"{api.url}/v1", api_key="none", max_retries=0, http_client=http) as made:
        yield made


def test_the_model_is_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["linjian"]
    assert client.models.retrieve("linjian") == client.models.list().data[0]
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("gpt-4o")
    assert caught.value.code == "model_not_found"


def test_a_conversation(api: Api, client: openai.OpenAI) -> None:
    said = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}]
    first = client.chat.completions.create(model="linjian", messages=said)
    message = first.choices[0].message
    whole = Answer.from_dict(first.linjian)
    assert (first.choices[0].finish_reason, first.object, whole.question) == ("stop", "chat.completion", QUESTION)
    for one in whole.citations:
        assert f"[{one.number}] " in message.content
    cited = [a.url_citation for a in message.annotations]
    assert cited
    assert {message.content[c.start_index: c.end_index] for c in cited} <= {f"[{c.number}]" for c in whole.citations}
    passage = httpx.get(api.url + cited[0].url, trust_env=False).json()
    assert passage["title"] in cited[0].title

    said += [{"role": "assistant", "content": message.content}, {"role": "user", "content": [{"type": "text", "text": "那边呢？"}]}]
    second = client.chat.completions.create(model="linjian", messages=said, temperature=0.2)
    assert second.choices[0].message.content
    (turn,) = api.assistant.histories[-1]
    assert turn.question == QUESTION
    assert turn.answer_gist
    assert not MARKER.search(turn.answer_gist)


def test_a_stream_says_the_same(client: openai.OpenAI) -> None:
    asked = {"model": "linjian", "messages": [{"role": "user", "content": QUESTION}]}
    whole = client.chat.completions.create(**asked).choices[0].message
    chunks = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == whole.content
    assert chunks[0].choices[0].delta.role == "assistant"
    last = chunks[-2]
    assert last.choices[0].finish_reason == "stop"
    assert [a["url_citation"]["url"] for a in last.choices[0].delta.annotations] == [a.url_citation.url for a in whole.annotations]
    assert (chunks[-1].choices, chunks[-1].usage.total_tokens) == ([], 0)


@pytest.mark.parametrize(("change", "error"), [
    ({"model": "other"}, openai.UnprocessableEntityError),
    ({"messages": [{"role": "system", "content": "x"}]}, openai.UnprocessableEntityError),
    ({"messages": [{"role": "user", "content": "问" * 1001}]}, openai.UnprocessableEntityError),
    ({"messages": [{"role": "user", "content": "崩溃"}]}, openai.InternalServerError),
], ids=["model", "no question", "too long", "bug"])
def test_errors_reach_the_client(client: openai.OpenAI, change: dict, error: type[openai.APIStatusError]) -> None:
    with pytest.raises(error) as raised:
        client.chat.completions.create(**{"model": "linjian", "messages": [{"role": "user", "content": QUESTION}], **change})
    assert raised.value.body["message"]


def test_an_error_within_a_stream_reaches_the_client(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(model="linjian", messages=[{"role": "user", "content": "崩溃"}], stream=True)
    with pytest.raises(openai.APIError, match="unforeseen"):
        list(stream)


def test_hostile_articles_stay_text() -> None:
    from assistant.api.openai_chat import content

    text, annotations = content(answer("?", text=f"{HOSTILE} {HOSTILE_LINK} ![1](http://example.com/a.png) [1] [2]",
                                       citations=(citation(1, "3-0", 0), citation(2, "3-0", 1))))
    assert "<script" not in text.replace("\\<", "")
    assert "](" not in text.replace("\\", "#")
    assert len(annotations) == 3
    assert all("://" not in a["url_citation"]["url"] for a in annotations)
