"""`linjian eval load`, `check-time` and `bench-index`: how long things take, and what many clients at once meet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.groups import lone_command
from eval.commands.options import E5, MODELS, EncoderName, Models, Threads, open_encoder

load, check_time, bench_index = (lone_command() for _ in range(3))
QUESTIONS = Path(__file__).parents[2] / "examples" / "questions.jsonl"


@load.command()
def ask_server(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="of the server, like http://127.0.0.1:7860")],
    chat: Annotated[bool, typer.Option("--chat", help="conversations in the chat instead of questions to the API")] = False,
    clients: Annotated[int, typer.Option(metavar="N", min=1)] = 50,
    seconds: Annotated[float, typer.Option(metavar="S")] = 60,
    warm: Annotated[float, typer.Option(metavar="S", help="seconds before, which only fill caches")] = 60,
    leaving: Annotated[int, typer.Option(metavar="N", help="how many of the clients hang up every second time")] = 5,
    questions: Annotated[Path, typer.Option(metavar="QUESTIONS.jsonl")] = QUESTIONS,
) -> int:
    """Ask a running server from many clients at once.

    The status is 1 when a server error or a wrong answer was seen.

    Run it against a server whose rate limit is off (LINJIAN_RATE_LIMIT=0), for all clients come from one address.
    """
    import asyncio

    from eval.load_test.clients import read_questions, run_api, run_chat

    asked = read_questions(questions)
    run = (run_chat(url, asked, clients=clients) if chat else
           run_api(url, asked, clients=clients, seconds=seconds, warm=warm, leaving=leaving))
    report = asyncio.run(run)
    given = {name: str(value) for name, value in ctx.params.items()}
    print(json.dumps({"given": given, **report}, ensure_ascii=False, indent=1))
    return 1 if report["server_errors"] or report["wrong_answers"] else 0


@check_time.command()
def time_support_check(
    pages: Annotated[Path, typer.Argument(metavar="PAGES")],
    questions: Annotated[Path, typer.Argument(metavar="QUESTIONS")],
    models: Models = MODELS,
    encoder: EncoderName = E5,
    threads: Threads = 2,
) -> None:
    """Measure how long the support check takes."""
    from assistant.evidence.reranker import open_reranker
    from assistant.verify.entailment import open_entailment
    from assistant.verify.verify import Verifier
    from eval.load_test.verification_time import time_check

    opened = open_encoder(encoder, models, threads)
    verifier = Verifier.for_encoder(opened.name, open_entailment(models, opened.name))
    time_check(pages, questions, opened, open_reranker(models), verifier)


@bench_index.command()
def time_index_changes(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS.jsonl[.gz]", help="an article a line: id, title, text")],
    articles: Annotated[int, typer.Option(metavar="N", min=1)] = 20_000,
    home: Annotated[Path | None, typer.Option(metavar="DIR", help="kept, and used again")] = None,
    real: Annotated[bool, typer.Option("--real", help="embed the changed pages with the bundled model")] = False,
) -> None:
    """Measure how long changes take in an index of many articles."""
    from eval.commands.options import work_folder
    from eval.load_test.index_updates import time_changes

    with work_folder(home) as folder:
        time_changes(corpus, articles, folder, open_encoder(E5, folder / "models") if real else None)
