"""Embedding sites: which pages may show the widget, the secret that their backend keeps, and their daily count."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assistant.auth.accounts.credentials import SITE_SECRET, TOKEN_SECONDS, SiteToken, digest, new_secret, same, sign, verify
from assistant.auth.accounts.origins import Origin, Pattern, read_pattern
from index.errors import LinjianError, NotFound
from index.sqlite import Database

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
RESERVED = frozenset({"setup", "static"})
"""Words that stand where a site's name would in an address."""
DAY = "%Y-%m-%d"


@dataclass(frozen=True, slots=True)
class Site:
    """`secret` is a digest; whoever has `signing_key` can make tokens, and it is renewed with the secret.

    `daily` is how many counted requests a day the site may make (a day is UTC's), 0 for the server's own number.
    """

    name: str
    patterns: tuple[Pattern, ...]
    secret: str
    signing_key: bytes
    created: int
    rotated: int
    daily: int = 0

    def allows(self, origin: Origin | None) -> bool:
        """Return whether a page of this origin may embed us; nobody may where the list is empty."""
        return origin is not None and any(pattern.matches(origin) for pattern in self.patterns)

    def has_secret(self, secret: str) -> bool:
        return same(secret, self.secret)

    def token(self, session: str, now: float) -> str:
        """Return a token for one visitor's session that is good for 30 minutes."""
        return sign(SiteToken(self.name, session, int(now) + TOKEN_SECONDS), self.signing_key)

    def read_token(self, text: str) -> SiteToken | None:
        return verify(text, self.signing_key)


class Sites:
    """The sites in access.sqlite. A change counts from the next request on."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def all(self) -> list[Site]:
        with self._database.reading() as db:
            return [_site(row) for row in db.execute("SELECT * FROM sites ORDER BY name")]

    def find(self, name: str) -> Site | None:
        with self._database.reading() as db:
            row = db.execute("SELECT * FROM sites WHERE name = ?", (name,)).fetchone()
        return _site(row) if row else None

    def get(self, name: str) -> Site:
        """Return one site; NotFound says how to see which there are."""
        site = self.find(name)
        if site is None:
            raise NotFound(f"There is no site {name!r}. See which there are: linjian site list")
        return site

    def add(self, name: str, origins: Iterable[str], daily: int = 0) -> str:
        """Store a site and return its secret, which is not kept and cannot be shown again.

        Raises LinjianError when the name is taken or malformed, or when there is no origin or one is malformed.
        """
        if not NAME.fullmatch(name) or name in RESERVED:
            raise LinjianError(f"A site cannot be called {name!r}: small letters, digits and '-', up to 40, but not "
                               f"{' or '.join(sorted(RESERVED))}.")
        patterns = [str(read_pattern(origin)) for origin in origins]
        if not patterns:
            raise LinjianError(f"Site {name!r} needs the origins of its pages: --origin https://portal.example.org")
        secret, now = new_secret(SITE_SECRET), int(self._clock())
        with self._database.writing() as db:
            if db.execute("SELECT 1 FROM sites WHERE name = ?", (name,)).fetchone():
                raise LinjianError(f"There is a site {name!r} already. Change it: linjian site allow {name} --origin …")
            db.execute("INSERT INTO sites VALUES (?,?,?,?,?,?,?)", (
                name, json.dumps(sorted(set(patterns))), digest(secret), secrets.token_bytes(32), now, now, daily))
        return secret

    def allow(self, name: str, origins: Iterable[str]) -> Site:
        """Put more origins on a site's list and return the site. Raises NotFound, LinjianError for what is no origin."""
        return self._list(name, {str(read_pattern(origin)) for origin in origins}, set())

    def deny(self, name: str, origins: Iterable[str]) -> Site:
        """Take origins off a site's list; with the last one nobody may embed any more. Raises as `allow` does."""
        gone = {str(read_pattern(origin)) for origin in origins}
        listed = {str(pattern) for pattern in self.get(name).patterns}
        if not gone <= listed:
            raise NotFound(f"Not on the list of site {name!r}: {', '.join(sorted(gone - listed))}. See: linjian site list")
        return self._list(name, set(), gone)

    def _list(self, name: str, more: set[str], gone: set[str]) -> Site:
        with self._database.writing() as db:
            row = db.execute("SELECT origins FROM sites WHERE name = ?", (name,)).fetchone()
            if row:
                origins = json.dumps(sorted({*json.loads(row[0]), *more} - gone))
                db.execute("UPDATE sites SET origins = ? WHERE name = ?", (origins, name))
        return self.get(name)

    def rotate(self, name: str) -> str:
        """Return a new secret for a site. The old one and every token made with it end with this call."""
        self.get(name)
        secret = new_secret(SITE_SECRET)
        with self._database.writing() as db:
            db.execute("UPDATE sites SET secret = ?, signing_key = ?, rotated = ? WHERE name = ?",
                       (digest(secret), secrets.token_bytes(32), int(self._clock()), name))
        return secret

    def remove(self, name: str) -> None:
        """Forget a site, and with it every token; NotFound when there is none of that name."""
        self.get(name)
        with self._database.writing() as db:
            db.execute("DELETE FROM sites WHERE name = ?", (name,))

    def count(self, name: str, allowed: int) -> bool:
        """Count one request of today and return True, or False where `allowed` were made already."""
        today = time.strftime(DAY, time.gmtime(self._clock()))
        with self._database.writing() as db:
            db.execute("DELETE FROM usage WHERE day < ?", (today,))
            db.execute("INSERT INTO usage SELECT name, ?, 0 FROM sites WHERE name = ? ON CONFLICT DO NOTHING", (today, name))
            changed = db.execute("UPDATE usage SET requests = requests + 1 WHERE site = ? AND day = ? AND requests < ?",
                                 (name, today, allowed))
            return changed.rowcount == 1

    def used(self, name: str) -> int:
        """Return how many requests of a site were counted today."""
        today = time.strftime(DAY, time.gmtime(self._clock()))
        with self._database.reading() as db:
            row = db.execute("SELECT requests FROM usage WHERE site = ? AND day = ?", (name, today)).fetchone()
        return row[0] if row else 0


def _site(row: sqlite3.Row | tuple) -> Site:
    name, origins, *rest = row
    return Site(name, tuple(read_pattern(origin) for origin in json.loads(origins)), *rest)
