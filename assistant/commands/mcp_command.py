"""`linjian mcp`: the tools on stdin and stdout, for a program on this machine that starts us."""

from __future__ import annotations

import os
from functools import partial

import typer

from assistant.commands.groups import lone_command, services
from assistant.commands.serve_command import open_answering

mcp = lone_command()


@mcp.command()
def offer_tools(ctx: typer.Context) -> int:
    """Offer the articles as tools (Model Context Protocol).

    The tools are offered on stdin and stdout until stdin ends.
    """
    import asyncio

    from assistant.api.mcp_tools import tools_server
    from assistant.service.live import Live
    from index.search.versions import current

    given = services(ctx)
    settings = given.settings.side_by_side(os.cpu_count() or 1)
    current(settings.home)  # raises MissingIndex before the model is loaded
    with Live(settings.home, partial(given.assistants(settings, given.encoder(settings)), settings.home)) as live:
        asyncio.run(tools_server(open_answering(live, settings), given.version).run_stdio_async())
    return 0
