"""The truth about newspaper pages: which articles stand on which lines, as a person took the pages apart.

A truth file is a JSON list with one object an article (docs/evaluate.md has the fields); a Markdown file may hold that
list in its last ```json block. Lines are counted from 1, columns too.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from eval.datasets.validation import SuiteFaults
from index.errors import ReadError
from index.files.json_rows import SHOWN

_BLOCK = re.compile(r"^```json\s*\n(.*?)^```", re.S | re.M)
Line = Annotated[int, Field(ge=1)]
Lines = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class TruePlace:
    """What the sentence at `line` and `column` speaks about: `chain`, the widest place first, () for no place.

    Without a column it holds for every sentence that begins on the line.
    """

    line: Line
    chain: tuple[Annotated[str, Field(min_length=1)], ...]
    column: Line | None = None


@dataclass(frozen=True, slots=True)
class TrueArticle:
    """One article of a page; every number is a line of the page's text."""

    id: str
    file: str
    start: Line
    end: Line
    headline: Annotated[str | None, BeforeValidator(lambda written: "" if written is None else written)] = None
    """"" when it has none, None when the truth does not say."""
    kind: str = ""
    label_lines: Lines = ()
    caption_lines: Lines = ()
    section_lines: Lines = ()
    credit_lines: Lines = ()
    joins: tuple[Annotated[Lines, Field(min_length=2)], ...] = ()
    sentence_places: tuple[TruePlace, ...] = ()

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
            raise ReadError(f"{str(path)!r} holds no ```json block. {SuiteFaults.hint}")
        text = blocks[-1]
    try:
        articles = _list_of_articles().validate_json(text, strict=True)
        faults = [f"entry {n}, field 'end': line {article.end} lies before 'start', line {article.start}"
                  for n, article in enumerate(articles, start=1) if article.end < article.start]
        ids = [article.id for article in articles]
        faults += [f"entry {n}, field 'id': {name!r} stands there twice"
                   for n, name in enumerate(ids, start=1) if name in ids[:n - 1]]
    except ValidationError as error:
        faults = [_told(fault) for fault in error.errors(include_url=False)]
    if not faults and not articles:
        faults = ["it must be a list of articles"]
    if faults:
        more = f"\n  and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        listed = "".join(f"\n  {fault}" for fault in faults[:SHOWN])
        raise ReadError(f"{str(path)!r} is no truth file:{listed}{more}\n{SuiteFaults.hint}")
    return articles


@cache
def _list_of_articles() -> TypeAdapter[list[TrueArticle]]:
    return TypeAdapter(list[TrueArticle])


def _told(fault: Any) -> str:
    """Return where a fault is, what is wanted there, and what is there."""
    number, *way = fault["loc"] or ("",)
    shown = json.dumps(fault["input"], ensure_ascii=False)
    what = f"{fault['msg']}, not {shown if len(shown) <= 40 else f'{shown[:39]}…'}"
    if number == "":
        return what
    field = "".join(f", item {part + 1}" if isinstance(part, int) else f", field {part!r}" for part in way)
    return f"entry {number + 1}{field}: {what}"
