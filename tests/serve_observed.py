"""Serve the chat with the fake assistant, logged, counted and audited as `linjian serve` does: `… HOME` prints its address."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
sys.path.insert(0, str(Path(__file__).parents[1]))

from assistant.guard.door import Door
from assistant.ops.record import open_operations
from assistant.server import build_server
from assistant.serving import serve
from tests.fakes_web import FakeAssistant, answering


@dataclass(frozen=True)
class Settings:
    """The settings that matter here."""

    home: Path
    log_questions: str = "off"
    log: str = "json"
    audit_days: int = 30
    encoder: str = "e5-small"
    reader: str = "on"
    model: str = "extractive"

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        return {"encoder": self.encoder}


if __name__ == "__main__":
    home, live = Path(sys.argv[1]), FakeAssistant()
    live.index.articles = lambda: [1, 2]
    with open_operations(Settings(home), lambda: live.index) as operations:
        serve(lambda: build_server(answering(live, operations.record.answered), Door(home), version="0", language="zh", examples={}, operations=operations), host="127.0.0.1", port=0)
