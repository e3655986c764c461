"""What was answered is written down: in metrics, in the server's log, in the audit log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from assistant.auth.accounts.identity import LOCAL, STATE
from assistant.evidence.endpoints import masked
from assistant.operations.audit import AuditLog
from assistant.operations.health import Readiness, SearchedIndex, readiness_of
from assistant.operations.logs import FIELDS, set_up
from assistant.operations.prometheus_metrics import Metrics
from assistant.operations.request_log import SCOPE
from assistant.service.channels import channel_of
from assistant.service.events import Answered

Scope = Mapping[str, Any]
logger = logging.getLogger(__name__)


class Record:
    """Reports answers. What was asked is written down only when `questions` says so."""

    def __init__(self, metrics: Metrics, audit: AuditLog, *, questions: bool,
                 asking: Callable[[], Scope | None] = SCOPE.get) -> None:
        """`asking` returns, from the context, the request that is being answered; None where there is none."""
        self.metrics, self.audit, self._questions, self._asking = metrics, audit, questions, asking

    def answered(self, event: Answered) -> None:
        """Report an answer: to whom, by which channel and for which request, its context tells."""
        answer, scope = event.answer, self._asking() or {}
        state, path = scope.get("state", {}), scope.get("path", "")
        caller, request = state.get(STATE, LOCAL), state.get("request_id", "")
        by = channel_of(path)
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


class RecordedSettings(Protocol):
    """What is needed of the settings."""

    home: Path
    log: Literal["auto", "json", "plain"]
    log_questions: str
    audit_days: int
    encoder: str
    reranker: str
    model: str

    def model_dump(self, *, mode: str) -> dict[str, Any]: ...


@contextmanager
def open_operations(settings: RecordedSettings, index: Callable[[], SearchedIndex]) -> Iterator[Operations]:
    """Begin to log, count and audit; `index` returns the one that is searched now. Raises what AuditLog raises."""
    set_up(settings.log)
    metrics = Metrics()
    with closing(AuditLog(settings.home, days=settings.audit_days, lost=metrics.unrecorded)) as audit:
        audit.clean()
        values = settings.model_dump(mode="json")
        audit.record_settings({name: masked(value) if isinstance(value, str) else value for name, value in values.items()})
        readiness = readiness_of(index, encoder=settings.encoder, reranker=settings.reranker, model=settings.model)
        metrics.watch(readiness)
        yield Operations(Record(metrics, audit, questions=settings.log_questions == "on", asking=asking), readiness)


def asking() -> Scope | None:
    """Return the request that is being answered; of the chat the one behind Gradio's event, which runs apart from it."""
    from gradio.context import LocalContext

    event = LocalContext.request.get(None)
    return event.request.scope if event is not None and event.request is not None else SCOPE.get()
