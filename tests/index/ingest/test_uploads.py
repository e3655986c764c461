"""Files that come over the network: what is kept, what is refused. Run: python -m pytest -q
tests/index/ingest/test_uploads.py"""

import os
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from index.catalog.catalog import Catalog
from index.catalog.locking import sole_writer
from index.errors import IndexLocked
from index.ingest.corpus import Corpus
from index.ingest.import_report import Outcome
from index.ingest.uploads import INCOMING, Upload, receive, receiving, recover
from index.maintenance.check import check
from index.maintenance.originals import UPLOADS
from tests.fakes import made_files
from tests.fakes.hash_encoder import HashEncoder

TEXT = "飞线落了地\n\n柏树湾社区先建车棚，再劝拆飞线。一个月拆掉飞线一千三百余条。\n".encode()
LATER = TEXT.replace("一千三百".encode(), "两千六百".encode())


class Desk:
    """An index, and a folder where files arrive."""

    def __init__(self, folder: Path) -> None:
        self.home, self.arrived = folder / "home", folder / "arrived"
        self.arrived.mkdir()
        self.corpus = Corpus(self.home, HashEncoder())

    def send(self, **files: bytes) -> list[Outcome]:
        return self.send_named(list(files.items()))

    def send_named(self, files: list[tuple[str, bytes]]) -> list[Outcome]:
        uploads = []
        for n, (name, raw) in enumerate(files):
            path = self.arrived / f"upload{n}"
            path.write_bytes(raw)
            uploads.append(Upload(name, path))
        return receive(self.home, self.corpus, uploads)

    def kept(self) -> dict[str, bytes]:
        """Return the kept originals, and whatever else was left in their folder."""
        folder = self.home / UPLOADS
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_originals_are_kept_of_what_was_stored(desk: Desk) -> None:
    archive = made_files.zipped({"a.txt": TEXT, "broken.pdf": b"%PDF-1.7"})
    told = desk.send_named([("简报（五月）.docx", made_files.docx_bulletin()), ("坏.pdf", b"%PDF-1.7\nno"), ("五月.zip", archive)])
    assert [(one.file, one.status) for one in told] == [
        ("简报（五月）.docx", "added"), ("坏.pdf", "failed"), ("五月.zip/a.txt", "added"), ("五月.zip/broken.pdf", "failed")]
    assert desk.kept() == {"简报（五月）.docx": made_files.docx_bulletin(), "五月.zip": archive}
    with closing(Catalog(desk.home)) as catalog:
        assert {row.on_disk for row in catalog.files()} == {str(desk.home / UPLOADS / name) for name in desk.kept()}
    assert {one.status for one in desk.corpus.add([desk.home / UPLOADS])} == {"unchanged", "failed"}
    assert check(desk.home).faults == ()


def test_a_file_of_a_known_name_is_an_update_and_a_broken_one_replaces_nothing(desk: Desk) -> None:
    desk.send_named([("a.txt", TEXT)])
    assert desk.send_named([("a.txt", TEXT)])[0].status == "unchanged"
    assert desk.send_named([("a.txt", b"\x00\x01\x02")])[0].status == "failed"
    assert desk.kept() == {"a.txt": TEXT}
    assert desk.send_named([("a.txt", LATER)])[0].status == "updated"
    assert desk.kept() == {"a.txt": LATER}


OCTOBER = "松岭晚报 2025年10月1日 星期三\n\n{}\n\n{}居民代表投票通过。\n\n居委会说，新规从五月起实行，欠费的住户可以分期补交。\n"


@pytest.mark.parametrize(("later", "status"), [
    (("松岭晚报 2025年10月2日 星期四", "枫桥社区降了停车费", "枫桥社区的停车费每月由95元降到60元，"), "failed"),
    (("松岭晚报 2025年10月1日 星期三", "枫桥社区降了停车费", "枫桥社区的停车费每月由95元降到55元，"), "updated"),
    (("", "芦苇巷社区办起共享工具屋", "芦苇巷社区办起了共享工具屋，可以借用52件工具，登记以后一周内归还，" * 5), "failed"),
], ids=["another day", "a correction", "other news"])
def test_a_page_of_a_known_name_with_other_news_replaces_nothing(desk: Desk, later: tuple[str, str, str], status: str) -> None:
    first = OCTOBER.format("枫桥社区降了停车费", "枫桥社区的停车费每月由95元降到60元，").encode()
    head, title, lead = later
    second = OCTOBER.format(title, lead).replace("松岭晚报 2025年10月1日 星期三", head).encode()
    assert desk.send_named([("A01.txt", first)])[0].status == "added"
    outcome, = desk.send_named([("A01.txt", second)])
    assert outcome.status == status, outcome
    assert desk.kept() == {"A01.txt": first if status == "failed" else second}
    assert ("other news" in str(outcome.message)) == (status == "failed")


