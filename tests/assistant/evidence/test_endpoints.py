"""What may be shown of an address. Run: python -m pytest -q tests/assistant/evidence/test_endpoints.py"""

import pytest

from assistant.evidence.endpoints import HIDDEN, hidden, is_local, masked, secrets_in


@pytest.mark.parametrize(("address", "shown"), [
    ("http://10.0.0.2:8000/v1", "http://10.0.0.2:8000/v1"),
    ("https://me:passwort@host/v1", f"https://{HIDDEN}@host/v1"),
    ("http://me:pass/wo@rt@host/v1", f"http://{HIDDEN}@host/v1"),
    ("http://passwort@host", f"http://{HIDDEN}@host"),
    ("HTTP://me:pass wort@host", f"HTTP://{HIDDEN}@host"),
    ("https://host/v1?api-key=passwort&v=2#x", f"https://host/v1?api-key={HIDDEN}&v={HIDDEN}#x"),
    ("extractive", "extractive"), ("google_vertexai:claude@20250514", "google_vertexai:claude@20250514"),
    ("/srv/models/a.gguf", "/srv/models/a.gguf"),
])
def test_of_an_address_all_is_shown_but_its_secrets(address: str, shown: str) -> None:
    assert masked(address) == shown
    said = hidden(f"no {address}; " + "; ".join(secrets_in(address)), secrets_in(address))
    assert "wort" not in said
    assert HIDDEN in said or address == shown


def test_a_password_comes_back_in_many_forms() -> None:
    assert secrets_in("http://me:pass%2Fwort@host") >= {"pass%2Fwort", "pass/wort", "bWU6cGFzcy93b3J0"}
    assert hidden("none of a key in keyring-key-1234", {"none", "key", "key-1234"}) == f"none of a key in keyring-{HIDDEN}"
    assert not is_local("http://[127.0.0.1/v1")
