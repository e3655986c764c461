"""The server's log: one JSON object a line on stderr, or plain warnings where a person looks on.

What people ask is not in it, nor any query string: those may hold what a client should not have put there.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being answered, for whatever is logged on its way."""
FIELDS = "fields"
"""`extra={FIELDS: {...}}` gives a record fields of its own."""


BURST = 20
"""Lines that are alike, of each kind in one window."""
WINDOW = 10.0
"""Seconds."""
MOST_KINDS = 1000
"""Kinds of lines that are counted at a time."""


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


class Repeats(logging.Filter):
    """Lets `BURST` alike lines pass in `WINDOW` seconds; the next one after that says how many were held back.

    Alike are lines of one logger and level that were written in one place: the first line of their text, without values.
    A line with fields of its own, of a request or an answer, passes always.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if hasattr(record, FIELDS):
            return True
        now, alike = self._clock(), (record.name, record.levelno, str(record.msg).partition("\n")[0])
        since, count = self._seen.get(alike, (now, 0))
        held_back = 0
        if now - since >= WINDOW:
            since, count, held_back = now, 0, max(0, count - BURST)
        elif alike not in self._seen and len(self._seen) >= MOST_KINDS:
            self._seen.clear()
        self._seen[alike] = since, count + 1
        if held_back:
            record.msg, record.args = f"{record.getMessage()} ({held_back} lines like this were not written)", ()
        return count < BURST


def set_up(form: Literal["auto", "json", "plain"], stream: TextIO | None = None) -> None:
    """Send the log of the whole process to `stream` (stderr): JSON lines, or only warnings, plainly.

    "auto" is plain on a terminal. What repeats itself is limited, lest a fault fill the disk. Called once, by what starts
    the server.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    plain = form == "plain" or form == "auto" and stream.isatty()
    if plain:
        handler.setFormatter(logging.Formatter("linjian: %(levelname)s: %(message)s"))
    else:
        handler.setFormatter(JsonLines())
    handler.addFilter(Repeats())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("assistant").setLevel(logging.WARNING if plain else logging.INFO)
    logging.captureWarnings(True)
