"""A home that may only be read: what reads answers, what writes says in one line whose rights are missing.

Run: python -m pytest -q tests/system/test_read_only_home.py
"""

import io
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp

import pytest

import app
from assistant.auth.accounts.access_database import access_database
from assistant.auth.accounts.identity import LOCAL, Role
from assistant.auth.accounts.users import Users
from assistant.operations.audit import AuditLog
from assistant.operations.restore import restore
from assistant.storage.conversations import Conversations
from index.errors import Unwritable
from index.ingest.corpus import Corpus
from index.ingest.uploads import receiving
from index.search.engine import SearchIndex
from index.search.lexical import LexicalIndex
from index.search.versions import current
from tests.conftest import EXAMPLES
from tests.fakes.hash_encoder import HashEncoder

PAGES = sorted(EXAMPLES.iterdir())[:2]
QUESTION = "没有物业的小区怎么管"
READING = (
    ("index", "list"), ("index", "show", PAGES[0].name), ("index", "stats"), ("ask", QUESTION), ("user", "list"), ("key", "list"),
    ("site", "list"), ("audit", "list"), ("feedback", "list"), ("config",), ("index", "corrections"),
)
WRITING = (
    ("index", "check"), ("index", "remove", PAGES[0].name), ("index", "rebuild"), ("index", "add", str(PAGES[1])), ("serve",),
    ("site", "add", "portal", "--origin", "https://a.example"), ("user", "add", "bo", "--password-stdin"), ("key", "add", "k"),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which everything was used once."""
    home = tmp_path_factory.mktemp("made") / "home"
    Corpus(home, HashEncoder()).add(PAGES)
    Users(access_database(home)).add("anna", Role.ADMIN, "correct horse")
    with closing(AuditLog(home, days=100)) as log:
        log.record(LOCAL, "ask", "3 characters")
    Conversations(home).begin("user:anna", "停车难怎么办？")
    return home


@pytest.fixture
def reader(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy that nobody may write to, and whoever runs the tests no longer root, who may."""
    for room in ("server.application", "server.serve", "librarian.librarian_page", "storage.feedback", "commands.serve_command"):
        import_module(f"assistant.{room}")  # the libraries of root may be out of reach then
    folder = Path(mkdtemp())
    folder.chmod(0o755)
    home = copytree(made, folder / "home")
    monkeypatch.setattr(app, "_load_encoder", lambda settings: HashEncoder())
    for name, value in {"HOME": home, "RERANKER": "off", "PORT": "17999"}.items():
        monkeypatch.setenv(f"LINJIAN_{name}", str(value))
    for argv in READING:  # whatever they import is there now
        app.main(argv)
    _set_rights(home, 0o555, 0o444)
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    yield home
    os.seteuid(was)
    _set_rights(home, 0o755, 0o644)
    rmtree(folder)


def _set_rights(home: Path, folders: int, files: int) -> None:
    for path in [home, *home.rglob("*")]:
        path.chmod(folders if path.is_dir() else files)


@pytest.mark.parametrize("argv", READING, ids=" ".join)
def test_what_reads_answers(reader: Path, argv: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    status = app.main(argv)
    assert (status, "damaged" in capsys.readouterr().err) == (0, False)


@pytest.mark.parametrize("argv", WRITING, ids=" ".join)
def test_what_writes_says_what_may_not_be_written(reader: Path, argv: tuple[str, ...], capsys: pytest.CaptureFixture[str],
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse\n"))
    capsys.readouterr()
    status = app.main(argv)
    *_, last = capsys.readouterr().err.splitlines()
    assert status == 1
    assert last.startswith("linjian: ")
    assert str(reader) in last
    assert "rights" in last or "the right to" in last
    assert "damaged" not in last


def test_it_is_searched_as_by_its_owner(reader: Path, made: Path) -> None:
    index = SearchIndex.open(reader, HashEncoder())
    found, rarity = index.search(QUESTION), index.rarity("物业")
    os.seteuid(os.getuid())
    owners = SearchIndex.open(made, HashEncoder())
    assert (found, rarity) == (owners.search(QUESTION), owners.rarity("物业"))
    assert found


def test_it_can_be_backed_up(tmp_path: Path, reader: Path) -> None:
    elsewhere = Path(mkdtemp())
    assert app.main(["backup", str(elsewhere / "linjian.zip")]) == 0
    os.seteuid(os.getuid())
    restored = tmp_path / "restored"
    restore(elsewhere / "linjian.zip", restored)
    assert [one.title for one in Conversations(restored).listed("user:anna")] == ["停车难怎么办？"]
    rmtree(elsewhere)


def test_without_any_room_for_links_it_is_a_matter_of_rights(reader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(reader))
    with pytest.raises(Unwritable, match=r"lexical' may only be read.*the right to write"):
        LexicalIndex(current(reader) / "lexical")


def test_what_a_server_receives_has_no_place(reader: Path) -> None:
    with pytest.raises(Unwritable, match="the right to write"), receiving(reader):
        pass


def test_a_log_that_lies_there_is_read_too(reader: Path, made: Path) -> None:
    """A server that runs, or was killed, keeps its last entries in SQLite's log; read past it they would be missing."""
    was = os.geteuid()
    os.seteuid(os.getuid())
    copy = copytree(made, reader.parent / "running")
    with closing(sqlite3.connect(copy / "conversations.sqlite")) as held:
        held.execute("SELECT count(*) FROM turns").fetchone()
        Conversations(copy).begin("user:anna", "最新的问题")
        killed = copytree(copy, reader.parent / "killed")
    _set_rights(killed, 0o555, 0o444)
    os.seteuid(was)
    assert (killed / "conversations.sqlite-wal").stat().st_size
    assert "最新的问题" in [one.title for one in Conversations(killed).listed("user:anna")]
    os.seteuid(os.getuid())
    _set_rights(killed, 0o755, 0o644)
    os.seteuid(was)


def test_a_file_of_another_user_is_named(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.seteuid(os.getuid())
    (reader / "current").chmod(0)
    if os.getuid() == 0:
        os.seteuid(65534)
    assert app.main(["ask", QUESTION]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"linjian: {str(reader / 'current')!r}: Permission denied. Give this user the right")


def test_any_other_error_of_the_system_is_a_bug(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(settings: object) -> HashEncoder:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(app, "_load_encoder", broken)
    monkeypatch.setenv("LINJIAN_HOME", str(made))
    with pytest.raises(OSError, match="Input/output"):
        app.main(["ask", QUESTION])
