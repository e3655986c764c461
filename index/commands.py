"""The parser of `linjian index`; what the commands do is in `index.cli`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from index import cli, cli_corrections
from index.types import Correction

Args = argparse.Namespace


def add_commands(commands: Any, home: Callable[[Args], Path], encoder: Callable[[Args], cli.LoadEncoder]) -> None:
    """Add the commands; each sets `run`, a function of the parsed arguments that returns the exit status.

    The entry point, which alone reads settings, tells the `home` and what loads the `encoder`.
    """

    def command(name: str, what: str, run: Callable[..., int], *, loads: bool = False) -> argparse.ArgumentParser:
        """Add one command; `run` gets the home, where it `loads` a function that loads the model, and the arguments."""
        parser = commands.add_parser(name, help=what)
        parser.set_defaults(run=lambda args: run(home(args), *([encoder(args)] if loads else []), args))
        return parser

    add = command("add", "add files or folders; what changed is updated",
                  lambda home, load, args: cli.add(home, load, args.paths, reread=args.reread), loads=True)
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    add.add_argument("--reread", action="store_true", help="read also the files that look unchanged by size and time")
    command("list", "list the pages", lambda home, args: cli.list_files(home))
    show = command("show", "print an article, or the articles of a page",
                   lambda home, args: cli.show(home, args.target, structure=args.structure))
    show.add_argument("target", metavar="ARTICLE_OR_PAGE")
    show.add_argument("--structure", action="store_true", help="print how each line was understood, and why")
    correct = command("correct", "say what an article's headline, newspaper, date or place is", _correct, loads=True)
    correct.add_argument("article", metavar="ARTICLE", help="as `linjian index show PAGE` prints it")
    said = correct.add_argument_group("what is corrected", 'the rest stays; "" says that it is unknown')
    said.add_argument("--headline", metavar="TEXT")
    said.add_argument("--source", metavar="NEWSPAPER")
    said.add_argument("--date", metavar="YYYY-MM-DD")
    said.add_argument("--place", metavar="NAME", help="with the places that it lies in, the widest first")
    correct.add_argument("--undo", action="store_true", help="go back to what was read off the page")
    correct.set_defaults(fail=correct.error)
    corrections = command("corrections", "list what was corrected, and what waits for its article",
                          lambda home, load, args: cli_corrections.corrections(home, load, args.forget), loads=True)
    corrections.add_argument("--forget", type=int, metavar="NUMBER", help="delete one, also of an article that is gone")
    remove = command("remove", "remove a page and its articles", lambda home, load, args: cli.remove(home, load, args.file),
                     loads=True)
    remove.add_argument("file", metavar="FILE", help="as `linjian index list` prints it")
    watch = command("watch", "add what is put into a folder, until Ctrl-C",
                    lambda home, load, args: cli.watch(home, load, args.folder, mirror=args.mirror), loads=True)
    watch.add_argument("folder", type=Path, metavar="FOLDER")
    watch.add_argument("--mirror", action="store_true", help="remove from the index what is deleted in the folder")
    command("check", "verify every file, quote and vector of the index", lambda home, args: cli.check(home))
    command("rebuild", "make the index anew from the stored pages", lambda home, load, args: cli.rebuild(home, load),
            loads=True)
    command("stats", "print what the index holds", lambda home, args: cli.stats(home))


def _correct(home: Path, load_encoder: cli.LoadEncoder, args: Args) -> int:
    said = Correction(title=args.headline, source=args.source, date=args.date, place=args.place)
    if args.undo == (said != Correction()):
        args.fail("say what is corrected (--headline, --source, --date, --place), or --undo alone")
    return cli_corrections.correct(home, load_encoder, args.article, None if args.undo else said)