@pytest.mark.parametrize(("later", "status"), [
    ({"A01.txt": OCTOBER.format("芦苇巷社区办起工具屋", "芦苇巷社区办起了共享工具屋，可以借用52件工具，登记以后一周内归还，" * 5)}, "failed"),
    ({"B01.txt": OCTOBER.format("枫桥社区降了停车费", "枫桥社区的停车费每月由95元降到60元，")}, "failed"),
    ({"A01.txt": OCTOBER.format("枫桥社区降了停车费", "枫桥社区的停车费每月由95元降到55元，"), "A02.txt": TEXT.decode()}, "updated"),
], ids=["other news", "other pages", "a newer state"])
def test_an_archive_of_a_known_name_with_other_news_replaces_nothing(desk: Desk, later: dict[str, str], status: str) -> None:
    first = made_files.zipped({"A01.txt": OCTOBER.format("枫桥社区降了停车费", "枫桥社区的停车费每月由95元降到60元，").encode()})
    second = made_files.zipped({name: text.encode() for name, text in later.items()})
    assert desk.send_named([("十月.zip", first)])[0].status == "added"
    told = desk.send_named([("十月.zip", second)])
    assert told[0].status == status
    assert ("other news" in str(told[0].message)) == (status == "failed")
    assert desk.kept() == {"十月.zip": first if status == "failed" else second}
    assert [row.file for row in desk.corpus.files()] == (["十月.zip/A01.txt"] if status == "failed" else ["十月.zip/A01.txt", "十月.zip/A02.txt"])


def test_a_page_from_elsewhere_is_not_replaced(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT)
    desk.corpus.add([tmp_path / "a.txt"])
    told = desk.send_named([("a.txt", LATER)])
    assert "another file of that name" in str(told[0].message)
    assert desk.kept() == {}


@pytest.mark.parametrize(("name", "kept", "said"), [
    ("../../etc/passwd.txt", "passwd.txt", ""), ("C:\\报纸\\五月.txt", "五月.txt", ""), ("a\u202etxt.exe.txt", "", "unprintable"),
    (".hidden.txt", "", "no name"), ("..", "", "no name"), ("", "", "no name"), ("好" * 90 + ".txt", "", "200 bytes"),
    ("meta.csv", "", "a folder's files"), ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt", ""),
    ("a.exe", "", "not supported"), ("a.txt\x00.pdf", "", "unprintable"),
], ids=["up", "drive", "right to left", "hidden", "dots", "none", "long", "sidecar", "markup", "kind", "nul"])
def test_names(name: str, kept: str, said: str, desk: Desk) -> None:
    outcome, = desk.send_named([(name, TEXT)])
    assert set(desk.kept()) == ({kept} if kept else set())
    assert said in str(outcome.message)
    assert outcome.status == ("failed" if said else "added")
    assert [path.name for path in desk.home.parent.iterdir() if path.is_file()] == []


def test_two_files_of_one_name(desk: Desk) -> None:
    told = desk.send_named([("a.txt", TEXT), ("x/a.txt", LATER)])
    assert sorted(one.status for one in told) == ["added", "failed"]
    assert desk.kept() == {"a.txt": TEXT}


def test_what_is_sent_while_another_writes_can_be_sent_again(desk: Desk) -> None:
    desk.home.mkdir()
    with sole_writer(desk.home), pytest.raises(IndexLocked):
        desk.send_named([("a.txt", TEXT)])
    assert (desk.arrived / "upload0").read_bytes() == TEXT
    assert desk.kept() == {}
    assert receive(desk.home, desk.corpus, [Upload("a.txt", desk.arrived / "upload0")])[0].status == "added"


