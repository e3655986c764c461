"""Web origins: reading them, and the patterns of a site's allowlist (exact, or every host below a suffix).

An origin is scheme, host and port as RFC 6454 has it. It is compared in its normal form: lower case, the host in
its ASCII form, no default port.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.errors import LinjianError

_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_BELOW = "*."


@dataclass(frozen=True, slots=True)
class Origin:
    """One origin in normal form; `host` of an IPv6 address has no brackets, `port` is None where it is the default."""

    scheme: str
    host: str
    port: int | None = None

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """Return host and port as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


def read_origin(text: str) -> Origin | None:
    """Return the origin that a browser's Origin header names, None for `null` and for anything that is none."""
    if not text.isascii() or text != text.strip() or any(sign in text for sign in "?#@\\*"):
        return None
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme not in _PORTS or parts.path or not _is_host(host):
        return None
    return Origin(parts.scheme, host, None if port == _PORTS[parts.scheme] else port)


def origin_of(url: str) -> Origin | None:
    """Return the origin of a whole URL (a Referer), None where there is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return read_origin(f"{parts.scheme}://{parts.netloc}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One entry of an allowlist. With `below`, every host below `origin.host` is meant, and not that host itself."""

    origin: Origin
    below: bool = False

    def __str__(self) -> str:
        return f"{self.origin.scheme}://{_BELOW}{self.origin.netloc}" if self.below else str(self.origin)

    def matches(self, origin: Origin) -> bool:
        ours = self.origin
        if (origin.scheme, origin.port) != (ours.scheme, ours.port):
            return False
        return origin.host.endswith("." + ours.host) if self.below else origin.host == ours.host


def read_pattern(text: str) -> Pattern:
    """Return the pattern that an administrator typed: https://host, https://*.suffix, or *.suffix for https.

    Raises LinjianError saying what is wrong with it: `null`, `*`, a path, a suffix of one label.
    """
    text = text.strip()
    if text.casefold() == "null":
        raise LinjianError("The origin 'null' is sent by files, sandboxed frames and attackers alike: it cannot be allowed.")
    if text in ("", "*") or text.endswith("://*"):
        raise LinjianError("An origin that allows everybody is not possible. Name each: --origin https://portal.example.org")
    written = text if "://" in text else f"https://{text}"
    scheme, _, rest = written.partition("://")
    below = rest.startswith(_BELOW)
    host = rest.removeprefix(_BELOW) if below else rest
    origin = read_origin(f"{scheme.lower()}://{_ascii(host.removesuffix('/'))}")
    if origin is None:
        raise LinjianError(f"{text!r} is no origin. One is scheme, host and port, without a path: --origin https://portal.example.org")
    if below and ("." not in origin.host or _is_address(origin.host)):
        raise LinjianError(f"{text!r} would allow too much. After '*.' at least two labels are needed, as in https://*.example.org")
    return Pattern(origin, below)


def _ascii(host: str) -> str:
    """Return a host with letters of any script in the form that browsers send."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _is_host(host: str) -> bool:
    return _is_address(host) or (len(host) <= 253 and all(map(_LABEL.fullmatch, host.split("."))))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
