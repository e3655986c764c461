"""Serve all that the server can have, for those who sign in: `python tests/fakes/serve_everything.py PORT HOME UPLOADS`.

The assistant is the fake one, the library a real index with the hash encoder.
"""

import os
import sys
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant.auth.authorizer import Authorizer
from assistant.librarian.librarian_page import Librarian
from assistant.operations.audit import AuditLog
from assistant.operations.event_log import Operations, Record
from assistant.operations.prometheus_metrics import Metrics
from assistant.server.application import build_server
from assistant.server.serve import serve
from assistant.storage.feedback import FeedbackStore
from tests.fakes.chat_assistant import FakeAssistant, answering
from tests.fakes.hash_encoder import HashEncoder

if __name__ == "__main__":
    port, home = int(sys.argv[1]), Path(sys.argv[2])
    os.environ["GRADIO_TEMP_DIR"] = sys.argv[3]
    operations = Operations(Record(Metrics(), AuditLog(home, days=1), questions=False), lambda: None)
    serve(lambda: build_server(answering(FakeAssistant(hurried=True)), Authorizer(home, access="accounts", per_minute=0), version="0", language="zh",
                               examples={}, home=home, feedback=FeedbackStore(home), library=Librarian(home, HashEncoder()),
                               operations=operations), host="127.0.0.1", port=port)
