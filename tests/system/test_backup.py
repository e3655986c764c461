"""Backup and restore: whole or not at all, also when something is killed. Run: python -m pytest -q
tests/system/test_backup.py"""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import app
from assistant.operations.backup import MANIFEST, back_up
from assistant.operations.restore import finish, read_manifest, restore
from index.errors import DamagedIndex, IndexLocked, LinjianError, MissingIndex, ReadError, Unwritable
from index.ingest.corpus import Corpus
from index.maintenance.check import check
from index.search.engine import SearchIndex
from index.search.versions import current, lease
from tests.fakes.hash_encoder import HashEncoder

ROOT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL


def page(folder: Path, count: int) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "wires.txt").write_text(f"飞线落了地\n\n柏树湾社区先建车棚，再劝拆飞线。一个月里，柏树湾社区拆掉飞线{count}条。\n", "utf-8")
    return folder


def add(home: Path, folder: Path, count: int) -> None:
    Corpus(home, HashEncoder()).add([page(folder, count)])


def said(home: Path) -> str:
    """Return which count the published index tells."""
    (article,) = SearchIndex.open(home, HashEncoder()).articles()
    return re.search(r"飞线(\d+)条", "".join(s.text for p in article.paragraphs for s in p.sentences))[1]


def notes(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "notes.sqlite")) as db:
        return [row[0] for row in db.execute("SELECT text FROM notes ORDER BY rowid")]


def note(home: Path, text: str) -> None:
    with closing(sqlite3.connect(home / "notes.sqlite")) as db, db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE IF NOT EXISTS notes (text TEXT)")
        db.execute("INSERT INTO notes VALUES (?)", (text,))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home and its backup; in the home an index, a database of another room, settings, a folder, a model."""
    folder = tmp_path_factory.mktemp("prepared")
    made = folder / "home"
    add(made, folder / "pages", 1000)
    note(made, "first")
    (made / "linjian.toml").write_text("port = 7870\n", "utf-8")
    (made / "uploads" / "深").mkdir(parents=True)
    (made / "uploads" / "深" / "甲报.txt").write_text("原文", "utf-8")
    (made / "models").mkdir()
    (made / "models" / "weights").write_bytes(b"x" * 1000)
    back_up(made, folder / "backup.zip", "0.1.0")
    (folder / "pages").rename(folder / "moved")  # so that the copies of it count as the same pages, moved
    return folder


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared / "moved", tmp_path / "pages")
    return shutil.copytree(prepared / "home", tmp_path / "home")


@pytest.fixture
def backup(prepared: Path, tmp_path: Path) -> Path:
    return shutil.copy(prepared / "backup.zip", tmp_path / "backup.zip")


def content(folder: Path) -> dict[str, bytes]:
    """Return the files that count, by path: SQLite's are compared by what is in them."""
    out = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name.startswith("models") or name == "writer.lock" or name.endswith(("-wal", "-shm")):
            continue
        if name.endswith(".sqlite"):
            with closing(sqlite3.connect(path)) as db:
                out[name] = "\n".join(db.iterdump()).encode()
        else:
            out[name] = path.read_bytes()
    return out


def test_a_backup_holds_what_cannot_be_made_again(home: Path, backup: Path) -> None:
    manifest = read_manifest(backup)
    version = f"versions/{current(home).name}"
    assert {"catalog.sqlite", "embeddings.sqlite", "notes.sqlite", "linjian.toml", "uploads/深/甲报.txt", "current",
            f"{version}/manifest.json", f"{version}/catalog.sqlite"} <= set(manifest.files)
    assert not [path for path in manifest.files if path.startswith(("models", "writer")) or path.endswith(("-wal", "-shm"))]
    made = back_up(home, backup, "0.1.0")
    assert set(made.files) == set(manifest.files)
    assert backup.stat().st_mode & 0o077 == 0, "it holds hashes of passwords"
    assert sorted(path.name for path in backup.parent.iterdir()) == ["backup.zip", "home", "pages"]
    with zipfile.ZipFile(backup) as archive:
        assert archive.testzip() is None


def test_only_the_current_version_is_backed_up(home: Path, tmp_path: Path) -> None:
    add(home, tmp_path / "pages", 1001)
    assert len(list((home / "versions").iterdir())) == 2
    manifest = back_up(home, tmp_path / "b.zip", "0.1.0")
    assert {path.split("/")[1] for path in manifest.files if path.startswith("versions/")} == {"000002"}


