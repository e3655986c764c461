"""Who is asking: the one answer of the guard that routes, pages and logs rely on.

The guard puts a `Caller` into the ASGI scope's state; everything behind it asks `caller_of`, never the headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

STATE = "caller"
"""Key of the caller in `scope["state"]` (Starlette's `request.state.caller`)."""
SCOPES = ("read", "openai", "mcp", "metrics")
"""What a key can be for: questions and articles, the OpenAI-compatible routes, MCP, metrics."""


class Role(IntEnum):
    """What a caller may do; each may also do what those before it may. NOBODY may only ask to be let in."""

    NOBODY = 0
    READER = 1
    LIBRARIAN = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """`kind` is how the caller was recognised, `name` who it is within that kind: a user, a key, `SITE/SESSION` of a site.

    So each visitor of an embedding page has a name, hence limits and a history, of their own.
    """

    kind: Literal["local", "user", "key", "site", "guest"]
    name: str
    role: Role

    @property
    def id(self) -> str:
        """The name under which limits, histories and logs are kept."""
        return f"{self.kind}:{self.name}"


LOCAL = Caller("local", "local", Role.ADMIN)
"""Everybody, where the server is for one machine only and nobody signs in."""

GUEST = Caller("guest", "guest", Role.NOBODY)
"""Whoever asks for what strangers may have: the sign-in page, a health check, the widget's script."""


def caller_of(scope: Mapping[str, Any]) -> Caller:
    """Return who sent this request; KeyError when no guard stood before it, which is a bug."""
    return scope["state"][STATE]