def test_removing_a_page_deletes_its_original_and_no_other(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(LATER)
    desk.corpus.add([tmp_path / "b.txt"])
    desk.send_named([("a.txt", TEXT), ("c.zip", made_files.zipped({"1.txt": LATER, "2.txt": TEXT}))])
    desk.corpus.remove("c.zip/1.txt")
    assert set(desk.kept()) == {"a.txt", "c.zip"}  # its other page still needs it
    desk.corpus.remove("a.txt", "b.txt", "c.zip")
    assert desk.kept() == {}
    assert (tmp_path / "b.txt").exists()


# -- a process that is killed between storing a file and keeping its original ------------------------------------------------


def killed_in(desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str, files: list[tuple[str, bytes]]) -> None:
    """Send files in a process of its own that is killed where it would do `where`."""
    replace = os.replace

    def die(*given: object, **_: object) -> None:
        if where == PUBLISHED and Path(str(given[1])).parent.name != UPLOADS:
            replace(*given)  # what publishing puts in its place
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as patched:
        patched.setattr(where, die)
        number = os.fork()
        if not number:
            try:
                desk.send_named(files)
            finally:
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == -signal.SIGKILL
    assert [path for path in desk.kept() if path.startswith(INCOMING)], "something was left"


STORED, UNSTORED, PUBLISHED = "index.ingest.corpus.publish", "index.ingest.corpus.PageReader", "index.ingest.uploads.os.replace"
FIRST = ("first.txt", LATER.replace("柏树湾".encode(), "松树湾".encode()))
SMALL, GROWN = made_files.zipped({"a.txt": TEXT}), made_files.zipped({"a.txt": TEXT, "b.txt": LATER})


def starting(desk: Desk) -> None:
    with receiving(desk.home):
        pass


def sending(desk: Desk) -> None:
    desk.send_named([("other.txt", "茶桌\n\n东风里社区摆出一张茶桌，谁家有矛盾，就坐下来喝杯茶。\n".encode())])


@pytest.mark.parametrize("then", [starting, sending])
@pytest.mark.parametrize("where", [STORED, PUBLISHED], ids=["stored", "published"])
@pytest.mark.parametrize(("before", "name", "raw"), [
    ([], "飞线.txt", TEXT), ([("飞线.txt", TEXT)], "飞线.txt", LATER), ([], "五月.zip", GROWN), ([("五月.zip", SMALL)], "五月.zip", GROWN),
], ids=["a page", "an update", "an archive", "an archive that grew"])
def test_an_upload_that_was_stored_keeps_its_original(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, then: Callable[[Desk], None], where: str, before: list, name: str, raw: bytes,
) -> None:
    desk.send_named([FIRST, *before])
    killed_in(desk, monkeypatch, where, [(name, raw)])
    then(desk)
    assert desk.kept()[name] == raw
    assert not [path for path in desk.kept() if path.startswith(INCOMING)]


def test_what_was_not_stored_goes_and_replaces_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.send_named([("a.txt", TEXT)])
    killed_in(desk, monkeypatch, UNSTORED, [("a.txt", LATER), ("b.txt", LATER)])
    starting(desk)
    assert desk.kept() == {"a.txt": TEXT}


def test_what_another_process_is_at_work_on_is_left_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.send_named([FIRST])
    seen = []

    def look(*_: object, **__: object) -> list[Outcome]:
        recover(desk.home)  # as a second server would that starts just now
        seen.extend(path for path in desk.kept() if path.endswith("a.txt"))
        return []

    monkeypatch.setattr(desk.corpus, "add_files", look)
    desk.send_named([("a.txt", TEXT)])
    assert len(seen) == 1


def test_while_another_writes_and_without_an_index_what_was_left_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.send_named([FIRST])
    killed_in(desk, monkeypatch, PUBLISHED, [("a.txt", TEXT)])
    left = desk.kept()
    with sole_writer(desk.home):
        recover(desk.home)
    (desk.home / "catalog.sqlite").rename(desk.home / "aside")
    recover(desk.home)
    assert desk.kept() == left
    (desk.home / "aside").rename(desk.home / "catalog.sqlite")
    recover(desk.home)
    assert desk.kept() == dict([FIRST, ("a.txt", TEXT)])


def test_a_missing_original_is_told(desk: Desk) -> None:
    desk.send_named([("a.txt", TEXT)])
    assert check(desk.home).lost == ()
    (desk.home / UPLOADS / "a.txt").unlink()
    only, = check(desk.home).lost
    assert only.startswith("uploads/a.txt is missing: its pages are kept")