def test_restored_into_a_new_home_all_is_as_it_was(home: Path, backup: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    restore(backup, fresh)
    assert content(fresh) == content(home)
    assert check(fresh).faults == ()
    assert (said(fresh), notes(fresh)) == ("1000", ["first"])
    add(fresh, tmp_path / "pages", 1001)
    assert said(fresh) == "1001"


def test_what_is_stored_is_not_overwritten_unless_told(home: Path, backup: Path, tmp_path: Path) -> None:
    add(home, tmp_path / "pages", 1001)
    note(home, "second")
    (home / "new.sqlite-wal").write_bytes(b"of a database that the backup does not have")
    before = content(home)
    with pytest.raises(LinjianError, match="--replace"):
        restore(backup, home)
    assert content(home) == before
    restore(backup, home, replace=True)
    assert (said(home), notes(home)) == ("1000", ["first"])
    assert not (home / "new.sqlite-wal").exists()
    assert (home / "models" / "weights").exists(), "the model stays"
    assert sorted(p.name for p in (home / "versions").iterdir()) == ["000001"]
    assert not [path for path in home.iterdir() if path.name.startswith("restore")]


def test_an_open_log_of_the_old_database_does_not_get_into_the_new_one(home: Path, backup: Path) -> None:
    with closing(sqlite3.connect(home / "notes.sqlite")) as db:  # a crashed server's log stays beside its database
        db.execute("INSERT INTO notes VALUES ('unsaved')")
        db.commit()
        for name in ("notes.sqlite", "notes.sqlite-wal", "notes.sqlite-shm"):
            shutil.copy(home / name, home.parent / name)
    for name in ("notes.sqlite", "notes.sqlite-wal", "notes.sqlite-shm"):
        shutil.move(home.parent / name, home / name)
    restore(backup, home, replace=True)
    assert notes(home) == ["first"]


def damaged(backup: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Return a backup like `backup` with its members changed."""
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    target = backup.with_name("damaged.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target


def with_path(path: str) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        manifest = json.loads(members[MANIFEST])
        manifest["files"][path] = manifest["files"]["linjian.toml"]
        members[MANIFEST] = json.dumps(manifest).encode()
        members[path or "."] = members["linjian.toml"]

    return change


def without_manifest(members: dict[str, bytes]) -> None:
    del members[MANIFEST]


def another_format(members: dict[str, bytes]) -> None:
    members[MANIFEST] = json.dumps(json.loads(members[MANIFEST]) | {"format": 99}).encode()


def one_byte_changed(members: dict[str, bytes]) -> None:
    members["catalog.sqlite"] = members["catalog.sqlite"][:-1] + b"?"


def one_byte_more(members: dict[str, bytes]) -> None:
    members["linjian.toml"] += b"#"


def a_member_gone(members: dict[str, bytes]) -> None:
    del members["embeddings.sqlite"]


@pytest.mark.parametrize("change", [
    without_manifest, another_format, one_byte_changed, one_byte_more, a_member_gone, with_path("../outside.txt"),
    with_path("/etc/outside"), with_path("a/../../outside"), with_path("models/weights"), with_path("restore.ready/x"),
    with_path("a\\..\\b"), with_path(""),
], ids=lambda change: change.__qualname__)
def test_a_backup_that_was_changed_is_refused_and_nothing_happens(
        change: Callable, home: Path, backup: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_ino for path in home.rglob("*")}
    with pytest.raises(ReadError, match=re.escape("damaged.zip")):
        restore(damaged(backup, change), home, replace=True)
    assert {path: path.stat().st_ino for path in home.rglob("*")} == before
    assert not [path for path in home.iterdir() if path.name.startswith("restore")]
    assert {path.name for path in tmp_path.iterdir()} == {"home", "pages", "backup.zip", "damaged.zip"}


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_a_backup_that_was_cut_off_is_refused(share: float, home: Path, backup: Path) -> None:
    data = backup.read_bytes()
    backup.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ReadError, match="cut off"):
        restore(backup, home, replace=True)
    assert said(home) == "1000"


def test_every_flipped_byte_is_noticed_or_harmless(home: Path, backup: Path, tmp_path: Path) -> None:
    data, whole = backup.read_bytes(), content(home)
    for n, at in enumerate(range(0, len(data), len(data) // 12)):
        backup.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1:])
        fresh = tmp_path / f"fresh{n}"
        try:
            restore(backup, fresh)
        except LinjianError:
            assert not [path for path in (fresh.iterdir() if fresh.exists() else ()) if path.name != "writer.lock"]
        else:
            assert content(fresh) == whole  # a byte that says nothing, as the time of a member
        shutil.rmtree(fresh, ignore_errors=True)


def test_what_cannot_be_backed_up_is_told(home: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingIndex, match="linjian index add"):
        back_up(tmp_path / "nothing", tmp_path / "b.zip", "0.1.0")
    with pytest.raises(LinjianError, match="elsewhere"):
        back_up(home, home / "b.zip", "0.1.0")
    with pytest.raises(LinjianError, match="no file"):
        back_up(home, tmp_path / "pages", "0.1.0")
    with pytest.raises(Unwritable, match="No such file"):
        back_up(home, tmp_path / "nowhere" / "b.zip", "0.1.0")
    (home / "notes.sqlite").write_bytes((home / "notes.sqlite").read_bytes()[:4096] + b"\xff" * 4096)
    with pytest.raises(DamagedIndex, match=r"notes\.sqlite"):
        back_up(home, tmp_path / "b.zip", "0.1.0")
    assert not (tmp_path / "b.zip").exists()


def test_a_server_that_answers_keeps_a_restore_out(home: Path, backup: Path) -> None:
    before, held = content(home), lease(current(home))
    with pytest.raises(IndexLocked, match="systemctl stop"):
        restore(backup, home, replace=True)
    assert content(home) == before
    os.close(held)
    restore(backup, home, replace=True)


WRITER = """
import sys
from pathlib import Path
from tests.system.test_backup import add, note
home, pages = Path(sys.argv[1]), Path(sys.argv[2])
for n in range(1001, 100_000):
    note(home, f"{n} begun")
    add(home, pages, n)
    note(home, f"{n} done")
    print(n, flush=True)
"""


@pytest.mark.process
def test_a_backup_while_everything_changes_is_of_one_moment(home: Path, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(home), str(tmp_path / "pages")], cwd=ROOT, stdout=subprocess.PIPE,
                          text=True) as writer:
        killer = threading.Timer(60, writer.kill)
        killer.start()
        try:
            for n in range(2):
                writer.stdout.readline()
                back_up(home, tmp_path / f"{n}.zip", "0.1.0")
            assert writer.poll() is None
        finally:
            writer.kill()
            killer.cancel()
    for n in range(2):
        fresh = tmp_path / f"fresh{n}"
        restore(tmp_path / f"{n}.zip", fresh)
        assert check(fresh).faults == ()
        assert int(said(fresh)) >= 1000
        lines = notes(fresh)[1:]
        assert lines == [f"{1001 + k // 2} {'done' if k % 2 else 'begun'}" for k in range(len(lines))]


STEPS = 14
"""Kills in the part of a restore that moves things about."""


def test_killed_at_any_step_a_restore_is_whole_or_has_not_begun(home: Path, backup: Path, tmp_path: Path) -> None:
    add(home, tmp_path / "pages", 1001)
    note(home, "second")
    (home / "extra").mkdir()
    saved, states, kills = shutil.copytree(home, tmp_path / "saved"), [], 0
    last, decided = changes_of_a_restore(backup, shutil.copytree(home, tmp_path / "tried"))
    for step in sorted({0, decided - 1, *range(decided, last, (last - decided) // STEPS + 1), last}):
        shutil.rmtree(home)
        shutil.copytree(saved, home)
        status = die_in_a_restore(backup, home, step)
        kills += status == KILLED
        assert status == (KILLED if step < last else 0)
        finish(home)  # as the next command does
        states.append((said(home), tuple(notes(home)), (home / "extra").exists()))
        assert not [path for path in home.iterdir() if path.name.startswith("restore") and step > decided]
        assert (home / "models" / "weights").exists()
        if step in (decided + 1, last):
            assert check(home).faults == ()
    old, new = ("1001", ("first", "second"), True), ("1000", ("first",), False)
    assert set(states) == {old, new}
    assert states == sorted(states, key=[old, new].index), "once it is decided it is done"
    assert kills > STEPS // 2


def changes_of_a_restore(backup: Path, home: Path) -> tuple[int, int]:
    """Return how often a restore changes a folder, and after how many times it is decided."""
    reading, writing = os.pipe()
    number = os.fork()
    if number == 0:
        _restore_watched(backup, home, lambda what, count: os.write(writing, f"{count} {what}\n".encode()))
    os.close(writing)
    with open(reading, encoding="utf-8") as file:
        lines = [line.split() for line in file]
    assert os.waitpid(number, 0)[1] == 0
    return len(lines), next(int(count) for count, what in lines if what == "os.rename")


def die_in_a_restore(backup: Path, home: Path, step: int) -> int:
    """Restore in a process that is killed before its `step`th change of a folder, and return its exit status."""

    def die(_: str, count: int) -> None:
        if count == step:
            os.kill(os.getpid(), signal.SIGKILL)

    number = os.fork()
    if number == 0:
        _restore_watched(backup, home, die)
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def _restore_watched(backup: Path, home: Path, told: Callable[[str, int], object]) -> None:
    changes, count, status = {"os.rename", "os.mkdir", "os.remove", "os.rmdir"}, 0, 1

    def watch(event: str, _: tuple) -> None:
        nonlocal count
        if event in changes:
            told(event, count)
            count += 1

    try:
        os.fsync = lambda _: None  # a kill is no power cut, and this test would wait for the disk a thousand times
        sys.addaudithook(watch)
        restore(backup, home, replace=True)
        status = 0
    finally:
        os._exit(status)


def test_a_killed_backup_leaves_the_one_before(home: Path, backup: Path, tmp_path: Path) -> None:
    before, kills = backup.read_bytes(), 0
    (home / "uploads" / "large").write_bytes(os.urandom(20_000_000))
    for wait in (0.05, 0.2):
        number = os.fork()
        if number == 0:
            try:
                back_up(home, backup, "0.1.0")
            finally:
                os._exit(0)
        threading.Event().wait(wait)
        os.kill(number, signal.SIGKILL)
        kills += os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == KILLED
        if backup.read_bytes() != before:
            break
        restore(backup, tmp_path / f"fresh{wait}")
    assert kills
    back_up(home, backup, "0.1.0")  # what a kill left is no obstacle
    assert not list(backup.parent.glob(".backup.zip*"))
    restore(backup, tmp_path / "last")
    assert content(tmp_path / "last") == content(home)


def test_a_full_disk_leaves_everything_as_it_was(home: Path, backup: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    (home / "uploads" / "large").write_bytes(os.urandom(300_000))
    back_up(home, backup, "0.1.0")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(small)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        with pytest.raises(Unwritable, match="room"):
            back_up(home, small / "b.zip", "0.1.0")
        assert list(small.iterdir()) == []
        with pytest.raises(Unwritable, match="room"):
            restore(backup, small / "home")
        assert [path.name for path in (small / "home").iterdir()] == ["writer.lock"]
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_the_commands(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LINJIAN_HOME", str(home))
    target = tmp_path / "b.zip"
    assert app.main(["backup", str(target)]) == 0
    assert "index version 000001" in capsys.readouterr().out
    assert app.main(["restore", str(target)]) == 1
    assert "--replace" in capsys.readouterr().err
    assert app.main(["restore", str(target), "--replace"]) == 0
    capsys.readouterr()
    assert app.main(["audit", "list", "--json"]) == 0
    (event,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (event["what"], event["role"], event["caller"].split(":")[0]) == ("restore", "admin", "local")
    assert app.main(["audit", "list", "--what", "nothing"]) == 0
    assert capsys.readouterr().out == "no such event\n"
    monkeypatch.setenv("LINJIAN_HOME", str(tmp_path / "none"))
    assert app.main(["audit", "list"]) == 1
    assert "no audit log" in capsys.readouterr().err


def test_the_next_command_completes_an_interrupted_restore(
        home: Path, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    add(home, tmp_path / "pages", 1001)
    _, decided = changes_of_a_restore(backup, shutil.copytree(home, tmp_path / "tried"))
    assert die_in_a_restore(backup, home, decided + 4) == KILLED
    assert (home / "restore.ready").exists()
    monkeypatch.setenv("LINJIAN_HOME", str(home))
    assert app.main(["index", "list"]) == 0
    assert not (home / "restore.ready").exists()
    assert said(home) == "1000"
