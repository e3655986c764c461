"""The server's log: one JSON object a line on stderr, or plain warnings where a person looks on.

What people ask is not in it, nor any query string: those may hold what a client should not have put there.
"""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being answered, for whatever is logged on its way."""
FIELDS = "fields"
"""`extra={FIELDS: {...}}` gives a record fields of its own."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: time (UTC), level, logger, message, request id, its fields, its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        row: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage(),
        }
        fields = getattr(record, FIELDS, {})
        if request := fields.get("request") or REQUEST.get():
            row["request"] = request
        row.update(fields)
        if record.exc_info:
            row["traceback"] = self.formatException(record.exc_info)
        # ASCII only: a terminal's control sequences, or a line break of another script, stay what they are
        return json.dumps(row, ensure_ascii=True, default=str)


def set_up(form: Literal["auto", "json", "plain"], stream: TextIO | None = None) -> None:
    """Send the log of the whole process to `stream` (stderr): JSON lines, or only warnings, plainly.

    "auto" is plain on a terminal. Called once, by what starts the server.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    plain = form == "plain" or form == "auto" and stream.isatty()
    if plain:
        handler.setFormatter(logging.Formatter("linjian: %(levelname)s: %(message)s"))
    else:
        handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("assistant").setLevel(logging.WARNING if plain else logging.INFO)
    logging.captureWarnings(True)
