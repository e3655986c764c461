"""The commands of `linjian feedback`. What they need is imported when they run: `linjian --help` stays quick."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.store.types import Given

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

Home = Callable[[argparse.Namespace], Path]


def add_commands(commands: Commands, home: Home) -> None:
    """Add the commands below `linjian feedback`; `home` returns the folder of the data from the parsed arguments."""
    commands.add_parser("list", help="list it, the earliest first").set_defaults(run=lambda args: _list(home(args)))
    export = commands.add_parser("export", help="write it as questions for the evaluation")
    export.add_argument("--out", type=Path, required=True, metavar="QUESTIONS.jsonl", help="the file to write")
    export.set_defaults(run=lambda args: _export(home(args), args.out))


def _given(home: Path) -> list[Given]:
    from assistant.store.feedback import FeedbackStore

    return FeedbackStore(home).all()


def _list(home: Path) -> int:
    given = _given(home)
    for one in given:
        said = ", ".join([one.feedback.verdict, *one.feedback.reasons])
        print(f"{one.id}  {one.feedback.given}  {one.owner}  {said}")
        print(f"    {_line(one.answer.question)}")
        if one.feedback.comment:
            print(f"    > {_line(one.feedback.comment)}")
    print(f"{len(given)} in all")
    return 0


def _line(text: str) -> str:
    """Return `text` as one line in which nothing steers a terminal."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def _export(home: Path, out: Path) -> int:
    from assistant.store.questions import question_row
    from index.errors import Unwritable

    rows = [question_row(one) for one in _given(home)]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    aside = out.with_name(f".{out.name}.part")
    try:
        aside.write_bytes(text.encode("utf-8", "replace"))
        aside.replace(out)
    except OSError as error:
        raise Unwritable(f"--out {str(out)!r} cannot be written: {error.strerror or error}.") from error
    unfinished = sum(bool(row["to_fill"]) for row in rows)
    print(f"{len(rows)} questions in {out}; {unfinished} have fields that a human must fill in first: see `to_fill` in each")
    return 0
