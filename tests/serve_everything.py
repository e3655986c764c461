"""Serve all that the server can have, for those who sign in: `python tests/serve_everything.py PORT HOME UPLOADS`.

The assistant is the fake one, the library a real index with the hash encoder.
"""

import os
import sys
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.insert(0, str(Path(__file__).parents[1]))

from assistant.guard.door import Door
from assistant.library.page import Library
from assistant.ops.audit import AuditLog
from assistant.ops.metrics import Metrics
from assistant.ops.record import Operations, Record
from assistant.server import build_server
from assistant.serving import serve
from assistant.store.feedback import FeedbackStore
from tests.fakes import HashEncoder
from tests.fakes_web import FakeAssistant, answering

if __name__ == "__main__":
    port, home = int(sys.argv[1]), Path(sys.argv[2])
    os.environ["GRADIO_TEMP_DIR"] = sys.argv[3]
    operations = Operations(Record(Metrics(), AuditLog(home, days=1), questions=False), lambda: None)
    serve(lambda: build_server(answering(FakeAssistant(hurried=True)), Door(home, access="accounts", per_minute=0), version="0", language="zh",
                               examples={}, home=home, feedback=FeedbackStore(home), library=Library(home, HashEncoder()),
                               operations=operations), host="127.0.0.1", port=port)
