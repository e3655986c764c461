"""Linjian 邻鉴 on the command line. Everything is put together here, from the settings, and handed to the commands."""

import errno
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from assistant.commands.groups import LazyGroup
from assistant.commands.services import Services
from index.errors import LinjianError
from index.messages import printable

if TYPE_CHECKING:  # what these import takes seconds, and `linjian --help` must not
    from assistant.assistant import Assistant
    from assistant.llm.model import LanguageModel
    from assistant.settings import Settings
    from index.embedding.encoder import Encoder

VERSION = "0.1.0"
INTERRUPTED = 130  # the shell's status of a command stopped with Ctrl-C
RIGHTS = (errno.EACCES, errno.EPERM, errno.EROFS)
ROOM = "assistant.commands"


class Commands(LazyGroup):
    """The first word of a command, and where it is."""

    places: ClassVar = {
        "serve": f"{ROOM}.serve_command:serve", "mcp": f"{ROOM}.mcp_command:mcp", "ask": f"{ROOM}.ask_command:ask",
        "model": f"{ROOM}.setup_commands:model", "config": f"{ROOM}.setup_commands:config",
        "index": f"{ROOM}.index_commands:index", "site": f"{ROOM}.access_commands:site",
        "user": f"{ROOM}.access_commands:user", "key": f"{ROOM}.access_commands:key",
        "feedback": f"{ROOM}.feedback_commands:feedback", "eval": "eval.commands.eval_commands:evaluation",
        "audit": f"{ROOM}.operations_commands:audit", "backup": f"{ROOM}.operations_commands:backup",
        "restore": f"{ROOM}.operations_commands:restore",
    }


linjian = typer.Typer(cls=Commands, rich_markup_mode=None, add_completion=False)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0, 1 (the reason is on stderr), 2 (wrong usage) or 130 (Ctrl-C)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # an encoding without Chinese must not abort the command
            stream.reconfigure(errors="backslashreplace")
    os.umask(0o077)  # what is written here, settings, papers, questions, answers, backups, is its owner's alone
    try:
        status = typer.main.get_command(linjian).main(argv, prog_name="linjian", standalone_mode=False)
        sys.stdout.flush()  # a closed pipe is noticed here, where it is no bug
        return status or 0
    except LinjianError as error:
        print(printable(f"linjian: {error}"), file=sys.stderr)
        return 1
    except typer.TyperException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:  # `linjian index list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno not in RIGHTS:
            raise
        # Not a bug of ours, wherever it is met: a file of another user, a file system that may only be read.
        print(f"linjian: {error.filename or 'a file'!r}: {error.strerror}. Give this user the right to it, or run the "
              "command as the user whose file it is.", file=sys.stderr)
        return 1


def _print_version(asked: bool) -> None:
    if asked:
        print(f"linjian {VERSION}")
        raise typer.Exit


@linjian.callback()
def root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option(
        "--version", help="print the version and end", is_eager=True, callback=_print_version)] = False,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="settings file instead of linjian.toml")] = None,
) -> None:
    """Answers from newspaper articles, offline."""
    ctx.obj = services(config)


def services(config: Path | None) -> Services:
    """Return what the commands are given, under the settings file `config`, or the one that is found."""
    return Services(
        VERSION, cache(partial(_settings, config)), encoder=lambda settings: _load_encoder(settings), model=_open_model,
        assistants=_assistant_builder, under=services)


def _settings(config: Path | None) -> "tuple[Settings, Mapping[str, str]]":
    from assistant.operations.restore import finish
    from assistant.settings import Settings, stray_variables

    settings, origins = Settings.load(config, os.environ)
    if stray := stray_variables(os.environ):
        print(f"linjian: no such setting, ignored: {', '.join(stray)}. All settings: linjian config", file=sys.stderr)
    finish(settings.home)  # a restore that was interrupted, before anything reads half of it
    return settings, origins


def _load_encoder(settings: "Settings") -> "Encoder":
    from index.embedding.encoder import load_encoder
    from index.progress import Bar

    print(f"loading the embedding model {settings.encoder}", file=sys.stderr)
    with Bar() as bar:
        return load_encoder(settings.encoder, cache=settings.home / "models", threads=settings.threads,
                            progress=lambda fraction, what: bar(what, fraction, 1))


def _assistant_builder(settings: "Settings", encoder: "Encoder") -> "Callable[[Path], Assistant]":
    from assistant.answer.calibration import encoder_notice
    from assistant.assistant import Assistant
    from assistant.evidence.cross_encoders import choose_reranker
    from assistant.evidence.latency_budget import LatencyBudget
    from assistant.verify.entailment import open_entailment
    from assistant.verify.verify import Verifier
    from index.search.engine import SearchIndex

    if notice := encoder_notice(encoder.name):
        print(f"linjian: {notice}", file=sys.stderr)
    model = _open_model(settings)
    reranker = choose_reranker(settings.reranker, settings.home / "models", name=settings.reranker_name, threads=settings.threads,
                           key=settings.reranker_key.get_secret_value(), seconds=max(settings.reranker_budget_ms, 200) / 1000)
    verifier = Verifier.for_encoder(encoder.name, open_entailment(settings.home / "models", encoder.name))
    options = {"latency_budget": LatencyBudget(settings.reranker_budget_ms), "max_cases": settings.max_cases, "retrieved_k": settings.retrieved_k}
    return lambda home: Assistant(SearchIndex.open(home, encoder), reranker=reranker, model=model, verifier=verifier, **options)


def _open_model(settings: "Settings") -> "LanguageModel | None":
    from assistant.llm.model import open_model

    return open_model(
        settings.model, name=settings.model_name, key=settings.model_key.get_secret_value(),
        timeout=settings.model_timeout, passages=settings.model_passages, threads=settings.threads,
    )


if __name__ == "__main__":
    sys.exit(main())
