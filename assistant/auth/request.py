"""What a request says about itself, read once from the ASGI scope: by whom it comes, from which page, with what."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from assistant.auth.accounts.origins import Origin, origin_of, read_origin

COOKIE = "linjian_session"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """`address` is the client's, behind trusted proxies the one that they report; `peer` is who really connected.

    `forwarded` says that some proxy put its headers in, `unnamed` that a trusted one did not say for whom it asks;
    `origin` is the page that sent this, as the browser says.
    """

    method: str
    path: str
    headers: Headers
    session: str
    peer: str
    address: str
    scheme: str
    forwarded: bool
    unnamed: bool

    @classmethod
    def of(cls, scope: Mapping[str, Any], proxies: Collection[Network]) -> RequestInfo:
        """Read a scope of type http or websocket; the headers of proxies count only from the networks named."""
        connection = HTTPConnection(scope)
        headers = connection.headers
        peer = (scope.get("client") or ("", 0))[0]
        chain = [part.strip() for part in ",".join(headers.getlist("x-forwarded-for")).split(",") if part.strip()]
        trusted = is_in(peer, proxies)
        address = next((hop for hop in reversed(chain) if not is_in(hop, proxies)), peer) if trusted else peer
        scheme = {"ws": "http", "wss": "https"}.get(scope.get("scheme", "http"), scope.get("scheme", "http"))
        if trusted:
            scheme = headers.get("x-forwarded-proto", scheme).strip().lower()
        return cls(
            method=scope.get("method", "GET"), path=scope["path"], headers=headers,
            session=connection.cookies.get(COOKIE, ""), peer=peer, address=address, scheme=scheme,
            forwarded=any(name in headers for name in ("x-forwarded-for", "forwarded", "x-real-ip")),
            unnamed=trusted and not chain,
        )

    @property
    def bearer(self) -> str:
        """Return the key or token of the Authorization header, "" where there is none of that kind."""
        kind, _, value = self.headers.get("authorization", "").partition(" ")
        return value.strip() if kind.lower() == "bearer" else ""

    @property
    def host(self) -> Origin | None:
        """Return the host that was asked for as an origin, None where the header is missing, twice there or malformed."""
        given = self.headers.getlist("host")
        return read_origin(f"{self.scheme}://{given[0].lower()}") if len(given) == 1 else None

    @property
    def origin(self) -> Origin | None:
        """Return the page that sent this: its Origin, else that of its Referer, else None."""
        if "origin" in self.headers:
            return read_origin(self.headers["origin"])
        return origin_of(self.headers["referer"]) if "referer" in self.headers else None

    @property
    def origin_text(self) -> str:
        """Return the Origin header as it was sent, for telling."""
        return self.headers.get("origin", "")[:200]

    @property
    def is_own(self) -> bool:
        """Return whether the page that sent this is one of this server's own.

        Where TLS may end at a proxy that is not trusted to say so, a page over https is the same server's.
        """
        origin, host = self.origin, self.host
        if origin is None or host is None or (self.scheme == "https" and origin.scheme != "https"):
            return False
        return (origin.host, origin.port) == (host.host, host.port)

    @property
    def is_loopback(self) -> bool:
        """Return whether this comes from this machine, and through no proxy; what comes from a proxy's address may have."""
        return not self.forwarded and not self.unnamed and is_loopback(self.peer)

    @property
    def wants_page(self) -> bool:
        """Return whether a person looks at the answer in a browser."""
        return self.method in ("GET", "HEAD", "POST") and "text/html" in self.headers.get("accept", "")


def is_in(address: str, networks: Collection[Network]) -> bool:
    """Return whether an address, also an IPv4 one written as IPv6, is in one of the networks."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(parsed in network for network in networks)


def is_loopback(address: str) -> bool:
    """Return whether an address is this machine's own."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback
