"""Settings: defaults, file, environment, and what is said of a mistake.

Run: python -m pytest tests/assistant/test_settings.py
"""

from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant.settings import Settings, stray_variables
from index.errors import LinjianError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_defaults(here: Path) -> None:
    settings, origins = Settings.load(None, {"HOME": "/home/li"})
    assert settings.home == Path("/home/li/.local/share/linjian")
    assert (settings.host, settings.port, settings.encoder) == ("127.0.0.1", 7860, "e5-small")
    assert (settings.language, settings.threads, settings.max_cases, settings.retrieved_k) == ("zh", 0, 8, 10)
    assert origins == dict.fromkeys(Settings.model_fields, "default")


@pytest.mark.parametrize(
    ("xdg", "home"),
    [("/data", "/data/linjian"), ("relative", "/h/.local/share/linjian"), ("", "/h/.local/share/linjian")],
)
def test_default_home_follows_xdg(here: Path, xdg: str, home: str) -> None:
    settings, _ = Settings.load(None, {"HOME": "/h", "XDG_DATA_HOME": xdg})
    assert settings.home == Path(home)


@pytest.mark.parametrize(("said", "unhurried"), [({}, 60_000), ({"LINJIAN_RERANKER_BUDGET_MS": "5"}, 60_000),
                                                 ({"LINJIAN_RERANKER_BUDGET_MS": "0"}, 0)], ids=["default", "set", "off"])
def test_what_nobody_waits_for_is_read_in_full(here: Path, said: dict[str, str], unhurried: int) -> None:
    settings, _ = Settings.load(None, {"HOME": "/home/li", **said})
    assert settings.unhurried() == settings.model_copy(update={"reranker_budget_ms": unhurried})


@pytest.mark.parametrize(("threads", "at_once", "each"), [(0, 2, 1), (0, 3, 2), (0, 16, 1), (5, 2, 5)],
                         ids=["half", "less than a third", "never none", "set"])
def test_answers_side_by_side_share_the_processors(here: Path, threads: int, at_once: int, each: int) -> None:
    settings, _ = Settings.load(None, {"HOME": "/h", "LINJIAN_THREADS": str(threads), "LINJIAN_ANSWERS_AT_ONCE": str(at_once)})
    assert settings.side_by_side(2 if at_once == 2 else 7).threads == each


def test_environment_beats_file_beats_default(here: Path) -> None:
    file = here / "linjian.toml"
    file.write_text('port = 8001\nhost = "0.0.0.0"\n', "utf-8")
    settings, origins = Settings.load(None, {"HOME": "/h", "LINJIAN_PORT": "8002", "LINJIAN_LANGUAGE": ""})
    assert (settings.port, settings.host, settings.language) == (8002, "0.0.0.0", "zh")
    assert origins["port"] == "environment LINJIAN_PORT"
    assert origins["host"] == f"linjian.toml: {file}"
    assert origins["language"] == "default"


def test_only_the_first_file_counts(here: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "linjian.toml").write_text("port = 1003", "utf-8")
    environ = {"LINJIAN_HOME": str(home)}
    assert Settings.load(None, environ)[0].port == 1003
    (here / "linjian.toml").write_text("port = 1002", "utf-8")
    assert Settings.load(None, environ)[0].port == 1002
    named = tmp_path / "named.toml"
    named.write_text("port = 1001", "utf-8")
    assert Settings.load(None, {**environ, "LINJIAN_CONFIG": str(named)})[0].port == 1001
    given = tmp_path / "given.toml"
    given.write_text("max_cases = 3", "utf-8")
    settings, _ = Settings.load(given, {**environ, "LINJIAN_CONFIG": str(named)})
    assert (settings.port, settings.max_cases) == (7860, 3)


def test_a_relative_home_starts_where_it_is_written(here: Path, tmp_path: Path) -> None:
    file = tmp_path / "etc.toml"
    file.write_text('home = "data"', "utf-8")
    assert Settings.load(file, {})[0].home == tmp_path / "data"
    assert Settings.load(file, {"LINJIAN_HOME": "mine"})[0].home == here / "mine"
    assert Settings.load(None, {"LINJIAN_HOME": "~/mine"})[0].home == Path.home() / "mine"


