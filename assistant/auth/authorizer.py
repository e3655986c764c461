"""The decision on a request: who is calling, from which page, and whether that is enough for what is asked.

`Authorizer.admit` looks at each request in this order: host name, credentials, page of origin, role and scope, limits.
Credentials in a header always count alone: a wrong key is refused even where a cookie would have been enough.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from assistant.auth.access_denied import AccessDenied
from assistant.auth.accounts.access_database import access_database
from assistant.auth.accounts.api_keys import Keys
from assistant.auth.accounts.credentials import API_KEY, SITE_TOKEN, TOKEN_SECONDS, site_of
from assistant.auth.accounts.identity import GUEST, LOCAL, Caller, Role
from assistant.auth.accounts.origins import Origin
from assistant.auth.accounts.sites import Site, Sites
from assistant.auth.accounts.users import Users
from assistant.auth.rate_limits import RateLimits
from assistant.auth.request import Network, RequestInfo, is_in, is_loopback
from assistant.auth.rules import Rule, rule_of
from index.errors import LinjianError

Access = Literal["none", "open", "accounts", "proxy"]
SMALL_BODY = 1 << 20
"""Bytes of a request that is no upload."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whoever was let in. `cors` is the foreign page that may read the answer; `largest` bytes of body are read."""

    caller: Caller
    rule: Rule
    cors: Origin | None = None
    preflight: bool = False
    largest: int = SMALL_BODY


