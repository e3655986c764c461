"""The field's glossary: other wordings, in Chinese and English, for what a question asks about.

`glossary.toml` beside this module is meant to be edited; a file of the same form can be set in its place. Expansion is
additive: it lets a question find articles that use another word, and never removes one of its own words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import ReadError
from index.text.normalize import fold

BUNDLED = Path(__file__).with_name("glossary.toml")


_SPELLINGS = (
    (re.compile(r"(?<=..)our(?=$|ed$|ing$|hood$|ly$)"), "or"),
    (re.compile(r"(?<=[a-z]{2}t)re$"), "er"),
    (re.compile(r"(?<=..)is(?=e$|ed$|ing$|ation$)"), "iz"),
    (re.compile(r"^program(?:me)?$"), "program"),
    (re.compile(r"^ageing$"), "aging"),
)
"""British and American spelling; that 'four' or 'noise' change too does no harm, as both sides do."""

TELLING = 2
"""Topics up to which a word is telling: 食堂 is said of canteens only, 老人 of a dozen things."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing the field speaks about: Chinese wordings (the standard term first) and English ones.

    `group` is the Chinese and the English name of what it belongs to, both "" where the glossary says nothing.
    """

    zh: tuple[str, ...]
    en: tuple[str, ...]
    group: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Match:
    """A topic that a text mentions, and the wording it used (folded)."""

    topic: Topic
    wording: str


class Glossary:
    """Finds the topics that a text mentions; read-only."""

    def __init__(self, topics: list[Topic]) -> None:
        # Longest first, so that a wording is found as itself and not as a shorter one inside it.
        wordings = [(_form(wording), topic) for topic in topics for wording in (*topic.zh, *topic.en)]
        self._wordings = sorted(wordings, key=lambda pair: -len(pair[0]))
        self._beginning: dict[str, list[int]] = {}
        for n, (wording, _) in enumerate(self._wordings):
            self._beginning.setdefault(wording[:2], []).append(n)

    def near(self, words: Iterable[str]) -> list[Match]:
        """Return the topics that have one of `words` inside a wording, for words so telling that only few topics do."""
        found: dict[int, Match] = {}
        for word in words:
            form = _form(word)
            topics = {id(topic): topic for wording, topic in self._wordings if len(form) >= 2 and form in wording}
            if len(topics) <= TELLING:
                found |= {key: Match(topic=topic, wording=form) for key, topic in topics.items()}
        return list(found.values())

    @classmethod
    def load(cls, path: Path = BUNDLED) -> Glossary:
        """Read a glossary; ReadError names the file and what is wrong in it."""
        try:
            rows = tomllib.loads(path.read_text(encoding="utf-8"))["topic"]
            return cls(list(_topics(rows)))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ReadError(
                f"glossary {str(path)!r}: {error!r}; each [[topic]] needs a list 'zh' and may have a list 'en'; "
                "'group' is a Chinese and an English name."
            ) from error

    def find(self, text: str) -> list[Match]:
        """Return the topics mentioned in `text`, each once, in the order of the text.

        A wording that only stands inside a longer one does not count.
        """
        form = _form(text)
        taken: list[tuple[int, int]] = []
        found: dict[int, tuple[int, Match]] = {}
        held = {n for i in range(len(form)) for key in (form[i], form[i:i + 2]) for n in self._beginning.get(key, ())
                if form.startswith(self._wordings[n][0], i)}
        for wording, topic in (self._wordings[n] for n in sorted(held)):
            if id(topic) in found:
                continue
            start = form.find(wording)
            while start >= 0 and any(a <= start and start + len(wording) <= b for a, b in taken):
                start = form.find(wording, start + 1)
            if start >= 0:
                taken.append((start, start + len(wording)))
                found[id(topic)] = (start, Match(topic=topic, wording=wording.strip()))
        return [match for _, match in sorted(found.values(), key=lambda pair: pair[0])]


def _topics(rows: list[dict[str, Any]]) -> Iterator[Topic]:
    """Yield the topics; one with a `group` opens it for those after it."""
    group = ("", "")
    for row in rows:
        if "group" in row:
            zh, en = _wordings(row["group"])
            group = zh, en
        yield Topic(zh=_wordings(row["zh"]), en=_wordings(row.get("en", [])), group=group)


def _wordings(listed: list[str]) -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(isinstance(wording, str) and wording.strip() for wording in listed):
        raise TypeError(f"{listed!r} is no list of wordings")
    return tuple(listed)


def _form(text: str) -> str:
    """Return `text` in the form that is compared: folded, each English word in its plain form between spaces."""
    spaced = re.sub(r"[a-z0-9']+", lambda word: f" {_plain(word[0])} ", fold(text).replace("\u2019", "'"))
    return re.sub(r"[\s_/-]+", " ", spaced)


def _plain(word: str) -> str:
    """Return an English word in the singular and in American spelling; "" for an article."""
    word = word.removesuffix("'s").replace("'", "")
    if word in ("a", "an", "the"):
        return ""
    if re.search(r"[a-z]{3}ies$", word):
        word = word[:-3] + "y"
    elif re.search(r"[a-z]{2}[a-rt-z]s$", word):
        word = word[:-1]
    for british, american in _SPELLINGS:
        word = british.sub(american, word)
    return word
