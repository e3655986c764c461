"""A drop folder, watched for real. Run: python -m pytest -q tests/index/ingest/test_watch.py"""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.catalog.locking import sole_writer
from index.errors import ReadError
from index.ingest import watch
from index.ingest.corpus import Corpus
from index.ingest.import_report import Outcome
from index.ingest.watch import watch_folder
from index.search.engine import SearchIndex
from tests.fakes import made_files
from tests.fakes.hash_encoder import HashEncoder

TEXT = "飞线落了地\n\n柏树湾社区先建车棚，再劝拆飞线。一个月拆掉飞线一千三百余条。\n"
PATIENCE = 30


class Watching:
    """A watch of `folder` in a thread; `next` waits for what it reports."""

    def __init__(self, home: Path, folder: Path, *, mirror: bool) -> None:
        self._told: queue.Queue[Outcome] = queue.Queue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(Corpus(home, HashEncoder()), folder, mirror))
        self.error: ReadError | None = None
        self._thread.start()

    def _run(self, corpus: Corpus, folder: Path, mirror: bool) -> None:
        try:
            watch_folder(corpus, folder, lambda outcomes: [self._told.put(o) for o in outcomes], mirror=mirror, stop=self._stop)
        except ReadError as error:
            self.error = error

    def next(self) -> tuple[str, str]:
        outcome = self._told.get(timeout=PATIENCE)
        return outcome.status, outcome.file

    def silent(self) -> bool:
        return self._told.empty()

    def end(self) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "drop"
    made.mkdir()
    (made / "first.txt").write_text(TEXT, "utf-8")
    return made


@pytest.fixture
def watching(tmp_path: Path, folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watching]:
    monkeypatch.setattr(watch, "SETTLED", 0.8)
    started = Watching(tmp_path / "home", folder, mirror=getattr(request, "param", False))
    yield started
    started.end()


def test_what_comes_is_added_under_its_name_in_the_folder(watching: Watching, folder: Path, tmp_path: Path) -> None:
    assert watching.next() == ("added", "first.txt")
    (folder / "2024").mkdir()
    (folder / "2024" / "second.txt").write_text(TEXT.replace("柏树湾", "玉兰苑"), "utf-8")
    assert watching.next() == ("added", "2024/second.txt")
    (folder / "first.txt").write_text(TEXT.replace("一千", "两千"), "utf-8")
    assert watching.next() == ("updated", "first.txt")
    (folder / "bad.txt").write_bytes(b"\x89PNG\x00")
    assert watching.next() == ("failed", "bad.txt")
    assert len(SearchIndex.open(tmp_path / "home", HashEncoder()).articles()) == 2


def test_a_file_that_is_still_being_written_waits(watching: Watching, folder: Path) -> None:
    assert watching.next() == ("added", "first.txt")
    pause = threading.Event()
    with (folder / "slow.txt").open("w", encoding="utf-8") as file:
        for n in range(12):
            file.write(f"飞线落了地，这是第{n}段。\n\n")
            file.flush()
            pause.wait(0.05)
        assert watching.silent()
        file.write(TEXT)
    assert watching.next() == ("added", "slow.txt")
    assert watching.silent()


def test_what_is_deleted_is_reported_once_and_stays(watching: Watching, folder: Path, tmp_path: Path) -> None:
    assert watching.next() == ("added", "first.txt")
    (folder / "first.txt").unlink()
    assert watching.next() == ("deleted", "first.txt")
    (folder / "other.txt").write_text(TEXT.replace("柏树湾", "玉兰苑"), "utf-8")
    assert watching.next() == ("added", "other.txt")
    assert len(SearchIndex.open(tmp_path / "home", HashEncoder()).articles()) == 2


@pytest.mark.parametrize("watching", [True], indirect=True, ids=["mirror"])
def test_a_mirror_removes_what_is_deleted(watching: Watching, folder: Path, tmp_path: Path) -> None:
    assert watching.next() == ("added", "first.txt")
    (folder / "first.txt").rename(tmp_path / "away.txt")
    assert watching.next() == ("removed", "first.txt")
    assert SearchIndex.open(tmp_path / "home", HashEncoder()).articles() == []


@pytest.mark.parametrize("watching", [True], indirect=True, ids=["mirror"])
def test_a_folder_that_vanishes_removes_nothing(watching: Watching, folder: Path, tmp_path: Path) -> None:
    assert watching.next() == ("added", "first.txt")
    folder.rename(tmp_path / "unplugged")
    watching._thread.join(PATIENCE)
    assert "Nothing was removed" in str(watching.error)
    assert len(SearchIndex.open(tmp_path / "home", HashEncoder()).articles()) == 1


def test_it_waits_for_another_writer(watching: Watching, folder: Path, tmp_path: Path) -> None:
    assert watching.next() == ("added", "first.txt")
    with sole_writer(tmp_path / "home"):
        (folder / "second.txt").write_text(TEXT.replace("柏树湾", "玉兰苑"), "utf-8")
        assert watching.next()[0] == "waiting"
    assert watching.next() == ("added", "second.txt")


# A shell's background jobs are started with Ctrl-C ignored, and a test run may be one.
COMMAND = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from assistant.commands import index_commands
from tests.fakes import made_files
from tests.fakes.hash_encoder import context
index_commands.watch(context(Path(sys.argv[1])), Path(sys.argv[2]))
"""


@pytest.mark.process
def test_the_command_ends_with_ctrl_c(tmp_path: Path, folder: Path) -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", COMMAND, str(tmp_path / "home"), str(folder)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONPATH": str(root)}) as process:
        try:
            assert "watching" in process.stdout.readline()
            assert process.stdout.readline().startswith("added")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, err) == (0, "")
    assert "stopped" in out


@pytest.mark.parametrize("watching", [True], indirect=True, ids=["mirror"])
def test_archives_and_what_is_said_beside_pages(watching: Watching, folder: Path, tmp_path: Path) -> None:
    assert watching.next() == ("added", "first.txt")
    archive, other = tmp_path / "a.zip", TEXT.replace("柏树湾", "玉兰苑")
    archive.write_bytes(made_files.zipped({"x.txt": other.encode(), "y.txt": other.replace("玉兰苑", "东风里").replace("三百", "五百").encode()}))
    archive.rename(folder / "a.zip")
    assert {watching.next(), watching.next()} == {("added", "a.zip/x.txt"), ("added", "a.zip/y.txt")}
    archive.write_bytes(made_files.zipped({"x.txt": other.encode()}))
    archive.rename(folder / "a.zip")
    assert watching.next() == ("removed", "a.zip/y.txt")
    (folder / "first.toml").write_text('source = "云泽日报"\n', "utf-8")
    assert watching.next() == ("updated", "first.txt")
    (folder / "a.zip").unlink()
    assert watching.next() == ("removed", "a.zip/x.txt")
    assert [a.source for a in SearchIndex.open(tmp_path / "home", HashEncoder()).articles()] == ["云泽日报"]
