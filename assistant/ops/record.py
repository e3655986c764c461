"""Where every door reports what it answered: to metrics, to the server's log, to the audit log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from assistant.guard.caller import LOCAL, STATE, Caller
from assistant.ops.audit import AuditLog
from assistant.ops.logs import FIELDS, set_up
from assistant.ops.metrics import Metrics
from assistant.ops.observing import SCOPE
from assistant.ops.readiness import Live, Readiness, readiness_of
from assistant.types import Answer

DOORS = {"/api/": "api", "/v1/": "openai", "/mcp": "mcp"}
"""What an address begins with, and the name of the door there; any other is the chat's."""

Scope = Mapping[str, Any]
logger = logging.getLogger(__name__)


class Record:
    """Reports answers. What was asked is written down only when `questions` says so."""

    def __init__(self, metrics: Metrics, audit: AuditLog, *, questions: bool) -> None:
        self.metrics, self.audit, self._questions = metrics, audit, questions

    def answered(self, caller: Caller, by: str, answer: Answer, request: str = "") -> None:
        """Report that `caller` got `answer` at the door `by` (see DOORS)."""
        self.metrics.answered(by, answer)
        asked = answer.question if self._questions else f"{len(answer.question)} characters"
        self.audit.record(caller, "ask", asked, request)
        fields = {
            "by": by, "caller": caller.id, "asked": asked, "outcome": answer.refusal_reason or "answered",
            "language": answer.language, "model": answer.model, "index_version": answer.index_version,
            "claims": len(answer.claims), "timings_ms": answer.timings_ms,
        }
        logger.info("answer", extra={FIELDS: fields | ({"request": request} if request else {})})


@dataclass(frozen=True, slots=True)
class Operations:
    """What a server needs so that those who run it see what it does."""

    record: Record
    readiness: Callable[[], Readiness]


class Settings(Protocol):
    """What is needed of the settings."""

    home: Path
    log: Literal["auto", "json", "plain"]
    log_questions: str
    audit_days: int
    encoder: str
    reader: str
    model: str

    def model_dump(self, *, mode: str) -> dict[str, Any]: ...


@contextmanager
def open_operations(settings: Settings, live: Live) -> Iterator[Operations]:
    """Begin to log, count and audit what `live` answers. Raises what AuditLog raises."""
    set_up(settings.log)
    metrics = Metrics()
    with closing(AuditLog(settings.home, days=settings.audit_days, lost=metrics.unrecorded)) as audit:
        audit.clean()
        audit.record_settings(settings.model_dump(mode="json"))
        readiness = readiness_of(live, encoder=settings.encoder, reader=settings.reader, model=settings.model)
        metrics.watch(readiness)
        yield Operations(Record(metrics, audit, questions=settings.log_questions == "on"), readiness)


class Recorded:
    """An assistant whose answers are reported; it is the one it stands before in everything else.

    `asking` returns the request that is being answered where `stream` is called, None where there is none.
    """

    def __init__(self, assistant: Any, record: Record, asking: Callable[[], Scope | None] = SCOPE.get) -> None:
        self._assistant, self._record, self._asking = assistant, record, asking

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assistant, name)

    def pinned(self) -> Recorded:
        return Recorded(self._assistant.pinned(), self._record, self._asking)

    def ask(self, *args: Any, **options: Any) -> Answer:
        """Answer as the assistant does, and report it."""
        report, answer = self._reporter(), self._assistant.ask(*args, **options)
        report(answer)
        return answer

    def stream(self, *args: Any, **options: Any) -> Iterator[str | Answer]:
        """Return what the assistant's stream yields; who asks is found out now, not when it is read."""
        return self._streamed(self._assistant.stream(*args, **options), self._reporter())

    def _streamed(self, steps: Iterator[str | Answer], report: Callable[[Answer], None]) -> Iterator[str | Answer]:
        for step in steps:
            if isinstance(step, Answer):
                report(step)
            yield step

    def _reporter(self) -> Callable[[Answer], None]:
        scope = self._asking() or {}
        state = scope.get("state", {})
        path = scope.get("path", "")
        by = next((name for start, name in DOORS.items() if path.startswith(start)), "chat")
        return lambda answer: self._record.answered(state.get(STATE, LOCAL), by, answer, state.get("request_id", ""))


def asked_in_chat() -> Scope | None:
    """Return the request behind the event that Gradio is running: its queue runs events apart from their requests."""
    from gradio.context import LocalContext

    event = LocalContext.request.get(None)
    return event.request.scope if event is not None and event.request is not None else None
