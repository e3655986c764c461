"""prompts: what a language model is asked, and what an answer itself says, in both languages. Imports nothing of ours."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # takes a second to import, and the built-in answerer needs none of it
    from langchain_core.prompts import ChatPromptTemplate


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one language.

    `library` is what is said of the articles as a whole. `cases` holds {count}, others {said} and {missing}; `kinds` names
    what can be asked for; `notice` holds {reason}, one of `reasons`.
    """

    colon: str
    separator: str
    listed: str
    cases: str
    compared: str
    refusal: str
    quoted: str
    off_topic: str
    nothing_selected: str
    too_vague: str
    spoken_of: str
    absent: str
    partly: str
    nearest: str
    kinds: Mapping[str, str]
    unchecked: str
    notice: str
    unread: str
    full_stop: str
    reasons: Mapping[str, str]
    library: Mapping[str, str]


@cache
def phrases(language: str) -> Phrases:
    """Return the phrases of "zh" or "en"; KeyError for another language."""
    path = Path(__file__).with_name("phrases.toml")
    return Phrases(**tomllib.loads(path.read_text(encoding="utf-8"))[language])


@cache
def chat_prompt(name: str, language: str) -> ChatPromptTemplate:
    """Return the prompt "answer" ({passages}, {question}) or "rewrite" ({earlier}, {gist}, {question}) in a language.

    The file holds what the system says, a line of ---, and what the user says. Only the file is a template: braces in the
    values are text.
    """
    from langchain_core.prompts import ChatPromptTemplate

    text = Path(__file__).with_name(f"{name}.{language}.txt").read_text(encoding="utf-8")
    system, _, human = text.partition("\n---\n")
    return ChatPromptTemplate([("system", system.strip()), ("human", human.strip())])
