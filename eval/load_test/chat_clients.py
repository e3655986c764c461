"""Conversations through the chat page's own interface, for `linjian eval load --chat`.

Clients hold one of a few conversations, each of which was held alone before: what was said then must be said again,
whoever else is asking meanwhile. An answer that says that it was not read closely, because many wait, cannot be the same,
nor need those that follow it be.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from index.text.language import language_of
from prompts.prompt_loader import phrases

CONVERSATION = 10
"""Questions of one conversation."""
DISTINCT = 4
"""Different conversations: each costs a run alone, to know what is to be said."""


@dataclass(slots=True)
class ClientConversation:
    """One conversation: replies in order, the seconds each took, and what went wrong."""

    replies: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    unread: int = 0


def conversation(questions: Sequence[str], number: int) -> list[str]:
    """Return the questions of conversation `number` modulo DISTINCT: none is in two of them while there are enough."""
    first = number % DISTINCT * CONVERSATION
    return [questions[(first + n) % len(questions)] for n in range(CONVERSATION)]


async def converse(client: httpx.AsyncClient, questions: Sequence[str], patience: float,
                   expected: Sequence[str] = ()) -> ClientConversation:
    """Ask `questions` in one session; what is shown must be exactly this conversation, and say what is `expected`."""
    talk, session = ClientConversation(), uuid.uuid4().hex
    for n, question in enumerate(questions):
        begun = time.monotonic()
        try:
            shown = await _ask(client, question, session, patience)
        except (httpx.HTTPError, ValueError, LookupError) as error:
            talk.statuses["error"] += 1
            talk.wrong.append(f"{question}: {type(error).__name__}")
            return talk
        talk.statuses["200"] += 1
        talk.seconds.append(time.monotonic() - begun)
        talk.replies.append(shown[-1][1])
        asked = [text for role, text in shown if role == "user"]
        if [_bare(text) for text in asked] != [_bare(text) for text in questions[: n + 1]]:
            talk.wrong.append(f"{question}: shown beneath {asked}")
        if phrases(language_of(question)).unread in talk.replies[n]:
            talk.unread += 1
        elif expected and not talk.unread and talk.replies[n] != expected[n]:
            talk.wrong.append(f"{question}: {talk.replies[n][:200]}")
    return talk


async def _ask(client: httpx.AsyncClient, question: str, session: str, patience: float) -> list[tuple[str, str]]:
    """Return the whole conversation as it is shown when the answer is complete: role and text of each message."""
    begun = await client.post("/gradio_api/call/ask", json={"data": [question], "session_hash": session}, timeout=patience)
    begun.raise_for_status()
    event, data = "", ""
    async with client.stream("GET", f"/gradio_api/call/ask/{begun.json()['event_id']}", timeout=patience) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: ") and event in ("complete", "error"):
                data = line.removeprefix("data: ")
    if event != "complete":
        raise ValueError(event)
    return messages_in(json.loads(data))


def messages_in(outputs: Sequence[Any]) -> list[tuple[str, str]]:
    """Return role and text of each message of the chatbot among the outputs; LookupError when there is none."""
    for value in outputs:
        if isinstance(value, list) and value and all(isinstance(row, dict) and "role" in row for row in value):
            return [(row["role"], _text(row["content"])) for row in value]
    raise LookupError("no conversation among the outputs")


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def _bare(text: str) -> str:
    """Return a question without what Markdown's escapes add to it."""
    return re.sub(r"[\\\s]|&[a-z#0-9]+;", "", text)
