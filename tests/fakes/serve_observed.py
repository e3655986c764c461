"""Serve the chat with the fake assistant, logged, counted and audited as `linjian serve` does: `… HOME` prints its
address."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant.auth.authorizer import Authorizer
from assistant.operations.event_log import open_operations
from assistant.server.application import build_server
from assistant.server.serve import serve
from tests.fakes.chat_assistant import FakeAssistant, answering


@dataclass(frozen=True)
class Settings:
    """The settings that matter here."""

    home: Path
    log_questions: str = "off"
    log: str = "json"
    audit_days: int = 30
    encoder: str = "e5-small"
    reranker: str = "on"
    model: str = "extractive"

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        return {"encoder": self.encoder}


if __name__ == "__main__":
    home, live = Path(sys.argv[1]), FakeAssistant()
    live.index.articles = lambda: [1, 2]
    with open_operations(Settings(home), lambda: live.index) as operations:
        serve(lambda: build_server(answering(live, operations.record.answered), Authorizer(home), version="0", language="zh", examples={}, operations=operations), host="127.0.0.1", port=0)
