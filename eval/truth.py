"""The truth about newspaper pages: which articles stand on which lines, as a person took the pages apart.

A truth file is a JSON list with one object an article (docs/evaluate.md has the fields); a Markdown file may hold that
list in its last ```json block. Lines are counted from 1, columns too.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import ReadError

_MOST_FAULTS = 10
_BLOCK = re.compile(r"^```json\s*\n(.*?)^```", re.S | re.M)


@dataclass(frozen=True, slots=True)
class TruePlace:
    """What the sentence at `line` and `column` speaks about: `chain`, the widest place first, () for no place.

    Without a column it holds for every sentence that begins on the line.
    """

    line: int
    chain: tuple[str, ...]
    column: int | None = None


@dataclass(frozen=True, slots=True)
class TrueArticle:
    """One article of a page; every number is a line of the page's text."""

    id: str
    file: str
    start: int
    end: int
    headline: str | None
    """"" when it has none, None when the truth does not say."""
    kind: str
    label_lines: tuple[int, ...]
    caption_lines: tuple[int, ...]
    section_lines: tuple[int, ...]
    credit_lines: tuple[int, ...]
    joins: tuple[tuple[int, ...], ...]
    sentence_places: tuple[TruePlace, ...]

    @property
    def noise_lines(self) -> set[int]:
        """Lines that no passage may hold. The words to a photo that is an item of its own are its text."""
        captions = () if "photo" in self.kind else self.caption_lines
        return {*self.label_lines, *self.section_lines, *self.credit_lines, *captions}


def read_truth(path: Path) -> list[TrueArticle]:
    """Read a truth file; ReadError names the file, and the first faults by entry and field."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ReadError(f"the truth file {str(path)!r} cannot be read: {reason}.") from error
    if path.suffix.lower() == ".md":
        blocks = _BLOCK.findall(text)
        if not blocks:
            raise ReadError(f"{str(path)!r} holds no ```json block. See docs/evaluate.md for the layout.")
        text = blocks[-1]
    try:
        rows = json.loads(text)
    except json.JSONDecodeError as error:
        raise ReadError(f"{str(path)!r} is not JSON: {error}. See docs/evaluate.md for the layout.") from error
    if not isinstance(rows, list) or not rows:
        raise ReadError(f"{str(path)!r} must be a JSON list of articles. See docs/evaluate.md for the layout.")
    faults: list[str] = []
    articles = [_article(row, number, faults) for number, row in enumerate(rows, start=1)]
    seen: set[str] = set()
    for number, article in enumerate(articles, start=1):
        if article and article.id in seen:
            faults.append(f"entry {number}, field 'id': {article.id!r} stands there twice")
        seen.update([article.id] if article else [])
    if faults:
        more = f"\n  and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
        listed = "".join(f"\n  {fault}" for fault in faults[:_MOST_FAULTS])
        raise ReadError(f"{str(path)!r} is no truth file:{listed}{more}\nSee docs/evaluate.md for the layout.")
    return [article for article in articles if article]


def _article(row: Any, number: int, faults: list[str]) -> TrueArticle | None:
    known = len(faults)
    if not isinstance(row, dict):
        faults.append(f"entry {number}: must be an object, not {_short(row)}")
        return None

    def take(field: str, fits: Any, what: str, default: Any = None, *, needed: bool = False) -> Any:
        value = row.get(field)
        if value is None:
            if needed:
                faults.append(f"entry {number}, field {field!r}: is missing")
            return default
        if not fits(value):
            faults.append(f"entry {number}, field {field!r}: must be {what}, not {_short(value)}")
            return default
        return value

    def text(value: Any) -> bool:
        return isinstance(value, str)

    def lines(field: str) -> tuple[int, ...]:
        return tuple(take(field, _are_lines, "a list of line numbers", ()))

    article = TrueArticle(
        id=take("id", text, "text", "", needed=True), file=take("file", text, "the name of a page", "", needed=True),
        start=take("start", _is_line, "a line number from 1", 1, needed=True),
        end=take("end", _is_line, "a line number from 1", 1, needed=True),
        headline=take("headline", text, "text or null", "") if "headline" in row else None,
        kind=take("kind", text, "text", ""),
        label_lines=lines("label_lines"), caption_lines=lines("caption_lines"), section_lines=lines("section_lines"),
        credit_lines=lines("credit_lines"),
        joins=tuple(map(tuple, take("joins", _are_joins, "a list of lists of two or more line numbers", ()))),
        sentence_places=_places(row, number, faults),
    )
    if article.end < article.start:
        faults.append(f"entry {number}, field 'end': line {article.end} lies before 'start', line {article.start}")
    return article if len(faults) == known else None


def _places(row: dict[str, Any], number: int, faults: list[str]) -> tuple[TruePlace, ...]:
    found = []
    listed = row.get("sentence_places") or []
    for k, place in enumerate(listed if isinstance(listed, list) else [listed], start=1):
        chain = place.get("chain") if isinstance(place, dict) else None
        column = place.get("column") if isinstance(place, dict) else None
        fits = isinstance(chain, list) and all(isinstance(name, str) and name for name in chain)
        if not (fits and _is_line(place.get("line")) and (column is None or _is_line(column))):
            faults.append(f"entry {number}, field 'sentence_places', item {k}: must be "
                          f'{{"line": 1, "column": 1 (may be left out), "chain": ["…", "…"]}}, not {_short(place)}')
            continue
        found.append(TruePlace(place["line"], tuple(chain), column))
    return tuple(found)


def _is_line(value: Any) -> bool:
    return type(value) is int and value >= 1


def _are_lines(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_line, value))


def _are_joins(value: Any) -> bool:
    return isinstance(value, list) and all(_are_lines(join) and len(join) >= 2 for join in value)


def _short(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
