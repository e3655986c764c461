"""Files that come over the network: what is kept, what is refused. Run: python -m pytest -q
tests/index/ingest/test_uploads.py"""

from contextlib import closing
from pathlib import Path

import pytest

from index.catalog.catalog import Catalog
from index.catalog.locking import sole_writer
from index.errors import IndexLocked
from index.ingest.corpus import Corpus
from index.ingest.import_report import Outcome
from index.ingest.originals import UPLOADS
from index.ingest.uploads import Upload, receive
from index.maintenance.check import check
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
