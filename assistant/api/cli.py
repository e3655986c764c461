"""`linjian mcp`: the tools on stdin and stdout, for a program on this machine that starts us."""

from __future__ import annotations

import asyncio

from assistant.api.tools import tools_server
from assistant.service.answering import Answering


def offer_tools(answering: Answering, version: str) -> int:
    """Serve the tools until stdin ends; nothing but the protocol is written to stdout."""
    asyncio.run(tools_server(answering, version).run_stdio_async())
    return 0
