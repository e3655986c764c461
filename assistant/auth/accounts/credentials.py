"""Secrets: making them, storing only what cannot be used again, and the signed tokens of embedding sites.

Each kind begins with its own letters, so that one found in a log or a repository can be told for what it is.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

SITE_SECRET = "ljs_"
SITE_TOKEN = "ljt_"
API_KEY = "ljk_"
TOKEN_SECONDS = 30 * 60
SESSION_NAME = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SALT = "linjian embedding site"


def new_secret(prefix: str = "") -> str:
    """Return 256 random bits as text; nobody guesses them, so a plain hash of them may be stored."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return what is stored of a random secret. A password, which can be guessed, needs argon2 instead."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def same(secret: str, stored: str) -> bool:
    """Return whether `stored` is the digest of `secret`, in a time that says nothing about either."""
    return hmac.compare_digest(digest(secret), stored)


@dataclass(frozen=True, slots=True)
class SiteToken:
    """What a token says: whose it is, for which visitor's session, and until when (seconds since 1970)."""

    site: str
    session: str
    until: int


def sign(token: SiteToken, key: bytes) -> str:
    """Return the token as the widget sends it: `ljt_SITE.…`, signed with HMAC-SHA-256."""
    return f"{SITE_TOKEN}{token.site}." + str(_serializer(key).dumps([token.site, token.session, token.until]))


def site_of(text: str) -> str:
    """Return the site that a token names; nothing is verified yet."""
    return text.removeprefix(SITE_TOKEN).partition(".")[0]


def verify(text: str, key: bytes) -> SiteToken | None:
    """Return what a token says, None where it was not signed with this key or was changed since."""
    named, _, signed = text.removeprefix(SITE_TOKEN).partition(".")
    try:
        token = SiteToken(*_serializer(key).loads(signed))
    except (BadData, TypeError):
        return None
    return token if token.site == named else None


def _serializer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"})
