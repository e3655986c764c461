"""The command `linjian ask`: one question, or a file of them."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

from tqdm import tqdm

from assistant.answer.reference import reference, reprints
from assistant.types import Answer, Ask, Turn
from index.errors import LinjianError, ReadError
from index.filters import UNBOUNDED, Filters
from index.progress import pace


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


def ask(load: LoadAssistant, question: str, *, history: Path | None = None, filters: Filters = UNBOUNDED,
        as_json: bool = False) -> int:
    """Print the answer with its numbered sources, or its JSON. ReadError when the history is malformed."""
    turns = read_history(history) if history else ()
    answer = load().invoke(Ask(question, turns, filters))
    print(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2) if as_json else plain(answer))
    return 0


def ask_batch(load: LoadAssistant, questions: Path, out: Path) -> int:
    """Answer a JSON Lines file into another, which appears only when every question is answered.

    Raises ReadError naming file, line and field at fault, and LinjianError when `out` cannot be written.
    """
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


def plain(answer: Answer) -> str:
    """Return the answer's text, then each source: what it is, where it stands, and the quote."""
    parts = [*([answer.notice] if answer.notice else ()), answer.text]
    for c in answer.citations:
        head = f"[{c.number}] {reference(c, file=f'{c.file}:{c.start}-{c.end}')}"
        parts.append("\n    ".join(filter(None, [head, c.quote, reprints(c.also_in, answer.language)])))
    return "\n\n".join(parts)


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
