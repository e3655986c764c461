"""`linjian mcp`: the tools on stdin and stdout, for a program on this machine that starts us."""

from __future__ import annotations

import asyncio

from assistant.api.answering import Answering, Assistant
from assistant.api.tools import tools_server
from assistant.slots import Slots


def offer_tools(assistant: Assistant, *, version: str, answers_at_once: int, timeout: float) -> int:
    """Serve the tools until stdin ends; nothing but the protocol is written to stdout."""
    answering = Answering(assistant, Slots(answers_at_once), threads=answers_at_once, seconds=timeout)
    asyncio.run(tools_server(answering, version).run_stdio_async())
    answering.close()
    return 0
