"""A conversation as other programs hold it, as the question to be asked: the last one, after the turns before it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from assistant.answer.markdown import without_markers
from assistant.question.limits import GIST, LONGEST_QUESTION, REMEMBERED_TURNS
from assistant.types import Ask, Turn

SPOKEN = ("assistant", "ai")
"""Roles of what was answered; OpenAI and LangChain name it differently."""


def ask_of(messages: Sequence[tuple[str, str]]) -> Ask | None:
    """Return the last message of the role "user", after its turns, of (role, text) pairs; None when there is none."""
    asked = [n for n, (role, _) in enumerate(messages) if role == "user"]
    if not asked:
        return None
    turns = []
    for n, after in pairwise(asked):
        said = next((text for role, text in messages[n + 1: after] if role in SPOKEN), "")
        turns.append(Turn(messages[n][1][:LONGEST_QUESTION], " ".join(without_markers(said).split())[:GIST]))
    return Ask(messages[asked[-1]][1], tuple(turns[-REMEMBERED_TURNS:]))
