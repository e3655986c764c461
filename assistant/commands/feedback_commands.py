"""`linjian feedback`: what people said of answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.groups import new_group, services

feedback = new_group("What people said of answers.")


@feedback.command("list")
def list_feedback(ctx: typer.Context) -> None:
    """List it, the earliest first."""
    from assistant.storage.feedback import FeedbackStore

    stored = FeedbackStore(services(ctx).home).all()
    for one in stored:
        verdict = ", ".join([one.feedback.verdict, *one.feedback.reasons])
        print(f"{one.id}  {one.feedback.given}  {one.owner}  {verdict}")
        print(f"    {_line(one.answer.question)}")
        if one.feedback.comment:
            print(f"    > {_line(one.feedback.comment)}")
    print(f"{len(stored)} in all")


@feedback.command()
def export(
    ctx: typer.Context, out: Annotated[Path, typer.Option(metavar="QUESTIONS.jsonl", help="the file to write")]
) -> None:
    """Write it as questions for the evaluation."""
    from assistant.storage.feedback import FeedbackStore
    from assistant.storage.feedback_questions import question_row
    from index.errors import Unwritable

    rows = [question_row(one) for one in FeedbackStore(services(ctx).home).all()]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    aside = out.with_name(f".{out.name}.part")
    try:
        aside.write_bytes(text.encode("utf-8", "replace"))
        aside.replace(out)
    except OSError as error:
        raise Unwritable(f"--out {str(out)!r} cannot be written: {error.strerror or error}.") from error
    unfinished = sum(bool(row["to_fill"]) for row in rows)
    print(f"{len(rows)} questions in {out}; {unfinished} have fields that a human must fill in first: see `to_fill` in each")


def _line(text: str) -> str:
    """Return `text` as one line in which nothing steers a terminal."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
