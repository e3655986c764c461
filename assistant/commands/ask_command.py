"""`linjian ask`: one question, or a file of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, TextIO

import typer

from assistant.commands.groups import day, lone_command, services
from index.errors import LinjianError
from index.messages import printable
from index.search.filters import UNBOUNDED, Filters

if TYPE_CHECKING:  # imports pydantic
    from assistant.types import Answer, Ask

ask = lone_command()


class Asks(Protocol):
    """What the commands need of an Assistant."""

    def invoke(self, input: Ask) -> Answer: ...


LoadAssistant = Callable[[], Asks]
"""Loading takes seconds, so it is put off until the input is checked."""


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
    from assistant.answer.reference import plain_text
    from assistant.question.question_files import read_history
    from assistant.types import Ask

    turns = read_history(history) if history else ()
    answer = load().invoke(Ask(question, turns, filters))
    text = json.dumps(answer.to_dict(), ensure_ascii=False, indent=2) if as_json else plain_text(answer)
    print(printable(text))
    return 0


def answer_batch(load: LoadAssistant, questions: Path, out: Path) -> int:
    """Answer a JSON Lines file into another, which appears only when every question is answered.

    Raises ReadError naming file, line and field at fault, and LinjianError when `out` cannot be written.
    """
    from tqdm import tqdm

    from assistant.question.question_files import read_questions
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
