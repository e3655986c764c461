"""Every method and path of the server with the fake assistant, Gradio's too."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from starlette.routing import BaseRoute

from assistant.guard.door import Door
from assistant.library.page import Library
from assistant.ops.audit import AuditLog
from assistant.ops.metrics import Metrics
from assistant.ops.record import Operations, Record
from assistant.ops.routes import ops_routes
from assistant.server import build_server
from assistant.store.feedback import FeedbackStore
from tests.fakes import HashEncoder
from tests.fakes_web import FakeAssistant, answering
from tests.live_server import built


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
    served = built(lambda: build_server(answering(FakeAssistant()), Door(home), version="0", language="zh", examples={},
                                        feedback=FeedbackStore(home), library=Library(home, HashEncoder())))
    yield from routes_of(served.app.app.routes)  # inside of the guard
    operations = Operations(Record(Metrics(), AuditLog(home, days=1), questions=False), lambda: None)
    yield from routes_of(ops_routes(operations).routes)

