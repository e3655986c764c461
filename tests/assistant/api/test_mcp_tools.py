"""The official MCP client against the server (streamable HTTP) and against `linjian mcp` (stdio).

Run: python -m pytest -q tests/assistant/api/test_mcp_tools.py
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.fakes.api_server import Api, serving

QUESTION = "纺机家属院每户每月交多少钱？"
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def api(letters_home: Path) -> Iterator[Api]:
    with serving(letters_home) as running:
        yield running


async def converse(client: Client) -> None:
    """Hold the conversation that every transport must carry: look around, ask, search, read, err."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"ask", "search", "read_article"}
    assert all(tool.annotations.read_only_hint and tool.output_schema for tool in tools.values())

    asked = await client.call_tool("ask", {"question": QUESTION})
    assert not asked.is_error, asked.content
    answer = asked.structured_content
    assert answer["question"] == QUESTION
    assert all(f"[{c['number']}] " in asked.content[0].text for c in answer["citations"])

    turn = {"question": QUESTION, "answer_gist": answer["text"][:100]}
    again = await client.call_tool("ask", {"question": "那收费呢？", "history": [turn], "filters": {"since": "2020-01-01"}})
    assert not again.is_error, again.content

    found = await client.call_tool("search", {"query": "自管小组", "k": 3})
    hits = found.structured_content["results"]
    assert len(hits) == 3
    read = await client.call_tool("read_article", {"article_id": hits[0]["article_id"]})
    assert hits[0]["text"] in read.content[0].text.replace("\n", "")
    assert read.structured_content["title"] == hits[0]["title"]

    missing = await client.call_tool("read_article", {"article_id": "none"})
    assert missing.is_error
    assert "none" in missing.content[0].text
    wrong = await client.call_tool("search", {"query": "x", "k": 1000})
    assert wrong.is_error


def test_a_conversation_over_http(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    async def run() -> None:
        async with Client(f"{api.url}/mcp") as client:
            await converse(client)

    asyncio.run(run())


@pytest.mark.process
def test_a_conversation_over_stdio(examples_home: Path) -> None:
    environment = {"LINJIAN_HOME": str(examples_home), "LINJIAN_THREADS": "1", "LINJIAN_RERANKER": "off",
                   "PATH": os.environ["PATH"], "HF_HUB_OFFLINE": "1"}
    server = StdioServerParameters(command=sys.executable, args=["-m", "app", "mcp"], env=environment, cwd=ROOT)

    async def run() -> None:
        async with Client(stdio_client(server)) as client:
            await converse(client)

    asyncio.run(run())
