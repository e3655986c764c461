"""The commands of `linjian eval`. What measures is imported when its command runs: `linjian --help` stays quick."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from eval.bench import Tools, add_bench_commands

if TYPE_CHECKING:
    from collections.abc import Callable

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

BAD_INPUT = 2
"""Exit status when a suite or truth file is at fault, as of wrong usage."""


def add_commands(commands: Commands, tools: Tools) -> None:
    """Add the commands below `linjian eval`; each sets `run`, a function of the parsed arguments."""
    add_bench_commands(commands, tools, _told)
    pages = commands.add_parser("pages", help="score how newspaper pages are taken apart into articles")
    pages.add_argument("truth", type=Path, metavar="TRUTH", help="what stands on the pages (docs/evaluate.md)")
    pages.add_argument("--pages", type=Path, metavar="DIR", help="where the pages are, if not beside TRUTH")
    pages.add_argument("--json", action="store_true", help="print the scores as JSON")
    pages.set_defaults(run=_told(_pages))
    same = commands.add_parser("same", help="compare two files of answers to the character")
    same.add_argument("before", type=Path, metavar="BEFORE.jsonl", help="as `linjian ask --batch` writes it")
    same.add_argument("after", type=Path, metavar="AFTER.jsonl")
    same.add_argument("--rename", type=_pair, action="append", default=[], metavar="OLD=NEW",
                      help="a field has another name in AFTER; may be given several times")
    same.add_argument("--ignore", action="append", default=[], metavar="FIELD", help="do not compare this field either")
    same.add_argument("--except", action="append", default=[], metavar="ID", dest="expected",
                      help="the answer to this question must differ; may be given several times")
    same.set_defaults(run=_told(_same))


def _pages(args: argparse.Namespace) -> int:
    """Score the pages of a truth file, looked for in --pages, beside the file, or in `articles` beside it."""
    from eval.pages import as_json, as_table, score_pages
    from eval.truth import read_truth

    truth = read_truth(args.truth)
    beside = (args.truth.parent, args.truth.parent / "articles")
    folder = args.pages or next((d for d in beside if (d / truth[0].file).is_file()), args.truth.parent)
    scores, misses = score_pages(truth, folder)
    print(json.dumps(as_json(scores, misses), ensure_ascii=False, indent=1) if args.json else as_table(scores, misses))
    return 0


def _same(args: argparse.Namespace) -> int:
    """Print each question whose answer differs; 1 when one does that was not announced."""
    from eval.same import differences

    renamed = dict(args.rename)
    count, found = differences(args.before, args.after, renamed=renamed, ignored=args.ignore, expected=args.expected)
    for difference in found:
        print(f"{difference.question}{' (expected)' if difference.expected else ''}")
        for what in difference.what:
            print(f"  {what}")
    expected = sum(difference.expected for difference in found)
    print(f"{count} answer{'s' * (count != 1)}, {len(found) - expected} differ"
          + (f", {expected} more differ as expected" if expected else ""))
    return int(len(found) > expected)


def _pair(text: str) -> tuple[str, str]:
    old, _, new = text.partition("=")
    if not old or not new:
        raise argparse.ArgumentTypeError(f"{text!r} is no pair of names like OLD=NEW")
    return old, new


def _told(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Let an unreadable suite, truth file or page end `run` with its own exit status."""

    def told(args: argparse.Namespace) -> int:
        from index.errors import ReadError

        try:
            return run(args)
        except ReadError as error:
            print(f"linjian: {error}", file=sys.stderr)
            return BAD_INPUT

    return told