def test_a_byte_order_mark_is_no_obstacle(here: Path) -> None:
    (here / "linjian.toml").write_bytes(b"\xef\xbb\xbfport = 8001\r\n")
    assert Settings.load(None, {"HOME": "/h"})[0].port == 8001


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("prot = 1", "there is no setting 'prot'; there are home, host, port,"),
        ("[server]\nport = 1", "there is no setting 'server'"),
        ('port = "abc"', "port cannot be 'abc'; allowed is a whole number from 1 to 65535"),
        ("port = 0", "port cannot be 0;"),
        ("port = true", "port cannot be True;"),
        ("port = 80.5", "port cannot be 80.5;"),
        ('language = "fr"', "language cannot be 'fr'; allowed is zh or en"),
        ('encoder = " "', "encoder cannot be ' ';"),
        ('home = ""', "home cannot be '';"),
        ("home = 5", "home cannot be 5;"),
        ("port = ", "is no TOML"),
    ],
)
def test_a_mistake_in_the_file(here: Path, line: str, said: str) -> None:
    file = here / "linjian.toml"
    file.write_text(line, "utf-8")
    with pytest.raises(LinjianError) as caught:
        Settings.load(None, {"HOME": "/h"})
    message = str(caught.value)
    assert said in message
    assert str(file) in message
    assert "is no TOML" in said or "linjian config" in message


ANY_TEXT = {"home", "host", "hosts", "encoder", "model_name", "model_key", "reranker_name", "reranker_key",
            "proxies", "proxy_header"}


@pytest.mark.parametrize("name", sorted(Settings.model_fields.keys() - ANY_TEXT))
def test_a_mistake_in_the_environment(here: Path, name: str) -> None:
    variable = f"LINJIAN_{name.upper()}"
    with pytest.raises(LinjianError, match=f"environment {variable}: {name} cannot be '-1'; allowed is "):
        Settings.load(None, {"HOME": "/h", variable: "-1"})


def test_files_that_cannot_be_used(here: Path) -> None:
    with pytest.raises(LinjianError, match=r"no settings file .*absent\.toml"):
        Settings.load(Path("absent.toml"), {})
    with pytest.raises(LinjianError, match="LINJIAN_CONFIG"):
        Settings.load(None, {"LINJIAN_CONFIG": "absent.toml"})
    (here / "linjian.toml").write_bytes('host = "邻"'.encode("gb18030"))
    with pytest.raises(LinjianError, match="not UTF-8"):
        Settings.load(None, {"HOME": "/h"})


def test_settings_do_not_change(here: Path) -> None:
    settings, _ = Settings.load(None, {"HOME": "/h"})
    with pytest.raises(ValidationError):
        settings.port = 1


def test_every_setting_says_what_is_allowed() -> None:
    assert all(Settings.allowed().values())


def test_stray_variables_are_found() -> None:
    names = ["LINJIAN_PROT", "LINJIAN_PORT", "LINJIAN_CONFIG", "LINJIAN_TEST_CACHE", "PORT"]
    assert stray_variables(dict.fromkeys(names, "1")) == ["LINJIAN_PROT"]


@pytest.mark.parametrize("written", ["model_key = 123456", "model_key = true", 'model_key = ["secret-9"]'])
def test_a_wrong_key_is_not_printed(here: Path, written: str) -> None:
    (here / "linjian.toml").write_text(written, "utf-8")
    with pytest.raises(LinjianError, match="model_key cannot be this value") as caught:
        Settings.load(None, {})
    assert "123456" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("written", ["httpmepasswort@host/v1", "//me:passwort@host/v1", "Http me:pass/wo@rt@host"])
def test_a_password_in_a_wrong_address_is_not_printed(here: Path, written: str) -> None:
    with pytest.raises(LinjianError, match="LINJIAN_MODEL: model cannot be this value; allowed is extractive") as caught:
        Settings.load(None, {"LINJIAN_MODEL": written})
    assert "pass" not in str(caught.value)


def test_the_key_is_hidden(here: Path) -> None:
    settings, _ = Settings.load(None, {"LINJIAN_MODEL_KEY": "sk-secret"})
    assert settings.model_key.get_secret_value() == "sk-secret"
    assert "sk-secret" not in f"{settings!r} {settings.model_dump(mode='json')}"
