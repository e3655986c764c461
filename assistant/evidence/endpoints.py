"""Addresses and keys of servers that a model runs on, for language models and rerankers alike."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from index.errors import ModelError


def read_key(key: str, setting: str) -> str:
    """Return the key itself; ModelError naming `setting` and file where @FILE cannot be read. A key is never printed."""
    if not key.startswith("@"):
        return key
    try:
        return Path(key[1:]).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError("key", f"{setting} names the file {key[1:]!r}, which cannot be read: {error}.") from error


def is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
