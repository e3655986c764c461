"""`linjian ask`: one question, or a file of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TextIO

import typer

from assistant.commands.groups import day, lone_command, services
from index.errors import LinjianError, ReadError
from index.filters import UNBOUNDED, Filters

if TYPE_CHECKING:  # imports pydantic
    from assistant.types import Answer, Ask, Turn

ask = lone_command()


class Asks(Protocol):
    """What the commands need of an Assistant."""

    def invoke(self, input: Ask) -> Answer: ...


LoadAssistant = Callable[[], Asks]
"""Loading takes seconds, so it is put off until the input is checked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a batch."""

    id: str | int
    question: str
    history: tuple[Turn, ...] = ()


@ask.command()
def ask_questions(
    ctx: typer.Context,
    question: Annotated[str | None, typer.Argument(metavar="QUESTION")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the answer as JSON")] = False,
    history: Annotated[Path | None, typer.Option(metavar="FILE", help="JSON list of {question, answer_gist}")] = None,
    batch: Annotated[Path | None, typer.Option(metavar="QUESTIONS.jsonl", help="lines of {id, question, history}")] = None,
    out: Annotated[Path | None, typer.Option(metavar="ANSWERS.jsonl", help="where the answers of --batch go")] = None,
    place: Annotated[list[str], typer.Option(
        metavar="NAME", help="only about this place or one inside it; may be given several times")] = [],
    source: Annotated[list[str], typer.Option(
        metavar="NEWSPAPER", help="only printed in this newspaper; may be given several times")] = [],
    since: Annotated[str | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="only printed then or later")] = None,
    until: Annotated[str | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="only printed then or earlier")] = None,
) -> int:
    """Answer a question, or a file of questions."""
    if (question is None) == (batch is None):
        ctx.fail("give one QUESTION, or --batch QUESTIONS.jsonl")
    if (batch is None) != (out is None):
        ctx.fail("--batch QUESTIONS.jsonl and --out ANSWERS.jsonl belong together")
    if batch and (history or as_json):
        ctx.fail("--history and --json are for one QUESTION; a batch holds its own history and is JSON")
    if question is not None and not question.strip():
        ctx.fail("the QUESTION is empty")
    filters = Filters(tuple(place), tuple(source), since or "", until or "")
    if batch and filters:
        ctx.fail("--place, --source, --since and --until are for one QUESTION")
    given = services(ctx)
    if batch and out:
        return answer_batch(partial(given.load_assistant, given.settings.unhurried()), batch, out)
    load = partial(given.load_assistant, given.settings)
    return answer_one(load, str(question), history=history, filters=filters, as_json=as_json)


def answer_one(load: LoadAssistant, question: str, *, history: Path | None = None, filters: Filters = UNBOUNDED,
               as_json: bool = False) -> int:
    """Print the answer with its numbered sources, or its JSON. ReadError when the history is malformed."""
    from assistant.answer.plain_text import plain
    from assistant.types import Ask

    turns = read_history(history) if history else ()
    answer = load().invoke(Ask(question, turns, filters))
    print(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2) if as_json else plain(answer))
    return 0


def answer_batch(load: LoadAssistant, questions: Path, out: Path) -> int:
    """Answer a JSON Lines file into another, which appears only when every question is answered.

    Raises ReadError naming file, line and field at fault, and LinjianError when `out` cannot be written.
    """
    from tqdm import tqdm

    from assistant.types import Ask
    from index.progress import pace

    asked = read_questions(questions)
    target = out.resolve()
    if target == questions.resolve():
        raise LinjianError(f"--out {str(out)!r} is the file of the questions. Name another file.")
    with _replacing(target) as file:
        assistant = load()
        for item in tqdm(asked, desc="answering", unit="question", mininterval=pace()):
            row = {"id": item.id, **assistant.invoke(Ask(item.question, item.history)).to_dict()}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{len(asked)} answers in {out}")
    return 0


def read_questions(path: Path) -> list[Asked]:
    """Return the questions of a JSON Lines file: `id`, `question`, perhaps `history`; the rest is ignored."""
    asked: list[Asked] = []
    seen: set[str | int] = set()
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        row = _parse(line, where)
        if not isinstance(row, dict):
            raise ReadError(f'{where}: an object is needed, like {{"id": "q1", "question": "…"}}.')
        key, history = row.get("id"), row.get("history")
        if isinstance(key, bool) or not isinstance(key, str | int) or key == "":
            raise ReadError(f"{where}: field 'id' must be a text or a whole number.")
        if key in seen:
            raise ReadError(f"{where}: field 'id' repeats {key!r}; each question needs its own.")
        seen.add(key)
        turns = () if history is None else _turns(history, f"{where}: field 'history'")
        asked.append(Asked(key, _question(row, where), turns))
    if not asked:
        raise ReadError(f"{path} holds no question.")
    return asked


def read_history(path: Path) -> tuple[Turn, ...]:
    """Return the earlier turns in a JSON file: a list of {question, answer_gist}, oldest first."""
    return _turns(_parse(_text(path), str(path)), str(path))


def _turns(value: Any, where: str) -> tuple[Turn, ...]:
    if not isinstance(value, list) or not all(isinstance(turn, dict) for turn in value):
        raise ReadError(f'{where}: a list like [{{"question": "…", "answer_gist": "…"}}] is needed.')
    from assistant.types import Turn

    turns = []
    for number, turn in enumerate(value, 1):
        gist = turn.get("answer_gist", "")
        if not isinstance(gist, str):
            raise ReadError(f"{where}, turn {number}: field 'answer_gist' must be a text.")
        turns.append(Turn(_question(turn, f"{where}, turn {number}"), gist))
    return tuple(turns)


def _question(row: dict[str, Any], where: str) -> str:
    question = row.get("question")
    if not isinstance(question, str) or not question.strip():
        raise ReadError(f"{where}: field 'question' must be a text that is not empty.")
    return question


def _parse(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ReadError(f"{where}: is no JSON: {error}.") from None
    except RecursionError:
        raise ReadError(f"{where}: is nested too deeply.") from None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ReadError(f"{path}: cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ReadError(f"{path}, line {line}: is not UTF-8. Save the file as UTF-8.") from None


@contextmanager
def _replacing(target: Path) -> Iterator[TextIO]:
    """Open a file beside `target` that takes its place when the block succeeds, and else vanishes."""
    if target.exists() and not target.is_file():
        raise LinjianError(f"{str(target)!r} is no ordinary file. Name another: --out ANSWERS.jsonl")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        # Half of a surrogate pair, which JSON can hold, is written as JSON's own escape.
        file = part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise LinjianError(f"{str(target)!r} cannot be written: {error.strerror or error}.") from error
    try:
        with file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
