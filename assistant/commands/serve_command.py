"""`linjian serve`: the chat page and the API."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.groups import lone_command, services
from index.errors import LinjianError, MissingIndex

if TYPE_CHECKING:  # imports gradio
    from assistant.auth.authorizer import Authorizer
    from assistant.server.application import Served
    from assistant.service.answering import Answering
    from assistant.service.events import Subscriber
    from assistant.service.live import Live
    from assistant.settings import Settings

serve = lone_command()
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


@serve.command()
def serve_chat(
    ctx: typer.Context,
    examples: Annotated[Path | None, typer.Option(metavar="DIR", help="articles to add when the index is empty")] = None,
) -> int:
    """Serve the chat page and the API, until Ctrl-C.

    An empty index is first filled with the sample articles.
    """
    from assistant.commands import index_actions
    from assistant.operations.event_log import open_operations
    from assistant.server.serve import check_address, serve
    from assistant.service.live import Live
    from index.ingest.uploads import receiving

    given = services(ctx)
    settings = given.settings.side_by_side(os.cpu_count() or 1)
    door = _open_door(settings)
    check_address(settings.host, settings.port)
    samples = _find_samples(examples)
    indexed = index_actions.stored_files(settings.home)
    only_samples = samples is not None and all((samples / file).is_file() for file in indexed)
    # A first start that was interrupted leaves samples that are stored but not searchable yet.
    ready = bool(indexed) and index_actions.is_published(settings.home)
    if not ready and not only_samples:
        raise MissingIndex(f"The index in {str(settings.home)!r} is empty. Fill it: linjian index add FOLDER")
    encoder = given.encoder(settings)
    if not ready:
        index_actions.add_files(settings.home, lambda: encoder, [samples])
    live = Live(settings.home, partial(given.assistants(settings, encoder), settings.home))

    def build() -> Served:
        from assistant.librarian.librarian_page import Librarian
        from assistant.server.application import build_server
        from assistant.storage.feedback import FeedbackStore

        return build_server(
            open_answering(live, settings, [operations.record.answered]), door, version=given.version,
            language=settings.language, examples=QUESTIONS if only_samples else {}, feedback=FeedbackStore(settings.home),
            operations=operations, library=Librarian(settings.home, encoder), home=settings.home)

    with (live, open_operations(settings, lambda: live.current().index) as operations,
          receiving(settings.home) as folder):
        os.environ["GRADIO_TEMP_DIR"] = str(folder)  # Gradio's own is one that all users of this machine share
        load_gradio()
        return serve(build, host=settings.host, port=settings.port, login=settings.access not in ("none", "open"))


def load_gradio() -> None:
    """Import Gradio as if there were no proxy: it opens a client at once, which fails at a proxy of a kind unknown to it.

    ALL_PROXY=socks://… is what desktops set. The variables are as they were afterwards.
    """
    kept = os.environ.get("no_proxy")
    os.environ["no_proxy"] = "*"
    try:
        importlib.import_module("gradio")
    finally:
        if kept is None:
            del os.environ["no_proxy"]
        else:
            os.environ["no_proxy"] = kept


def open_answering(live: Live, settings: Settings, subscribers: Sequence[Subscriber] = ()) -> Answering:
    """Return what the channels of a server ask."""
    from assistant.service.answering import Answering
    from assistant.service.queue import Queue

    return Answering(live.current, Queue(settings.answers_at_once), seconds=settings.answer_timeout, subscribers=subscribers)


def _open_door(settings: Settings) -> Authorizer:
    """Return who decides over requests; LinjianError when strangers would be let in by mistake."""
    from assistant.auth.authorizer import Authorizer, check_exposure

    check_exposure(settings.access, settings.host)
    return Authorizer(
        settings.home, access=settings.access, hosts=settings.hosts, proxies=settings.proxies,
        proxy_header=settings.proxy_header, per_minute=settings.rate_limit, daily=settings.daily_limit,
        upload_bytes=settings.upload_limit << 20, language=settings.language,
    )


def _find_samples(named: Path | None) -> Path | None:
    """Return the folder of sample articles: `named`, else in the project's folder or where we are, else None."""
    if named is not None:
        if not named.is_dir():
            raise LinjianError(f"There is no folder {str(named)!r}. Correct --examples, or leave it out.")
        return named
    places = (Path(__file__).resolve().parents[2] / EXAMPLES, Path.cwd() / EXAMPLES)
    return next((folder for folder in places if folder.is_dir()), None)
