"""Linjian 邻鉴 on the command line. Everything is put together here, and only here are settings read."""

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import LinjianError, MissingIndex

if TYPE_CHECKING:  # what these import takes seconds, and `linjian --help` must not
    from assistant.assistant import Assistant
    from assistant.settings import Settings
    from index.encoder import Encoder

VERSION = "0.1.0"
INTERRUPTED = 130  # the shell's status of a command stopped with Ctrl-C
EXAMPLES = Path("examples", "articles")
QUESTIONS = {
    "zh": [
        "物业公司撤走以后，各个小区是怎么接管的？",
        "有哪些社区办了老年食堂？价格是多少？",
        "和顺街道的412个夜间车位是怎么来的？",
    ],
    "en": [
        "Who takes over when a property company walks away?",
        "Which communities run a meal service for the elderly?",
        "How did Heshun subdistrict get 412 extra parking spaces at night?",
    ],
}
"""Offered in the chat while the sample articles are what it answers from."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 (told on stderr) or 130; wrong usage exits with 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # one that cannot show Chinese shall not end the command
            stream.reconfigure(errors="backslashreplace")
    args = build_parser().parse_args(argv)
    try:
        status = args.run(args)
        sys.stdout.flush()  # here a closed pipe can still be told from a bug
        return status
    except LinjianError as error:
        print(f"linjian: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `linjian index list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; each command sets `run`, a function of the parsed arguments."""
    parser = argparse.ArgumentParser("linjian", description="Answers from newspaper articles, offline.")
    parser.add_argument("--version", action="version", version=f"linjian {VERSION}")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file instead of linjian.toml")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve the chat page")
    serve.add_argument("--examples", type=Path, metavar="DIR", help="articles to add when the index is empty")
    serve.set_defaults(run=_serve)

    ask = commands.add_parser("ask", help="answer a question, or a file of questions")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument("--json", action="store_true", help="print the answer as JSON")
    ask.add_argument("--history", type=Path, metavar="FILE", help="JSON list of {question, answer_gist}")
    ask.add_argument("--batch", type=Path, metavar="QUESTIONS.jsonl", help="lines of {id, question, history}")
    ask.add_argument("--out", type=Path, metavar="ANSWERS.jsonl", help="where the answers of --batch go")
    ask.set_defaults(run=_ask, fail=ask.error)

    config = commands.add_parser("config", help="print each setting, its value and where that comes from")
    config.set_defaults(run=_config)

    index = commands.add_parser("index", help="add, list, show or remove articles")
    _add_index_commands(index.add_subparsers(dest="command", required=True, metavar="COMMAND"))
    index.set_defaults(run=_index)
    return parser


def _add_index_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    add = commands.add_parser("add", help="add files or folders; what changed is updated")
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    commands.add_parser("list", help="list the pages")
    show = commands.add_parser("show", help="print an article, or the articles of a page")
    show.add_argument("target", metavar="ARTICLE_OR_PAGE")
    show.add_argument("--structure", action="store_true", help="print how each line was understood, and why")
    remove = commands.add_parser("remove", help="remove a page and its articles")
    remove.add_argument("file", metavar="FILE", help="as `linjian index list` prints it")
    commands.add_parser("rebuild", help="make the index anew from the stored pages")
    commands.add_parser("stats", help="print what the index holds")


def _index(args: argparse.Namespace) -> int:
    from index import cli

    settings = _settings(args)
    home, load = settings.home, partial(_load_encoder, settings)
    commands = {
        "add": lambda: cli.add(home, load, args.paths),
        "list": lambda: cli.list_files(home),
        "show": lambda: cli.show(home, args.target, structure=args.structure),
        "remove": lambda: cli.remove(home, load, args.file),
        "rebuild": lambda: cli.rebuild(home, load),
        "stats": lambda: cli.stats(home),
    }
    return commands[args.command]()


