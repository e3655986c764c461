"""Every method and path of the server with the fake assistant, Gradio's too."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from starlette.routing import BaseRoute

from assistant.auth.authorizer import Authorizer
from assistant.librarian.librarian_page import Librarian
from assistant.operations.audit import AuditLog
from assistant.operations.event_log import Operations, Record
from assistant.operations.prometheus_metrics import Metrics
from assistant.operations.routes import ops_routes
from assistant.server.application import build_server
from assistant.storage.feedback import FeedbackStore
from tests.fakes.chat_assistant import FakeAssistant, answering
from tests.fakes.hash_encoder import HashEncoder
from tests.fakes.live_server import built


def routes_of(table: Iterable[BaseRoute], prefix: str = "") -> Iterator[str]:
    """Yield METHOD PATH of each route, also of the apps that are mounted."""
    for route in table:
        path = prefix + getattr(route, "path", "")
        inside = getattr(getattr(route, "app", None) or getattr(route, "original_router", None), "routes", None)
        if inside is not None:
            yield from routes_of(inside, path)
        elif path:
            for method in (getattr(route, "methods", None) or {"GET", "POST"}) - {"HEAD", "OPTIONS"}:
                yield f"{method} {path}"


def every_route(home: Path) -> Iterator[str]:
    """Yield the routes of a server that has everything it can have."""
    served = built(lambda: build_server(answering(FakeAssistant()), Authorizer(home), version="0", language="zh", examples={},
                                        feedback=FeedbackStore(home), library=Librarian(home, HashEncoder())))
    yield from routes_of(served.app.app.routes)  # inside of the guard
    operations = Operations(Record(Metrics(), AuditLog(home, days=1), questions=False), lambda: None)
    yield from routes_of(ops_routes(operations).routes)

