"""The guard's parts by themselves: origins, secrets, sites, users, keys. Run: python -m pytest -q
tests/assistant/auth/test_accounts.py"""

import io
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app
from assistant.auth.accounts import credentials
from assistant.auth.accounts.access_database import access_database
from assistant.auth.accounts.api_keys import Keys
from assistant.auth.accounts.credentials import SiteToken, sign, verify
from assistant.auth.accounts.identity import Role
from assistant.auth.accounts.origins import Origin, read_origin, read_pattern
from assistant.auth.accounts.sites import Sites
from assistant.auth.accounts.users import Users
from assistant.auth.authorizer import Authorizer, check_exposure
from assistant.auth.routes import local_path
from assistant.locales.loader import accepted_language
from index.errors import LinjianError, NotFound

LABEL = st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?\Z")
HOST = st.lists(LABEL, min_size=2, max_size=4).map(".".join).filter(lambda host: not host.replace(".", "").isdigit())
PORT = st.one_of(st.none(), st.integers(1, 65535))


@settings(max_examples=25)
@given(st.sampled_from(["http", "https"]), HOST, PORT)
def test_an_origin_reads_back(scheme: str, host: str, port: int | None) -> None:
    origin = read_origin(f"{scheme}://{host}" + (f":{port}" if port else ""))
    assert origin is not None
    assert read_origin(str(origin)) == origin
    assert origin.port is None or origin.port == port
    assert read_pattern(str(origin)).matches(origin)


@settings(max_examples=25)
@given(HOST, HOST)
def test_a_suffix_means_what_is_below_it(below: str, suffix: str) -> None:
    pattern = read_pattern(f"https://*.{suffix}")
    assert pattern.matches(Origin("https", f"{below}.{suffix}"))
    assert not pattern.matches(Origin("https", suffix))
    assert not pattern.matches(Origin("https", f"x{suffix}"))
    assert not pattern.matches(Origin("http", f"{below}.{suffix}"))
    assert not pattern.matches(Origin("https", f"{below}.{suffix}", 8443))
    assert read_pattern(str(pattern)) == pattern


@settings(max_examples=25)
@given(st.text(max_size=60))
def test_whatever_a_header_holds_is_an_origin_or_nothing(text: str) -> None:
    origin = read_origin(text)
    assert origin is None or text.lower().startswith(f"{origin.scheme}://")


@pytest.mark.parametrize("text", ["null", "", "https://", "https://a.example/", "https://a.example/x", "https://u@a.example", "file://",
                                  "https://a.example:99999", "https://a.example\\.b", "https://*.a.example", "javascript:1", "https://a b"])
def test_what_is_no_origin(text: str) -> None:
    assert read_origin(text) is None


@pytest.mark.parametrize(("text", "written"), [
    ("https://Portal.Example.ORG:443", "https://portal.example.org"), ("*.town.example", "https://*.town.example"),
    ("portal.example.org", "https://portal.example.org"), ("http://10.0.0.5:8080", "http://10.0.0.5:8080"),
    ("https://门户.example/", "https://xn--zoup46i.example"), ("http://[::1]:80", "http://[::1]"),
])
def test_patterns_as_administrators_write_them(text: str, written: str) -> None:
    assert str(read_pattern(text)) == written


@pytest.mark.parametrize("text", ["null", "*", "https://*", "*.org", "https://a.example/path", "https://*.10.0.0.1", "ftp://a.example", ""])
def test_patterns_that_allow_too_much_or_nothing(text: str) -> None:
    with pytest.raises(LinjianError):
        read_pattern(text)


@settings(max_examples=25)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.integers(0, 2**40))
def test_a_token_is_read_with_its_own_key_only(key: bytes, other: bytes, until: int) -> None:
    token = SiteToken("portal", "session-1", until)
    text = sign(token, key)
    assert verify(text, key) == token
    assert (verify(text, other) == token) == (key == other)
    for at in range(len(credentials.SITE_TOKEN), len(text), 7):
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1:]
        assert verify(changed, key) in (None, token), "a last character may stand for the same bits"
        assert verify(changed, key) is None or at >= len(text) - 1


def test_the_file_holds_no_secret_and_is_its_owners_alone(tmp_path: Path) -> None:
    database = access_database(tmp_path)
    secrets = [Sites(database).add("portal", ["https://a.example"]), Keys(database).add("k", Role.READER, ["read"], 1), "correct horse"]
    users = Users(database)
    users.add("anna", Role.READER, secrets[2])
    session = users.sign_in("ANNA", secrets[2])
    assert session
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not [secret for secret in (*secrets, session) if secret.encode() in held]
    assert stat.S_IMODE(database.path.stat().st_mode) == 0o600
    assert users.sign_in("anna", "wrong") is users.sign_in("nobody", "wrong") is None
    users.change("anna", password="another horse")
    assert users.signed_in(session) is None, "a new password signs out everywhere"


