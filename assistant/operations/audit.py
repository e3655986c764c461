"""The audit log: who asked, added, removed or changed something, and when. One table in `home/audit.sqlite`.

    at       UTC, ISO 8601, to the second
    caller   as the guard names them: user:anna, key:archive, site:intranet, local:local
    role     reader, librarian or admin
    what     ask, settings, restore, or a command that changed something: index add, site rotate, user remove …
    about    what it was done to; of a question its length, or its text where that is switched on
    request  the id of the request, which the server's log has too; "" from the command line

What is older than the days it is kept is deleted when the server starts and once a day, though not by a clock that leapt.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from assistant.auth.accounts.identity import LOCAL, Caller
from assistant.operations.logs import REQUEST
from index.sqlite import Schema, connect, make_tables, trouble_named

AUDIT = "audit.sqlite"
LONGEST = 2000
"""Characters kept of `about`."""
LEAP = timedelta(days=31)
"""Without any event for so long, the clock may as well have been set wrong."""
DAYS_TO_NOTICE = 7
"""Days with events after a leap, on the last of which the clock is believed."""
_SCHEMA = """
CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT NOT NULL, caller TEXT NOT NULL, role TEXT NOT NULL,
  what TEXT NOT NULL, about TEXT NOT NULL, request TEXT NOT NULL);
CREATE INDEX events_by_time ON events (at);
"""
_AUDIT = Schema(1, _SCHEMA, "Move it away; a new one is begun.", ("synchronous = NORMAL",), noted=True)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log; the module tells what its fields hold."""

    at: str
    caller: str
    role: str
    what: str
    about: str
    request: str


class AuditLog:
    """Writes and reads the log; safe to share between threads. `lost` is called when an event cannot be written.

    A full disk must not stop people from asking: the event then goes to the server's log, as an error.
    """

    def __init__(self, home: Path, *, days: int, lost: Callable[[], None] = lambda: None,
                 now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Open or make the log of `home`.

        Raises StaleIndex when a newer release wrote it, DamagedIndex when it is no database, Unwritable otherwise.
        """
        self._path, self._days, self._lost, self._now = home / AUDIT, days, lost, now
        self._cleaned = ""
        # One statement at a time: another thread's open SELECT would pin what the connection sees, and an INSERT behind
        # what a second process has written meanwhile then fails at once, without waiting.
        self._lock = threading.RLock()
        with trouble_named(self._path, _AUDIT.remedy):
            # Held open: the last connection that closes copies the log of SQLite back, which waits for the disk.
            self._db = connect(self._path, _AUDIT, shared=True)
            try:
                make_tables(self._db, _AUDIT)
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        self._db.close()

    def record(self, caller: Caller, what: str, about: str = "", request: str = "") -> None:
        """Write down that `caller` did `what`; `request` where it is not the one being answered in this context."""
        now = self._now()
        row = (_iso(now), caller.id, caller.role.name.lower(), what, _storable(about), request or REQUEST.get())
        try:
            with self._lock:
                self._db.execute("INSERT INTO events (at, caller, role, what, about, request) VALUES (?,?,?,?,?,?)", row)
                self._clean_daily(now)
        except sqlite3.Error:
            self._lost()
            logger.exception("not in the audit log: %s by %s", what, caller.id)

    def record_settings(self, settings: Mapping[str, Any]) -> None:
        """Write down which settings differ from those of the last start; secrets must be masked already."""
        last = self._rows("SELECT about FROM events WHERE what = 'settings' ORDER BY id DESC LIMIT 1")
        text = _storable(json.dumps(settings, ensure_ascii=False, sort_keys=True, default=str))
        if last != [(text,)]:
            self.record(LOCAL, "settings", text)

    def events(self, *, caller: str = "", what: str = "", since: str = "", limit: int = 100) -> list[Event]:
        """Return the newest `limit` events, oldest first: of one caller, of one kind, from a day (YYYY-MM-DD) on."""
        rows = self._rows(
            "SELECT at, caller, role, what, about, request FROM events WHERE (? = '' OR caller = ?) AND "
            "(? = '' OR what = ?) AND at >= ? ORDER BY id DESC LIMIT ?", caller, caller, what, what, since, limit)
        return [Event(*row) for row in reversed(rows)]

    def clean(self) -> int:
        """Delete what is older than the log is kept; return how many events that were. Unwritable when nothing can be.

        Behind a leap of the clock, age counts from the last event before it: a clock set wrong would else delete everything.
        """
        with trouble_named(self._path, _AUDIT.remedy), self._lock:
            return self._clean()

    def _clean(self) -> int:
        oldest = _iso(self._believed_now() - timedelta(days=self._days))
        return self._db.execute("DELETE FROM events WHERE at < ?", (oldest,)).rowcount

    def _believed_now(self) -> datetime:
        """Return what the clock says, or after a leap that is still news the time of the last event before it."""
        now = after = self._now()
        for _ in range(DAYS_TO_NOTICE):
            [(newest,)] = self._rows("SELECT max(at) FROM events WHERE at <= ?", _iso(after))
            if newest is None:
                break
            event = datetime.fromisoformat(newest)
            if after - event > LEAP:
                logger.warning("audit log: no event between %s and %s. Old ones are kept until there are some of %d days; "
                               "is the clock right? See: date", newest[:10], _iso(after)[:10], DAYS_TO_NOTICE)
                return event
            after = event.replace(hour=0, minute=0, second=0) - timedelta(seconds=1)
        return now

    def _clean_daily(self, now: datetime) -> None:
        today = now.date().isoformat()
        due, self._cleaned = self._cleaned != today, today
        if due:
            self._clean()

    def _rows(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        """Return all rows of a query: a statement that is read to its end keeps nothing open."""
        with self._lock:
            return self._db.execute(query, values).fetchall()


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _storable(text: str) -> str:
    """Return `text` bounded, and without half surrogates, which SQLite does not take."""
    return text[:LONGEST].encode("utf-8", "replace").decode("utf-8")
