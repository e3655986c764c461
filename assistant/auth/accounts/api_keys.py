"""API keys for programs: hashed, for named parts of the interface only, and never for ever."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assistant.auth.accounts.credentials import API_KEY, digest, new_secret, same
from assistant.auth.accounts.identity import SCOPES, Role
from index.errors import LinjianError, NotFound
from index.sqlite import Database

LONGEST_DAYS = 3650
CLOCK_SECONDS = 86400
"""How far the clock may be set back before a key that was just made counts as made by a wrong clock."""
NAME = re.compile(r"[\w.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Key:
    """One key without its secret; times are seconds since 1970."""

    id: str
    name: str
    role: Role
    scopes: tuple[str, ...]
    created: int
    expires: int


class Keys:
    """The API keys in access.sqlite. Revoking counts from the next request on."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def all(self) -> list[Key]:
        with self._database.reading() as db:
            rows = db.execute("SELECT id, name, role, scopes, created, expires FROM keys ORDER BY name").fetchall()
        return [_key(row) for row in rows]

    def add(self, name: str, role: Role, scopes: Iterable[str], days: int) -> str:
        """Store a key and return it: it cannot be shown again. LinjianError says what cannot be."""
        chosen = tuple(scope for scope in SCOPES if scope in set(scopes))
        if not NAME.fullmatch(name):
            raise LinjianError(f"A key cannot be called {name!r}: letters, digits, '.', '-' and '_', up to 64.")
        if not chosen or len(chosen) != len(set(scopes)):
            raise LinjianError(f"A key needs scopes out of {', '.join(SCOPES)}, as in --scope read")
        if not 1 <= days <= LONGEST_DAYS:
            raise LinjianError(f"A key is good for 1 to {LONGEST_DAYS} days, not {days}.")
        key_id, secret, now = secrets.token_hex(6), new_secret(), int(self._clock())
        with self._database.writing() as db:
            if db.execute("SELECT 1 FROM keys WHERE name = ?", (name,)).fetchone():
                raise LinjianError(f"There is a key {name!r} already. Choose another name, or: linjian key revoke {name}")
            db.execute("INSERT INTO keys VALUES (?,?,?,?,?,?,?)", (
                key_id, name, digest(secret), role.name.lower(), json.dumps(chosen), now, now + days * 86400))
        return f"{API_KEY}{key_id}_{secret}"

    def revoke(self, name: str) -> None:
        """Forget a key; NotFound when there is none of that name."""
        with self._database.writing() as db:
            if db.execute("DELETE FROM keys WHERE name = ?", (name,)).rowcount == 0:
                raise NotFound(f"There is no key {name!r}. See which there are: linjian key list")

    def find(self, text: str) -> Key | None:
        """Return the key that `text` is, expired or not.

        None where it never was one, was revoked, or was made when the clock was ahead: it would be good for too long.
        """
        key_id, _, secret = text.removeprefix(API_KEY).partition("_")
        with self._database.reading() as db:
            row = db.execute("SELECT id, name, role, scopes, created, expires, secret FROM keys WHERE id = ?",
                             (key_id,)).fetchone()
        key = _key(row[:6]) if row and same(secret, row[6]) else None
        return key if key and key.created <= self._clock() + CLOCK_SECONDS else None

    def is_expired(self, key: Key) -> bool:
        return key.expires <= self._clock()


def _key(row: tuple) -> Key:
    key_id, name, role, scopes, created, expires = row
    return Key(key_id, name, Role[role.upper()], tuple(json.loads(scopes)), created, expires)