def test_many_at_once_count_each_request_once(tmp_path: Path) -> None:
    sites = Sites(access_database(tmp_path))
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda n: _added(sites, f"site{n % 5}"), range(20))) == [False] * 15 + [True] * 5
        counted = list(pool.map(lambda _: sites.count("site0", 25), range(40)))
    assert sum(counted) == 25 == sites.used("site0")


def _added(sites: Sites, name: str) -> bool:
    try:
        return bool(sites.add(name, ["https://a.example"]))
    except LinjianError:
        return False


@pytest.mark.parametrize("damage", [b"not a database at all, but long enough to be taken for one", b"SQLite format 3\0" + b"\1" * 200])
def test_a_damaged_file_is_named(tmp_path: Path, damage: bytes) -> None:
    access_database(tmp_path).path.write_bytes(damage)
    with pytest.raises(LinjianError, match=r"access\.sqlite"):
        Sites(access_database(tmp_path)).all()


@pytest.mark.parametrize(("target", "path"), [
    ("/embed/setup", "/embed/setup"), ("", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("https://evil.example", "/"),
    ("/a\r\nSet-Cookie: x", "/"), ("javascript:1", "/"), ("/中文", "/中文"),
])
def test_after_signing_in_one_stays_here(target: str, path: str) -> None:
    assert local_path(target) == path


@pytest.mark.parametrize(("access", "host", "fine"), [("none", "127.0.0.1", True), ("none", "localhost", True), ("none", "::1", True),
                                                      ("none", "0.0.0.0", False), ("none", "10.0.0.5", False), ("open", "0.0.0.0", True)])
def test_nobody_is_let_in_by_mistake(access: str, host: str, fine: bool) -> None:
    if fine:
        check_exposure(access, host)
    else:
        with pytest.raises(LinjianError, match="LINJIAN_ACCESS=accounts"):
            check_exposure(access, host)


@pytest.mark.parametrize("options", [{"access": "proxy"}, {"access": "proxy", "proxies": "not an address"}])
def test_a_door_that_cannot_work_is_not_built(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(LinjianError, match="proxies"):
        Authorizer(tmp_path, **options)


@pytest.mark.parametrize(("header", "language"), [("en-GB,zh;q=0.8", "en"), ("fr, zh-CN", "zh"), ("", "zh"), ("de", "zh")])
def test_people_are_told_in_their_language(header: str, language: str) -> None:
    assert accepted_language(header, "zh") == language


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LINJIAN_HOME", str(tmp_path))

    def run(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return app.main(arguments), *capsys.readouterr()

    status, secret, words = run("site", "add", "portal", "--origin", "https://a.example", "--origin", "*.town.example")
    assert (status, words.startswith("Site portal was added")) == (0, True)
    assert Sites(access_database(tmp_path)).get("portal").has_secret(secret.strip()), "standard output is the secret alone"
    assert "https://*.town.example https://a.example" in run("site", "list")[1]
    assert run("site", "deny", "portal", "--origin", "https://a.example")[1].endswith("by: https://*.town.example\n")
    assert run("site", "rotate", "portal")[1] != secret
    assert run("site", "remove", "portal")[0] == 0
    assert "linjian site list" in run("site", "rotate", "portal")[2]
    assert run("user", "add", "Anna", "--role", "admin", "--password-stdin", typed="correct horse\n")[0] == 0
    assert "10 to 256 characters, not 5" in run("user", "add", "bo", "--password-stdin", typed="short\n")[2]
    assert "already" in run("user", "add", "anna", "--no-password")[2]
    assert run("user", "change", "anna", "--role", "reader")[0] == 0
    assert run("user", "list")[1] == "anna\treader\tpassword\n"
    assert run("user", "remove", "anna")[0] == 0
    assert run("key", "add", "archive", "--scope", "read", "--days", "3")[1].startswith("ljk_")
    assert "archive\treader\tread\tuntil" in run("key", "list")[1]
    assert run("key", "revoke", "archive")[0] == 0
    assert run("key", "revoke", "archive")[0] == 1


def test_unknown_names_are_told(tmp_path: Path) -> None:
    database = access_database(tmp_path)
    for call in (lambda: Sites(database).get("x"), lambda: Users(database).remove("x"), lambda: Keys(database).revoke("x")):
        with pytest.raises(NotFound, match="linjian"):
            call()
