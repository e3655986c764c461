"""The field's glossary: other wordings, in Chinese and English, for what a question asks about.

`glossary.toml` beside this module is meant to be edited; a file of the same form can be set in its place. Expansion is
additive: it lets a question find articles that use another word, and never removes one of its own words.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from index.errors import ReadError
from index.terms import fold

BUNDLED = Path(__file__).with_name("glossary.toml")


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing the field speaks about: Chinese wordings (the standard term first) and English ones."""

    zh: tuple[str, ...]
    en: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A topic that a text mentions, and the wording it used (folded)."""

    topic: Topic
    wording: str


class Glossary:
    """Finds the topics that a text mentions; read-only."""

    def __init__(self, topics: list[Topic]) -> None:
        # Longest first, so that a wording is found as itself and not as a shorter one inside it.
        pairs = sorted(((_form(w), topic) for topic in topics for w in (*topic.zh, *topic.en)), key=lambda p: -len(p[0]))
        self._wordings = pairs

    @classmethod
    def load(cls, path: Path = BUNDLED) -> Glossary:
        """Read a glossary; ReadError names the file and what is wrong in it."""
        try:
            rows = tomllib.loads(path.read_text(encoding="utf-8"))["topic"]
            return cls([Topic(zh=tuple(row["zh"]), en=tuple(row.get("en", ()))) for row in rows])
        except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise ReadError(f"glossary {str(path)!r}: {error!r}; each [[topic]] needs a list 'zh' and may have 'en'.") from error

    def find(self, text: str) -> list[Match]:
        """Return the topics mentioned in `text`, each once, in the order of the text; overlapping wordings: the longest."""
        form = _form(text)
        taken: list[tuple[int, int]] = []
        found: dict[int, tuple[int, Match]] = {}
        for wording, topic in self._wordings:
            start = form.find(wording)
            if start < 0:
                continue
            end = start + len(wording)
            inside = any(a <= start and end <= b for a, b in taken)
            if inside or id(topic) in found:
                continue
            taken.append((start, end))
            found[id(topic)] = (start, Match(topic=topic, wording=wording))
        return [match for _, match in sorted(found.values(), key=lambda pair: pair[0])]


def _form(text: str) -> str:
    """Return `text` in the form that is compared: folded, and English words between spaces, in the singular."""
    folded = fold(text).replace("\u2019", "'")
    if not re.search(r"[a-z]", folded):
        return folded
    plain = re.sub(r"(?<=[a-z]{3})ies\b", "y", re.sub(r"'s?\b|'", "", re.sub(r"[-_/]", " ", folded)))
    plain = re.sub(r"(?<=[a-z]{2}[a-rt-z])s\b", "", plain)
    return re.sub(r"([a-z0-9]+)", r" \1 ", plain).replace("  ", " ").strip(" ") if not plain.isascii() else " " + " ".join(
        re.findall(r"[a-z0-9]+", plain)) + " "