def _ask(args: argparse.Namespace) -> int:
    if (args.question is None) == (args.batch is None):
        args.fail("give one QUESTION, or --batch QUESTIONS.jsonl")
    if (args.batch is None) != (args.out is None):
        args.fail("--batch QUESTIONS.jsonl and --out ANSWERS.jsonl belong together")
    if args.batch and (args.history or args.json):
        args.fail("--history and --json are for one QUESTION; a batch holds its own history and is JSON")
    if args.question is not None and not args.question.strip():
        args.fail("the QUESTION is empty")
    from assistant import cli

    load = partial(_load_assistant, _settings(args))
    if args.batch:
        return cli.ask_batch(load, args.batch, args.out)
    return cli.ask(load, args.question, history=args.history, as_json=args.json)


def _config(args: argparse.Namespace) -> int:
    """Print the settings as TOML; when they are wrong, print what is allowed and raise LinjianError."""
    from assistant.settings import Settings

    allowed = Settings.allowed()
    try:
        settings = _settings(args)
    except LinjianError:
        for name, what in allowed.items():
            print(f"# {name:<12} {what}")
        raise
    _, origins = Settings.load(args.config, os.environ)
    for name, value in settings.model_dump(mode="json").items():
        print(f"{name:<12} = {json.dumps(value, ensure_ascii=False)}  # {origins[name]} ({allowed[name]})")
    return 0


def _serve(args: argparse.Namespace) -> int:
    """Serve the chat until Ctrl-C; an empty index is first filled with the sample articles."""
    from assistant.cli import check_address, serve
    from index import cli

    settings = _settings(args)
    check_address(settings.host, settings.port)
    samples = _find_samples(args.examples)
    indexed = cli.stored_files(settings.home)
    only_samples = samples is not None and all((samples / file).is_file() for file in indexed)
    # A first start that was interrupted leaves samples that are stored but not searchable yet.
    ready = bool(indexed) and cli.is_published(settings.home)
    if not ready and not only_samples:
        raise MissingIndex(f"The index in {str(settings.home)!r} is empty. Fill it: linjian index add FOLDER")
    encoder = _load_encoder(settings)
    if not ready:
        cli.add(settings.home, lambda: encoder, [samples])
    assistant = _build_assistant(settings, encoder)

    # Gradio asks its own server whether it is up; a proxy set for this machine would answer in its place.
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["no_proxy"] = ",".join(filter(None, [known, "127.0.0.1", "localhost", settings.host]))
    return serve(
        assistant,
        host=settings.host,
        port=settings.port,
        language=settings.language,
        examples=QUESTIONS[settings.language] if only_samples else [],
    )


def _settings(args: argparse.Namespace) -> "Settings":
    from assistant.settings import Settings, stray_variables

    settings, _ = Settings.load(args.config, os.environ)
    stray = stray_variables(os.environ)
    if stray:
        names = ", ".join(stray)
        print(f"linjian: no such setting, ignored: {names}. All settings: linjian config", file=sys.stderr)
    return settings


def _load_encoder(settings: "Settings") -> "Encoder":
    from index.cli import Bar
    from index.encoder import load_encoder

    print(f"loading the embedding model {settings.encoder}", file=sys.stderr)
    with Bar() as bar:
        return load_encoder(
            settings.encoder,
            cache=settings.home / "models",
            threads=settings.threads,
            progress=lambda fraction, what: bar(what, fraction, 1),
        )


def _load_assistant(settings: "Settings") -> "Assistant":
    from index.versions import current

    current(settings.home)  # raises MissingIndex before the model is loaded
    return _build_assistant(settings, _load_encoder(settings))


def _build_assistant(settings: "Settings", encoder: "Encoder") -> "Assistant":
    from assistant.assistant import Assistant
    from index.search import SearchIndex

    index = SearchIndex.open(settings.home, encoder)
    return Assistant(index, max_cases=settings.max_cases, retrieved_k=settings.retrieved_k)


def _find_samples(named: Path | None) -> Path | None:
    """Return the folder of sample articles: `named`, else beside this file or where we are, else None."""
    if named is not None:
        if not named.is_dir():
            raise LinjianError(f"There is no folder {str(named)!r}. Correct --examples, or leave it out.")
        return named
    beside = (Path(__file__).resolve().parent / EXAMPLES, Path.cwd() / EXAMPLES)
    return next((folder for folder in beside if folder.is_dir()), None)


if __name__ == "__main__":
    sys.exit(main())
