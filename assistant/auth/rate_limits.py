"""Rate limits: how often somebody may ask, kept in memory by sliding windows of a minute (the `limits` library)."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

ADDRESS_FACTOR = 5
"""One address may stand for several people (a proxy, a shared machine): it has so many times a caller's limit."""
SITE_FACTOR = 20
"""A site stands for all its visitors."""
FAILURES = 20
"""Wrong passwords a minute from one address, and wrong keys, secrets and tokens, after which it has to wait."""


class RateLimits:
    """Counts per caller, address and site. Nothing is counted where `per_minute` is 0."""

    def __init__(self, per_minute: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._per_minute = per_minute

    def spend(self, address: str, caller: str | None = None, site: str | None = None) -> int:
        """Count one request and return 0, or count nothing and return the seconds to wait when a minute is used up."""
        if not self._per_minute:
            return 0
        wanted = [(RateLimitItemPerMinute(self._per_minute * ADDRESS_FACTOR), "address", network_of(address))]
        if caller is not None:
            wanted.append((RateLimitItemPerMinute(self._per_minute), "caller", caller))
        if site is not None:
            wanted.append((RateLimitItemPerMinute(self._per_minute * SITE_FACTOR), "site", site))
        for item, *who in wanted:
            if not self._limiter.test(item, *who):
                return self._wait(item, *who)
        for item, *who in wanted:
            self._limiter.hit(item, *who)
        return 0

    def failed(self, address: str) -> None:
        """Count something wrong that was presented as a secret."""
        self._limiter.hit(RateLimitItemPerMinute(FAILURES), "failures", network_of(address))

    def suspended(self, address: str, undecided: int = 0) -> int:
        """Return the seconds that an address has to wait after too many wrong secrets, else 0.

        `undecided` secrets of it are being looked at, and may all be wrong.
        """
        item, who = RateLimitItemPerMinute(FAILURES), ("failures", network_of(address))
        return 0 if self._limiter.test(item, *who, cost=1 + undecided) else self._wait(item, *who)

    def _wait(self, item: RateLimitItem, *who: str) -> int:
        reset, _ = self._limiter.get_window_stats(item, *who)
        return max(1, math.ceil(reset - time.time()))


def network_of(address: str) -> str:
    """Return what stands for one household or machine: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
