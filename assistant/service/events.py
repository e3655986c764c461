"""What happens while questions are answered, as typed events; whoever keeps logs or counts subscribes to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.types import Answer, Ask


@dataclass(frozen=True, slots=True)
class Answered:
    """A question got its answer."""

    ask: Ask
    answer: Answer


Subscriber = Callable[[Answered], None]
"""Called in the thread that answers, in a copy of the asker's context."""