class Authorizer:
    """Decides over requests, with the sites, users and keys of `home/access.sqlite`.

    `access` says how people are known: "none" (everybody is this machine's own administrator), "open" (strangers
    read), "accounts" (they sign in), "proxy" (`proxy_header` of one of `proxies` names them). `hosts` are the names,
    besides addresses and this machine's own, under which the server may be asked. `per_minute` is a caller's limit and
    `daily` a site's, 0 for none. LinjianError when `proxies` holds no address or is empty where it must not be.
    """

    def __init__(self, home: Path, *, access: Access = "none", hosts: str = "", proxies: str = "",
                 proxy_header: str = "x-remote-user", per_minute: int = 60, daily: int = 10_000,
                 upload_bytes: int = 64 << 20, language: str = "zh", clock: Callable[[], float] = time.time) -> None:
        database = access_database(home)
        self.access: Access = access
        self.sites, self.users, self.keys = Sites(database, clock), Users(database, clock), Keys(database, clock)
        self.limits = RateLimits(per_minute)
        self.proxies = read_networks(proxies)
        self.language = language
        self.clock = clock
        self._hosts = {"localhost", socket.gethostname().lower(), *_names(hosts)}
        self._proxy_header = proxy_header.lower()
        self._daily = daily
        self._upload_bytes = upload_bytes
        if access == "proxy" and not self.proxies:
            raise LinjianError("access = proxy needs addresses of proxies, as LINJIAN_PROXIES=10.0.0.5. See: linjian config")

    def authorize(self, info: RequestInfo) -> Admission:
        """Return who was let in; raises Refusal. Reads the database: call it outside of an event loop."""
        rule = rule_of(info.method, info.path)
        self._check_host(info)
        if info.method == "OPTIONS" and "access-control-request-method" in info.headers:
            return self._preflight(info)
        if rule.closed:
            raise AccessDenied("closed")
        caller, site = self._identify(info, rule)
        cors = self._check_origin(info, rule, caller, site)
        self._check_rights(info, rule, caller)
        if rule.counted:
            self._spend(info, caller, site)
        return Admission(caller, rule, cors, largest=self._upload_bytes if rule.large else SMALL_BODY)

    def site_for_page(self, name: str, origin: Origin | None, written: str) -> Site:
        """Return a site if pages of `origin` may embed it; Refusal says why not. `written` is the origin as it was sent."""
        site = self.sites.find(name)
        if site is None:
            raise AccessDenied("no_site", {"site": name[:40]})
        if origin is None:
            raise AccessDenied("null_origin" if written else "no_origin")
        if not site.allows(origin):
            raise AccessDenied("origin_not_listed", {"origin": origin, "site": name})
        return site

    def wrong_secret(self, info: RequestInfo, code: str = "bad_credentials", **values: str) -> AccessDenied:
        """Count a wrong key, token or site's secret and return its refusal; after too many, that one has to wait.

        A right one is let in all the same: nobody guesses 256 bits, and others at its address could lock it out.
        """
        wait = self.limits.suspended(info.address)
        if wait:
            return AccessDenied("suspended", {"seconds": wait}, wait)
        self.limits.failed(info.address)
        return AccessDenied(code, values)

    def user_of(self, info: RequestInfo) -> Caller | None:
        """Return who signed in with the cookie of a request."""
        user = self.users.signed_in(info.session) if self.access == "accounts" and info.session else None
        return Caller("user", user.name, user.role) if user else None

    def _check_host(self, info: RequestInfo) -> None:
        """Refuse names that are not ours: with one that resolves to this machine foreign pages get in (DNS rebinding)."""
        host = info.host
        if host is None or not (host.host in self._hosts or is_address(host.host)):
            raise AccessDenied("host", {"host": (info.headers.get("host") or "?")[:200]})

    def _preflight(self, info: RequestInfo) -> Admission:
        """Tell a browser whether a page may send what it wants to; the request itself is then looked at like any other."""
        asked = rule_of(info.headers["access-control-request-method"].upper(), info.path)
        origin = info.origin
        if origin is not None and asked.site and self.is_listed(origin):
            return Admission(GUEST, asked, origin, preflight=True)
        raise AccessDenied("preflight", {"origin": info.origin_text or "?"})

    def is_listed(self, origin: Origin) -> bool:
        """Return whether any site has this origin on its list."""
        return any(site.allows(origin) for site in self.sites.all())

    def _identify(self, info: RequestInfo, rule: Rule) -> tuple[Caller, Site | None]:
        if rule.linked:  # these are the same for everybody, whatever credentials come with them
            return GUEST, None
        if info.bearer.startswith(SITE_TOKEN):
            return self._site(info)
        if info.bearer.startswith(API_KEY):
            return self._key(info), None
        if info.bearer and self.access in ("accounts", "proxy"):
            raise self.wrong_secret(info)
        return self._person(info, rule), None

    def _site(self, info: RequestInfo) -> tuple[Caller, Site]:
        site = self.sites.find(site_of(info.bearer))
        token = site.read_token(info.bearer) if site else None
        if site is None or token is None:
            raise self.wrong_secret(info)
        left = token.until - self.clock()
        if left <= 0 or left > TOKEN_SECONDS:  # made when the clock was ahead
            raise AccessDenied("expired_token")
        return Caller("site", f"{site.name}/{token.session}", Role.READER), site

    def _key(self, info: RequestInfo) -> Caller:
        key = self.keys.find(info.bearer)
        if key is None:
            raise self.wrong_secret(info)
        if self.keys.is_expired(key):
            raise AccessDenied("expired_key", {"day": time.strftime("%Y-%m-%d", time.gmtime(key.expires))})
        scope = rule_of(info.method, info.path).scope
        if scope is None:
            raise AccessDenied("not_for_keys")
        if scope not in key.scopes:
            raise AccessDenied("scope", {"scope": scope})
        return Caller("key", key.name, key.role)

    def _person(self, info: RequestInfo, rule: Rule) -> Caller:
        if rule.loopback and info.is_loopback and info.session == "":
            return LOCAL
        if info.unnamed and self.access in ("none", "open"):  # known by their address alone, and this is the proxy's
            raise AccessDenied("proxy_silent", {"address": info.peer})
        match self.access:
            case "none":
                if info.forwarded:
                    raise AccessDenied("forwarded")
                return LOCAL
            case "open":
                return LOCAL if info.is_loopback else replace(LOCAL, name=info.address, role=Role.READER)
            case "proxy":
                return self._named_by_proxy(info)
        caller = self.user_of(info)
        if caller is None and rule.role is not None:
            raise AccessDenied("no_credentials")
        return caller or GUEST

    def _named_by_proxy(self, info: RequestInfo) -> Caller:
        if not is_in(info.peer, self.proxies):
            raise AccessDenied("not_proxy", {"address": info.peer or "?"})
        given = info.headers.getlist(self._proxy_header)
        name = given[0].strip().lower() if len(given) == 1 else ""
        if not name or len(name) > 200 or not name.isprintable():
            raise AccessDenied("no_proxy_user", {"header": self._proxy_header})
        user = self.users.find(name)
        return Caller("user", name, user.role if user else Role.READER)

    def _check_origin(self, info: RequestInfo, rule: Rule, caller: Caller, site: Site | None) -> Origin | None:
        """Refuse requests that another origin's page made a browser send; return that origin if it may read the answer."""
        if rule.linked:
            return None
        sent = "origin" in info.headers
        if site is not None:
            if info.is_own:
                return None
            return_to = self.site_for_page(site.name, info.origin, info.origin_text) and info.origin
            return return_to if sent else None
        if sent and info.origin is None:
            raise AccessDenied("null_origin")
        if sent and not info.is_own:
            raise AccessDenied("foreign_origin", {"origin": info.origin})
        # an image, a script or a frame carries no Origin; browsers that tell say at least from how far it comes
        opened = info.headers.get("sec-fetch-mode") == "navigate" and info.headers.get("sec-fetch-dest") == "document"
        if info.headers.get("sec-fetch-site") in ("cross-site", "same-site") and not opened:
            raise AccessDenied("foreign_origin", {"origin": info.origin or "?"})
        return None

    def _check_rights(self, info: RequestInfo, rule: Rule, caller: Caller) -> None:
        if caller.kind == "site" and not rule.site:
            raise AccessDenied("not_for_sites")
        if rule.role is not None and caller.role < rule.role:
            raise AccessDenied("role", {"role": rule.role.name.lower()})

    def _spend(self, info: RequestInfo, caller: Caller, site: Site | None) -> None:
        if caller is LOCAL:
            return
        wait = self.limits.spend(info.address, None if caller is GUEST else caller.id, site.name if site else None)
        if wait:
            raise AccessDenied("too_many", {"seconds": wait}, wait)
        allowed = (site.daily or self._daily) if site else 0
        if site and allowed and not self.sites.count(site.name, allowed):
            raise AccessDenied("daily", {"site": site.name, "limit": allowed}, 86400 - int(self.clock()) % 86400)


def check_exposure(access: str, host: str) -> None:
    """Raise LinjianError when a server without a login would be reached from other machines."""
    if access == "none" and not (host == "localhost" or is_loopback(host)):
        raise LinjianError(
            f"host = {host} opens the server to other machines, where access = none would make everybody an administrator. "
            "Let people sign in: LINJIAN_ACCESS=accounts, then linjian user add NAME --role admin. "
            "Or let everybody read: LINJIAN_ACCESS=open")


def read_networks(text: str) -> tuple[Network, ...]:
    """Return the addresses and networks that a setting lists, with commas; LinjianError names one that is none."""
    out = []
    for part in _names(text):
        try:
            out.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            raise LinjianError(f"proxies: {part!r} is no address like 10.0.0.5 and no network like 10.1.0.0/16. "
                               "See: linjian config") from None
    return tuple(out)


def is_address(host: str) -> bool:
    """Return whether a host is written as an address, which no name server can point elsewhere."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _names(text: str) -> list[str]:
    """Return what a setting lists with commas; "none" is an empty list."""
    return [part.strip().lower() for part in text.split(",") if part.strip()] if text != "none" else []
