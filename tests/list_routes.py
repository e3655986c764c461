"""Print every method and path of the server with the fake assistant, Gradio's too, as JSON: `python tests/list_routes.py`."""

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.insert(0, str(Path(__file__).parents[1]))

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
    served = build_server(answering(FakeAssistant()), Door(home), version="0", language="zh", examples={}, feedback=FeedbackStore(home),
                          library=Library(home, HashEncoder()))
    yield from routes_of(served.app.app.routes)  # inside of the guard
    operations = Operations(Record(Metrics(), AuditLog(home, days=1), questions=False), lambda: None)
    yield from routes_of(ops_routes(operations).routes)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        json.dump(sorted(set(every_route(Path(folder)))), sys.stdout)
