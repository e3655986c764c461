"""Security headers: one strict policy for our own pages, and for Gradio's the tightest that it works with.

Gradio's page holds scripts of its own text, different from version to version and from start to start. So the policy
names the SHA-256 of each (CSP Level 3, hashes) instead of allowing every inline script; a script that somebody
managed to put into the page later has no such hash. Its style attributes cannot be hashed and are allowed, and so is
making functions of strings, without which Gradio shows nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STRICT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For everything that is no page: JSON, text, files."""
_INLINE = re.compile(rb"<script(?=[\s>])(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)


def page_policy(framed_by: Iterable[str] = ()) -> str:
    """Return the policy of a page of our own: nothing inline, nothing foreign, framed by the origins named alone."""
    ancestors = " ".join(framed_by) or "'none'"
    return ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            f"form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}")


def gradio_policy(html: bytes) -> str:
    """Return the policy of a page that Gradio wrote, with the hashes of the scripts that it holds."""
    hashes = " ".join(sorted({f"'sha256-{_digest(script)}'" for script in _INLINE.findall(html)}))
    return (f"default-src 'none'; script-src 'self' 'unsafe-eval' {hashes}; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
            "base-uri 'self'; frame-ancestors 'none'")


def _digest(script: bytes) -> str:
    return base64.b64encode(hashlib.sha256(script).digest()).decode()
