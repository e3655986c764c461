"""Passwords that people bring: how many are looked at, at once and of one address, before any of them is hashed."""

from __future__ import annotations

from collections import Counter

import anyio
from anyio.to_thread import run_sync

from assistant.auth.access_denied import AccessDenied
from assistant.auth.accounts.users import Users
from assistant.auth.rate_limits import RateLimits, network_of

AT_ONCE = 2
"""Passwords that are hashed at a time: each takes 64 MB and a processor."""
WAITING = 20
"""Passwords that wait for that. Whoever comes then is told to come again."""
COME_AGAIN = 5
"""Seconds after which there should be room."""


class SignIns:
    """Looks at passwords for one server, in its event loop."""

    def __init__(self, users: Users, limits: RateLimits) -> None:
        self._users = users
        self._limits = limits
        self._trying: Counter[str] = Counter()
        self._waiting = 0
        self._hashing: anyio.CapacityLimiter | None = None

    async def secret_of(self, user: str, password: str, address: str) -> str | None:
        """Return the secret of a new session, None where name or password is wrong; AccessDenied says how long to wait.

        What is being looked at counts as wrong until it is known: many at once are no more guesses than one after another.
        """
        # by the address alone: a count of the user's would let anybody lock out whoever they can name. And apart from keys
        who = f"password from {network_of(address)}"
        wait = self._limits.suspended(who, self._trying[who])
        if wait:
            raise AccessDenied("suspended", {"seconds": wait}, wait)
        if self._waiting >= AT_ONCE + WAITING:
            raise AccessDenied("busy", {"seconds": COME_AGAIN}, COME_AGAIN)
        self._hashing = self._hashing or anyio.CapacityLimiter(AT_ONCE)
        self._waiting += 1
        self._trying[who] += 1
        secret = None
        try:
            secret = await run_sync(self._users.sign_in, user, password, limiter=self._hashing)
        finally:  # a request that was broken off was a guess too
            self._waiting -= 1
            self._trying -= Counter([who])  # forgets those at 0
            if secret is None:
                self._limits.failed(who)
        return secret
