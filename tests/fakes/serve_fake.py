"""Serve the chat page with the fake assistant: `python tests/fakes/serve_fake.py PORT [LANGUAGE [HOME [ACCESS [PACE]]]]`.

With HOME conversations are kept there; with ACCESS the door decides by the sites, users and keys that are stored there;
with "hurried" as PACE every answer comes to its end.
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant.auth.authorizer import Authorizer
from assistant.server.application import build_server
from assistant.server.serve import serve
from tests.fakes.chat_assistant import FakeAssistant, answering
from tests.fakes.live_server import QUESTIONS

if __name__ == "__main__":
    port, language, home, access, pace, *_ = [*sys.argv[1:], *["", "zh", "", "none", ""][len(sys.argv) - 1:]]
    with tempfile.TemporaryDirectory() as empty:
        authorizer, kept = Authorizer(Path(home or empty), access=access), Path(home) if home else None
        try:
            serve(lambda: build_server(answering(FakeAssistant(hurried=pace == "hurried")), authorizer, version="0", examples=QUESTIONS, language=language, home=kept),
                  host="127.0.0.1", port=int(port))
        except KeyboardInterrupt:
            sys.exit(130)
