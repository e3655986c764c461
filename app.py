"""Linjian 邻鉴 on the command line. Everything is put together here, and only here are settings read."""

import argparse
import io
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import LinjianError, MissingIndex

if TYPE_CHECKING:  # what these import takes seconds, and `linjian --help` must not
    from assistant.assistant import Assistant
    from assistant.guard.door import Door
    from assistant.model import LanguageModel
    from assistant.server import Served
    from assistant.service.answering import Answering
    from assistant.service.events import Subscriber
    from assistant.service.live import Live
    from assistant.settings import Settings
    from eval.bench import Tools
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
    os.umask(0o077)  # what is written here, settings, papers, questions, answers, backups, is its owner's alone
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
    from assistant.guard.cli import add_key_commands, add_site_commands, add_user_commands
    from assistant.ops.cli import add_commands as ops_commands
    from assistant.ops.cli import record_changes
    from assistant.store.cli import add_commands as feedback_commands
    from eval.cli import add_commands as eval_commands
    from index.commands import add_commands as index_commands

    parser = argparse.ArgumentParser("linjian", description="Answers from newspaper articles, offline.")
    parser.add_argument("--version", action="version", version=f"linjian {VERSION}")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file instead of linjian.toml")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve the chat page and the API")
    serve.add_argument("--examples", type=Path, metavar="DIR", help="articles to add when the index is empty")
    serve.set_defaults(run=_serve)

    mcp = commands.add_parser("mcp", help="offer the articles as tools (Model Context Protocol) on stdin and stdout")
    mcp.set_defaults(run=_mcp)

    ask = commands.add_parser("ask", help="answer a question, or a file of questions")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument("--json", action="store_true", help="print the answer as JSON")
    ask.add_argument("--history", type=Path, metavar="FILE", help="JSON list of {question, answer_gist}")
    ask.add_argument("--batch", type=Path, metavar="QUESTIONS.jsonl", help="lines of {id, question, history}")
    ask.add_argument("--out", type=Path, metavar="ANSWERS.jsonl", help="where the answers of --batch go")
    bounds = ask.add_argument_group("only from articles", "each of --place and --source may be given several times")
    bounds.add_argument("--place", action="append", default=[], metavar="NAME", help="about this place or one inside it")
    bounds.add_argument("--source", action="append", default=[], metavar="NEWSPAPER", help="printed in this newspaper")
    bounds.add_argument("--since", type=_date, metavar="YYYY-MM-DD", help="printed on this day or later")
    bounds.add_argument("--until", type=_date, metavar="YYYY-MM-DD", help="printed on this day or earlier")
    ask.set_defaults(run=_ask, fail=ask.error)

    model = commands.add_parser("model", help="test the language model, where one is set")
    model.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser(
        "check", help="ask the model something and say in words what is wrong")
    model.set_defaults(run=_model)

    config = commands.add_parser("config", help="print each setting, its value and where that comes from")
    config.set_defaults(run=_config)

    _group(commands, "index", "add, list, show, correct or remove articles", index_commands, _home, _encoder_loader)
    _group(commands, "site", "pages of others that may embed the widget", add_site_commands, _home)
    _group(commands, "user", "people who sign in", add_user_commands, _home)
    _group(commands, "key", "keys for programs that use the API", add_key_commands, _home)
    _group(commands, "feedback", "what people said of answers", feedback_commands, _home)
    _group(commands, "eval", "measure", eval_commands, _eval_tools())
    ops_commands(commands, _settings, VERSION)
    for group in ("index", "site", "user", "key"):
        record_changes(group, commands.choices[group], _record)
    return parser


def _group(commands: Any, name: str, what: str, add: Callable[..., None], *tools: Any) -> None:
    """Hang the commands of a room below `linjian NAME`; the room's own `add_commands` knows them."""
    add(commands.add_parser(name, help=what).add_subparsers(required=True, metavar="COMMAND"), *tools)


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
    from index.filters import Filters

    filters = Filters(tuple(args.place), tuple(args.source), args.since or "", args.until or "")
    if args.batch and filters:
        args.fail("--place, --source, --since and --until are for one QUESTION")
    settings = _settings(args)
    if args.batch:
        return cli.ask_batch(partial(_load_assistant, settings.unhurried()), args.batch, args.out)
    load = partial(_load_assistant, settings)
    return cli.ask(load, args.question, history=args.history, filters=filters, as_json=args.json)


