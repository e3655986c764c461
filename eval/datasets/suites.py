"""Suites: questions, what they are asked about, and what counts as right. `open_suite` tells the formats apart.

To add a format: write a module beside these whose function returns a `Suite`, and give it a line in `FORMATS` and in
`_recognise`. See docs/evaluate.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eval.datasets.beir import read_beir
from eval.datasets.crud import read_crud
from eval.datasets.own import read_corpus, read_pages
from eval.datasets.rgb import read_rgb
from eval.datasets.squad import read_squad
from eval.datasets.types import Suite, SuiteError
from eval.datasets.validation import SuiteFaults


@dataclass(frozen=True, slots=True)
class Options:
    """What a suite may be told: its `pages`; RGB's share of `noise` and number of `passages`; the seed of what is drawn."""

    pages: Path | None = None
    noise: float = 0.0
    passages: int = 5
    seed: int = 0


FORMATS: dict[str, tuple[str, Callable[[Path, Options], Suite]]] = {
    "pages": (
        "a folder with questions.jsonl and articles/, or questions.jsonl and --pages DIR",
        lambda path, options: read_pages(*_page_parts(path, options)),
    ),
    "corpus": ("a folder with corpus.jsonl (or .gz) and questions.jsonl", lambda path, options: read_corpus(path)),
    "beir": ("a folder with corpus.jsonl, queries.jsonl and qrels/*.tsv", lambda path, options: read_beir(path)),
    "squad": ("SQuAD JSON: CMRC 2018, DRCD", lambda path, options: read_squad(path)),
    "rgb": (
        "RGB JSON lines, at --noise R with --passages N",
        lambda path, options: read_rgb(path, noise=options.noise, passages=options.passages, seed=options.seed),
    ),
    "crud": ("CRUD-RAG JSON", lambda path, options: read_crud(path)),
}
"""Name of a format -> what it looks like, and its loader."""


def open_suite(path: Path, options: Options | None = None, *, named: str | None = None) -> Suite:
    """Read the suite at `path`, in the format `named` or the one it looks like.

    Raises SuiteError when it looks like none, is malformed or holds no question.
    """
    options = options or Options()
    if not path.exists():
        raise SuiteError(f"There is no suite {str(path)!r}. Formats: linjian eval list")
    suite = FORMATS[named or _recognise(path, options)][1](path, options)
    if not suite.cases:
        raise SuiteError(f"{str(path)!r} holds no question. {SuiteFaults.hint}")
    return suite


def _page_parts(path: Path, options: Options) -> tuple[str, Path, Path]:
    """Return name, questions and pages of a suite over pages."""
    questions = path / "questions.jsonl" if path.is_dir() else path
    pages = options.pages or questions.parent / "articles"
    return (path.resolve().name if path.is_dir() else f"{path.resolve().parent.name}/{path.stem}"), questions, pages


def _recognise(path: Path, options: Options) -> str:
    if path.is_dir():
        held = {p.name.removesuffix(".gz") for p in path.iterdir()}
        if "queries.jsonl" in held:
            return "beir"
        if {"corpus.jsonl", "questions.jsonl"} <= held:
            return "corpus"
        if "questions.jsonl" in held:
            return "pages"
        raise SuiteError(
            f"{str(path)!r} looks like no suite: no questions.jsonl or queries.jsonl. Formats: linjian eval list"
        )
    first = path.read_bytes().lstrip(b"\xef\xbb\xbf \r\n\t").split(b"\n", 1)[0]
    try:
        row = json.loads(first)
    except (ValueError, RecursionError):
        row = None  # a JSON file of many lines
    if isinstance(row, dict) and "query" in row:
        return "rgb"
    if isinstance(row, dict) and "question" in row or options.pages:
        return "pages"
    try:
        whole = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, dict) and isinstance(whole.get("data"), list):
        return "squad"
    if isinstance(whole, dict) and any(name.startswith("questanswer_") for name in whole):
        return "crud"
    raise SuiteError(f"{str(path)!r} looks like no suite. Formats: linjian eval list; name one: --format NAME")
