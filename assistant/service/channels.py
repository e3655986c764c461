"""The channels that questions come in by, and the beginnings of the paths that belong to them."""

from __future__ import annotations

REST, OPENAI, MCP = "/api/", "/v1/", "/mcp"
CHANNELS = {REST: "api", OPENAI: "openai", MCP: "mcp"}
"""What a path begins with, and the name of the channel there; any other path is the chat's."""
FOR_PROGRAMS = (*CHANNELS, "/gradio_api/", "/metrics")
"""Beginnings of the paths where errors are JSON even to a browser."""


def channel_of(path: str) -> str:
    """Return the name of the channel that a request came in by."""
    return next((name for start, name in CHANNELS.items() if path.startswith(start)), "chat")
