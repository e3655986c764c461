"""Each file of a home damaged in each way: every command says so or is not harmed, and what a check does not see is listed.

Run: python -m pytest -q tests/system/test_damaged_files.py
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.auth.accounts.access_database import access_database
from assistant.auth.accounts.identity import LOCAL, Role
from assistant.auth.accounts.users import Users
from assistant.commands import index_commands
from assistant.operations.audit import AuditLog
from assistant.storage.conversations import Conversations
from assistant.types import Ask
from index.errors import DamagedIndex, LinjianError
from index.ingest.corpus import Corpus
from index.maintenance.check import check
from index.search.engine import SearchIndex
from index.search.versions import current
from tests.conftest import EXAMPLES
from tests.fakes.hash_encoder import HashEncoder, context

PAGES = sorted(EXAMPLES.iterdir())[:2]
QUESTION = "没有物业的小区怎么管"
LASTING = ("access.sqlite", "audit.sqlite", "conversations.sqlite")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which everything was used once; never changed."""
    home = tmp_path_factory.mktemp("damaged") / "home"
    Corpus(home, HashEncoder()).add(PAGES)
    Users(access_database(home)).add("anna", Role.ADMIN, "correct horse")
    with closing(AuditLog(home, days=100)) as log:
        for n in range(100):
            log.record(LOCAL, "ask", f"{n} characters")
    conversations = Conversations(home)
    for n in range(20):
        conversations.begin("user:anna", f"第{n}个问题：停车难怎么办？")
    for path in home.glob("*.sqlite"):
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return home


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "home")


def flip(path: Path) -> None:
    """Change the highest bit of the byte in the middle."""
    raw = bytearray(path.read_bytes())
    if raw:
        raw[len(raw) // 2] ^= 0x80
        path.write_bytes(raw)


WAYS: dict[str, Callable[[Path], None]] = {
    "flipped": flip, "cut": lambda path: os.truncate(path, path.stat().st_size // 2), "emptied": lambda path: os.truncate(path, 0),
    "deleted": lambda path: path.unlink(),
}


def uses(home: Path) -> Iterator[Callable[[], object]]:
    """Yield what people do with a home."""
    yield lambda: index_commands.list_pages(context(home))
    yield lambda: index_commands.show(context(home), PAGES[0].name)
    yield lambda: Assistant(SearchIndex.open(home, HashEncoder())).invoke(Ask(QUESTION))
    yield lambda: Users(access_database(home)).all()
    yield lambda: Conversations(home).listed("user:anna")
    yield lambda: AuditLog(home, days=100).close()


def found(home: Path) -> bool:
    checked = check(home)
    return bool(checked.faults or checked.lost or checked.waiting)


def test_every_damage_of_every_file_is_told_or_harmless(whole: Path, tmp_path: Path) -> None:
    """Nothing but errors for people comes out of it. What a check may not see is in docs/operate.md."""
    files = [path.relative_to(whole) for path in whole.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal"))]
    assert len(files) > 15
    unseen = set()
    for n, (file, way) in enumerate((file, way) for file in files for way in WAYS):
        home = shutil.copytree(whole, tmp_path / str(n))
        WAYS[way](home / file)
        if not found(home):
            unseen.add((file.name, way))
        for use in uses(home):
            try:
                use()
            except LinjianError:
                pass
            except BaseException as error:
                raise AssertionError(f"{file}, {way}: {type(error).__name__}") from error
        shutil.rmtree(home)
    empty_files = {(name, way) for name in ("writer.lock", ".tantivy-meta.lock") for way in WAYS} - {(".tantivy-meta.lock", "deleted")}
    list_of_names = {("databases.txt", way) for way in WAYS}  # a check writes it again
    a_byte_that_still_reads = {(path.name, "flipped") for path in whole.glob("*.sqlite")}
    assert unseen <= empty_files | list_of_names | a_byte_that_still_reads


@pytest.mark.parametrize("pattern", ["*.store", "*.fast", "*.term", "*.idx", "*.fieldnorm"])
def test_a_question_to_a_damaged_lexical_index_is_told(home: Path, pattern: str) -> None:
    """Wherever the byte is: Tantivy panics at some, and its panic is no error that commands know."""
    path, = (current(home) / "lexical").glob(pattern)
    raw, told = path.read_bytes(), set()
    for at in range(0, len(raw), max(1, len(raw) // 25)):
        other = path.with_suffix(".new")  # the file before may be mapped still: cut short, it would end the process
        other.write_bytes(raw[:at] + bytes([raw[at] ^ 0x80]) + raw[at + 1:])
        other.replace(path)
        try:
            SearchIndex.open(home, HashEncoder()).search(QUESTION)
        except DamagedIndex as error:
            told.add(str(error))
    assert told <= {f"{str(path.parent)!r} is damaged. Mend the index: linjian index rebuild"}
    assert told or pattern in ("*.idx", "*.fieldnorm")


@pytest.mark.parametrize("name", LASTING)
def test_a_name_that_sqlite_cannot_tell_is_damage(home: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """SQLite names the table in its message; Python cannot decode that and raises UnicodeDecodeError in its place."""
    raw = (home / name).read_bytes()
    table = {"access.sqlite": b"tablesites", "audit.sqlite": b"tableevents", "conversations.sqlite": b"tableturns"}[name]
    at = raw.index(table) + 5
    (home / name).write_bytes(raw[:at] + bytes([raw[at] ^ 0x80]) + raw[at + 1:])
    assert index_commands.check(context(home)) == 1
    assert f"{name}: malformed database schema" in capsys.readouterr().out
    use = {"access.sqlite": lambda: Users(access_database(home)).all(), "audit.sqlite": lambda: AuditLog(home, days=9),
           "conversations.sqlite": lambda: Conversations(home).listed("user:anna")}[name]
    with pytest.raises(DamagedIndex, match=f"{name}' is damaged"):
        use()


@pytest.mark.parametrize("older", [False, True], ids=["of this release", "made before names were written down"])
@pytest.mark.parametrize("name", LASTING)
def test_a_deleted_database_is_missed(home: Path, name: str, older: bool, capsys: pytest.CaptureFixture[str]) -> None:
    if older:
        (home / "databases.txt").unlink()
        assert index_commands.check(context(home)) == 0
    for path in home.glob(f"{name}*"):
        path.unlink()
    capsys.readouterr()
    assert index_commands.check(context(home)) == 1
    printed = capsys.readouterr().out
    assert f"{name} is missing, and databases.txt names it" in printed
    assert "linjian restore FILE" in printed
    assert (home / "databases.txt").stat().st_mode & 0o077 == 0


def test_a_damaged_list_of_databases_harms_nothing(home: Path) -> None:
    (home / "databases.txt").write_bytes(b"\xff\x00\n../x.sqlite\naudit.sqlite\naudit.sqlite")
    assert not found(home)
    (home / "access.sqlite").unlink()
    assert check(home).lost == ("access.sqlite is missing, and databases.txt names it: what it held is lost",)
