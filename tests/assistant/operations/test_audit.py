"""The audit log when the clock is set wrong. Run: python -m pytest -q tests/assistant/operations/test_audit.py"""

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.auth.accounts.identity import LOCAL
from assistant.operations.audit import DAYS_TO_NOTICE, AuditLog

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAYS = 30


class SettableClock:
    """Says what the test sets."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def audit(tmp_path: Path, clock: SettableClock) -> Iterator[AuditLog]:
    """A log with an event of each of 20 days."""
    with closing(AuditLog(tmp_path, days=DAYS, now=clock)) as log:
        for day in range(20):
            log.record(LOCAL, "ask", f"day {day}")
            clock.go_on(days=1)
        yield log


def kept(audit: AuditLog) -> list[str]:
    return [event.about for event in audit.events() if event.about.startswith("day")]


@pytest.mark.parametrize("days", [32, 400, 4000])
def test_a_leap_of_the_clock_deletes_nothing(audit: AuditLog, clock: SettableClock, days: int, caplog: pytest.LogCaptureFixture) -> None:
    clock.go_on(days=days)
    assert audit.clean() == 0, "a start cleans before it writes"
    audit.record(LOCAL, "ask", "in the wrong time")
    clock.go_on(hours=6)
    audit.clean()
    clock.go_on(days=1)
    audit.record(LOCAL, "ask", "on its next day")
    assert len(kept(audit)) == 20
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert told
    assert all("2026-03-20" in line and "See: date" in line for line in told)
    clock.now = BEGIN + timedelta(days=21)  # it is set right
    assert audit.clean() == 0
    assert len(kept(audit)) == 20


def test_a_clock_that_keeps_on_is_believed_in_the_end(audit: AuditLog, clock: SettableClock) -> None:
    clock.go_on(days=400)
    for _ in range(DAYS_TO_NOTICE - 1):
        audit.record(LOCAL, "ask", "later")
        clock.go_on(days=1)
    assert len(kept(audit)) == 20
    audit.record(LOCAL, "ask", "later")
    assert (kept(audit), len(audit.events())) == ([], DAYS_TO_NOTICE)


def test_a_pause_of_some_weeks_is_no_leap(audit: AuditLog, clock: SettableClock) -> None:
    clock.go_on(days=DAYS - 10)
    audit.clean()
    assert kept(audit) == [f"day {day}" for day in range(10, 20)]
