"""Addresses and keys of servers that a model runs on, for language models and rerankers alike: read, and never shown."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from index.errors import ModelError

PASSWORD_IN_ADDRESS = "In a password of an address write / as %2F, @ as %40 and : as %3A."
HIDDEN = "**********"
_NO_SECRET = 4
"""Characters of what is too short to be a secret: in a message it would be found in every other word."""
_IDENTITY = re.compile(r"(?s)//(.*)@")
"""Up to the last @: a password may hold a slash or an @, and rather too much is hidden."""
_QUERY_VALUE = re.compile(r"([?&][^=&#\s]*=)([^&#\s]*)")


def read_key(key: str, setting: str) -> str:
    """Return the key itself; ModelError naming `setting` and file where @FILE cannot be read. A key is never printed."""
    if not key.startswith("@"):
        return key
    try:
        return Path(key[1:]).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError("key", f"{setting} names the file {key[1:]!r}, which cannot be read: {error}.") from error


def is_local(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # no address: whoever asks it says so
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def masked(address: str) -> str:
    """Return an address as it may be shown or stored: without name, password and the values of its query.

    What is no address comes back as it is.
    """
    return _QUERY_VALUE.sub(rf"\1{HIDDEN}", _IDENTITY.sub(f"//{HIDDEN}@", address)) if "//" in address else address


def secrets_in(address: str) -> set[str]:
    """Return what of an address must not be told, in each form in which its server may send it back."""
    found = {match[2] for match in _QUERY_VALUE.finditer(address)}
    if match := _IDENTITY.search(address):
        name, _, password = match[1].partition(":")
        plain = f"{unquote(name)}:{unquote(password)}"
        found |= {match[1], password or name, unquote(password or name), plain, base64.b64encode(plain.encode()).decode()}
    return found


def hidden(text: str, secrets: Iterable[str]) -> str:
    """Return what a server or a library says, without the secrets that it repeats."""
    for secret in sorted({*secrets} - {"none"}, key=len, reverse=True):  # one may be a part of another
        if len(secret) > _NO_SECRET:
            text = text.replace(secret, HIDDEN)
    return text
