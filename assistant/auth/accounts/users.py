"""Local accounts: names, roles, argon2 passwords, and the sessions of those who signed in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from assistant.auth.accounts.credentials import digest, new_secret
from assistant.auth.accounts.identity import Role
from index.errors import LinjianError, NotFound
from index.sqlite import Database

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256
SESSION_SECONDS = 12 * 3600
NAME = re.compile(r"[\w.@-]{1,64}")
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$O9HWOfPXKvxPLq8nNFRmPw$BrkroD23bI8vJUGSS23byc03J1b006UpiOP0JTnUm9A"
"""Verified in place of an unknown user's hash, so that the time taken does not tell which names exist."""


@dataclass(frozen=True, slots=True)
class User:
    """`has_password` is false for those that only a trusted proxy signs in."""

    name: str
    role: Role
    has_password: bool


class Users:
    """The users in access.sqlite. A change of role, and a removal, count from the next request on."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._hasher = PasswordHasher()

    def all(self) -> list[User]:
        with self._database.reading() as db:
            return [_user(row) for row in db.execute("SELECT name, role, password FROM users ORDER BY name")]

    def find(self, name: str) -> User | None:
        with self._database.reading() as db:
            row = db.execute("SELECT name, role, password FROM users WHERE name = ?", (name.lower(),)).fetchone()
        return _user(row) if row else None

    def add(self, name: str, role: Role, password: str | None) -> None:
        """Store a user, without a password one that a proxy signs in; LinjianError says what cannot be."""
        name = name.lower()
        if not NAME.fullmatch(name):
            raise LinjianError(f"A user cannot be called {name!r}: letters, digits, '.', '-', '_' and '@', up to 64.")
        hashed = "" if password is None else self._hash(password)
        with self._database.writing() as db:
            if db.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone():
                raise LinjianError(f"There is a user {name!r} already. Change one: linjian user change {name} --role …")
            db.execute("INSERT INTO users VALUES (?,?,?,?)", (name, role.name.lower(), hashed, int(self._clock())))

    def change(self, name: str, *, role: Role | None = None, password: str | None = None) -> None:
        """Give a user another role or password; a new password ends the user's sessions. NotFound, LinjianError."""
        name = self._known(name)
        hashed = None if password is None else self._hash(password)
        with self._database.writing() as db:
            if role is not None:
                db.execute("UPDATE users SET role = ? WHERE name = ?", (role.name.lower(), name))
            if hashed is not None:
                db.execute("UPDATE users SET password = ? WHERE name = ?", (hashed, name))
                db.execute("DELETE FROM sessions WHERE user = ?", (name,))

    def remove(self, name: str) -> None:
        """Forget a user and end the user's sessions; NotFound when there is none of that name."""
        name = self._known(name)
        with self._database.writing() as db:
            db.execute("DELETE FROM users WHERE name = ?", (name,))

    def sign_in(self, name: str, password: str) -> str | None:
        """Return the secret of a new session of 12 hours, None where name or password is wrong.

        Takes some hundredths of a second by design: call it outside of an event loop.
        """
        name = name.lower()
        with self._database.reading() as db:
            row = db.execute("SELECT password FROM users WHERE name = ?", (name,)).fetchone()
        stored = row[0] if row and row[0] else None
        try:
            self._hasher.verify(stored or _NOBODY, password[:LONGEST_PASSWORD + 1])
        except (VerificationError, InvalidHashError):
            return None
        if stored is None:
            return None
        secret, now = new_secret(), int(self._clock())
        with self._database.writing() as db:
            # those with longer to go than a session lasts are of a clock that was ahead, and would be good again in its time
            db.execute("DELETE FROM sessions WHERE expires <= ? OR expires > ?", (now, now + SESSION_SECONDS))
            db.execute("INSERT INTO sessions VALUES (?,?,?)", (digest(secret), name, now + SESSION_SECONDS))
            if self._hasher.check_needs_rehash(stored):
                db.execute("UPDATE users SET password = ? WHERE name = ?", (self._hash(password), name))
        return secret

    def signed_in(self, secret: str) -> User | None:
        """Return whose session it is, None where it ended, was made when the clock was ahead, or never was."""
        now = int(self._clock())
        with self._database.reading() as db:
            row = db.execute(
                "SELECT name, role, password FROM sessions JOIN users ON name = user "
                "WHERE secret = ? AND expires > ? AND expires <= ?", (digest(secret), now, now + SESSION_SECONDS)).fetchone()
        return _user(row) if row else None

    def sign_out(self, secret: str) -> None:
        """End a session; one that ended already is no error."""
        with self._database.writing() as db:
            db.execute("DELETE FROM sessions WHERE secret = ?", (digest(secret),))

    def _known(self, name: str) -> str:
        if self.find(name) is None:
            raise NotFound(f"There is no user {name!r}. See who there is: linjian user list")
        return name.lower()

    def _hash(self, password: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise LinjianError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters, not {len(password)}.")
        return self._hasher.hash(password)


def _user(row: tuple[str, str, str]) -> User:
    return User(row[0], Role[row[1].upper()], bool(row[2]))