def _date(text: str) -> str:
    """Return a day in ISO form; argparse tells the user when it is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2024-06-30") from None


def _config(args: argparse.Namespace) -> int:
    """Print the settings as TOML; when they are wrong, print what is allowed and raise LinjianError."""
    from assistant.calibration import encoder_notice
    from assistant.settings import Settings

    allowed = Settings.allowed()
    try:
        settings = _settings(args)
    except LinjianError:
        for name, what in allowed.items():
            print(f"# {name:<14} {what}")
        raise
    _, origins = Settings.load(args.config, os.environ)
    for name, value in settings.model_dump(mode="json").items():
        shown = re.sub(r"//[^/@]*@", "//**********@", json.dumps(value, ensure_ascii=False))  # a password in an address
        print(f"{name:<14} = {shown}  # {origins[name]} ({allowed[name]})")
    if notice := encoder_notice(settings.encoder):
        print(f"# {notice}")
    return 0


def _serve(args: argparse.Namespace) -> int:
    """Serve the chat until Ctrl-C; an empty index is first filled with the sample articles."""
    from assistant.ops.record import open_operations
    from assistant.service.live import Live
    from assistant.serving import check_address, serve
    from index import cli
    from index.uploads import receiving

    settings = _server_settings(args)
    door = _open_door(settings)
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
    live = Live(settings.home, partial(_assistant_builder(settings, encoder), settings.home))

    def build() -> "Served":
        from assistant.library.page import Library
        from assistant.server import build_server
        from assistant.store.feedback import FeedbackStore

        return build_server(
            _answering(live, settings, [operations.record.answered]), door, version=VERSION, language=settings.language,
            examples=QUESTIONS if only_samples else {}, feedback=FeedbackStore(settings.home), operations=operations,
            library=Library(settings.home, encoder), home=settings.home)

    with (live, open_operations(settings, lambda: live.current().index) as operations,
          receiving(settings.home) as folder):
        os.environ["GRADIO_TEMP_DIR"] = str(folder)  # Gradio's own is one that all users of this machine share
        return serve(build, host=settings.host, port=settings.port)


def _answering(live: "Live", settings: "Settings", subscribers: "Sequence[Subscriber]" = ()) -> "Answering":
    """Return what the channels of a server ask."""
    from assistant.service.answering import Answering
    from assistant.service.queue import Queue

    return Answering(live.current, Queue(settings.answers_at_once), seconds=settings.answer_timeout, subscribers=subscribers)


def _open_door(settings: "Settings") -> "Door":
    """Return who decides over requests; LinjianError when strangers would be let in by mistake."""
    from assistant.guard.door import Door, check_exposure

    check_exposure(settings.access, settings.host)
    return Door(
        settings.home, access=settings.access, hosts=settings.hosts, proxies=settings.proxies,
        proxy_header=settings.proxy_header, per_minute=settings.rate_limit, daily=settings.daily_limit,
        upload_bytes=settings.upload_limit << 20, language=settings.language,
    )


def _mcp(args: argparse.Namespace) -> int:
    """Offer the tools on stdin and stdout until stdin ends."""
    from assistant.api.cli import offer_tools
    from assistant.service.live import Live
    from index.versions import current

    settings = _server_settings(args)
    current(settings.home)  # raises MissingIndex before the model is loaded
    with Live(settings.home, partial(_assistant_builder(settings, _load_encoder(settings)), settings.home)) as live:
        return offer_tools(_answering(live, settings), VERSION)


def _eval_tools() -> "Tools":
    """Return what lets `linjian eval` use the settings and the assistant, over an index in a folder of its own."""
    from eval.bench import Tools

    def settings(args: argparse.Namespace) -> "Settings":
        return _settings(args).unhurried()

    not_measured = {"home", "host", "port", "language", "model_key", "answers_at_once", "answer_timeout"}
    return Tools(
        settings=lambda args: settings(args).model_dump(mode="json", exclude=not_measured),
        encoder=lambda args: _load_encoder(settings(args)),
        assistants=lambda args, encoder: _assistant_builder(settings(args), encoder),
    )


def _home(args: argparse.Namespace) -> Path:
    return _settings(args).home


def _encoder_loader(args: argparse.Namespace) -> "Callable[[], Encoder]":
    return partial(_load_encoder, _settings(args))


def _record(args: argparse.Namespace, what: str, about: str) -> None:
    """Write into the audit log what a command changed."""
    from assistant.ops.cli import record_command
    from assistant.settings import Settings

    settings, _ = Settings.load(args.config, os.environ)
    record_command(settings.home, settings.audit_days, what, about)


def _settings(args: argparse.Namespace) -> "Settings":
    from assistant.ops.restore import finish
    from assistant.settings import Settings, stray_variables

    settings, _ = Settings.load(args.config, os.environ)
    stray = stray_variables(os.environ)
    if stray:
        names = ", ".join(stray)
        print(f"linjian: no such setting, ignored: {names}. All settings: linjian config", file=sys.stderr)
    finish(settings.home)  # a restore that was interrupted, before anything reads half of it
    return settings


def _server_settings(args: argparse.Namespace) -> "Settings":
    return _settings(args).side_by_side(os.cpu_count() or 1)


def _load_encoder(settings: "Settings") -> "Encoder":
    from index.encoder import load_encoder
    from index.progress import Bar

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
    return _assistant_builder(settings, encoder)(settings.home)


def _assistant_builder(settings: "Settings", encoder: "Encoder") -> "Callable[[Path], Assistant]":
    """Return what makes an assistant over the index in a folder; models are opened once, for all."""
    from assistant.assistant import Assistant
    from assistant.calibration import encoder_notice
    from assistant.pace import Pace
    from assistant.reader_pairs import choose_reader
    from index.search import SearchIndex

    if notice := encoder_notice(encoder.name):
        print(f"linjian: {notice}", file=sys.stderr)
    model = _open_model(settings)
    reader = choose_reader(settings.reader, settings.home / "models", name=settings.reader_name, threads=settings.threads,
                           key=settings.reader_key.get_secret_value(), seconds=max(settings.reader_budget_ms, 200) / 1000)
    options = {"pace": Pace(settings.reader_budget_ms), "max_cases": settings.max_cases, "retrieved_k": settings.retrieved_k}
    return lambda home: Assistant(SearchIndex.open(home, encoder), reader=reader, model=model, **options)


def _open_model(settings: "Settings") -> "LanguageModel | None":
    from assistant.model import open_model

    return open_model(
        settings.model, name=settings.model_name, key=settings.model_key.get_secret_value(),
        timeout=settings.model_timeout, passages=settings.model_passages, threads=settings.threads,
    )


def _model(args: argparse.Namespace) -> int:
    """Test the language model's connection; ModelError says what is wrong."""
    from assistant.model_check import check_model

    return check_model(_open_model(_settings(args)))


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
