"""A file is read again exactly when its content may have changed. Run: python -m pytest -q
tests/index/files/test_file_state.py"""

import os
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.catalog.catalog import Catalog
from index.files.discover import FoundPage, find_files
from index.files.file_state import TICK_NS, Seen, lasts, look
from index.ingest import corpus as corpus_module
from index.ingest.corpus import Corpus
from index.types import NOTHING, Metadata, Source
from tests.fakes.hash_encoder import HashEncoder

TEXT = "飞线落了地\n\n柏树湾社区先建车棚，再劝拆飞线。一个月拆掉飞线一千三百余条。\n"
OTHER = TEXT.replace("一千三百", "两千六百")
assert len(OTHER.encode()) == len(TEXT.encode())


class Pages:
    """A folder of one page whose readings are counted; its times lie an hour back, so that they can be trusted."""

    def __init__(self, folder: Path) -> None:
        self.home, self.page, self.read = folder / "home", folder / "pages" / "a.txt", 0
        self.page.parent.mkdir()
        self.write(TEXT)

    def write(self, text: str, age: float = 3600) -> None:
        self.page.write_text(text, "utf-8")
        then = time.time_ns() - int(age * 1e9)
        os.utime(self.page, ns=(then, then))

    def add(self, *, reread: bool = False) -> str:
        """Add the page and return its status."""
        outcome, = Corpus(self.home, HashEncoder()).add_files(list(map(self._counted, find_files(self.page))), reread=reread)
        return outcome.status

    def text(self) -> str:
        with closing(Catalog(self.home)) as catalog:
            return catalog.text("a.txt")

    def _counted(self, found: FoundPage) -> FoundPage:
        def read() -> Source:
            self.read += 1
            return found.read()

        return replace(found, read=read)


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pages:
    """The page, added. The clock of the index runs a minute ahead: a change of name or rights just made counts as old."""
    monkeypatch.setattr(corpus_module, "now_ns", lambda: time.time_ns() + 60_000_000_000)
    made = Pages(tmp_path)
    assert made.add() == "added"
    made.read = 0
    return made


def test_an_unchanged_file_is_not_read(pages: Pages) -> None:
    assert [pages.add(), pages.add()] == ["unchanged", "unchanged"]
    assert pages.read == 0


def touch(pages: Pages) -> None:
    os.utime(pages.page)


def rewrite_in_secret(pages: Pages) -> None:
    """Write other text of the same length and put the time back, as `touch -r` does."""
    stat = pages.page.stat()
    pages.page.write_text(OTHER, "utf-8")
    os.utime(pages.page, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def rename_over(pages: Pages) -> None:
    stat = pages.page.stat()
    other = pages.page.with_suffix(".new")
    other.write_text(OTHER, "utf-8")
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(pages.page)


def say_beside(pages: Pages) -> None:
    pages.page.with_suffix(".toml").write_text('source = "澄湖晚报"\n', "utf-8")


def say_in_folder(pages: Pages) -> None:
    (pages.page.parent / "meta.csv").write_text("file,date\na.txt,2024-05-06\n", "utf-8")


@pytest.mark.parametrize(("change", "status"), [
    (touch, "unchanged"), (lambda pages: pages.write(OTHER), "updated"), (lambda pages: pages.write(OTHER, 7200), "updated"),
    (lambda pages: pages.write(TEXT + TEXT), "updated"), (rewrite_in_secret, "updated"), (rename_over, "updated"),
    (say_beside, "updated"), (say_in_folder, "updated"),
], ids=["touched", "same size", "same size, older", "longer", "time put back", "renamed over", "said beside", "said in the folder"])
def test_what_may_have_changed_is_read_once(change: Callable[[Pages], None], status: str, pages: Pages) -> None:
    change(pages)
    assert [pages.add(), pages.add()] == [status, "unchanged"]
    assert pages.read == 1
    assert pages.text() == pages.page.read_text("utf-8")


def test_reread_compares_the_content(pages: Pages) -> None:
    assert pages.add(reread=True) == "unchanged"
    assert pages.read == 1


def test_what_is_said_beside_is_heard_when_it_is_taken_back(pages: Pages) -> None:
    say_beside(pages)
    pages.add()
    pages.page.with_suffix(".toml").unlink()
    assert pages.add() == "updated"


def test_a_file_removed_from_the_index_is_read_and_stored_again(pages: Pages) -> None:
    Corpus(pages.home, HashEncoder()).remove("a.txt")
    assert pages.add() == "added"


def test_a_rebuild_and_a_correction_keep_what_was_seen(pages: Pages) -> None:
    Corpus(pages.home, HashEncoder()).rebuild()
    assert pages.add() == "unchanged"
    assert pages.read == 0


def test_a_file_moved_elsewhere_is_read(pages: Pages) -> None:
    moved = pages.page.parent / "later" / "a.txt"
    moved.parent.mkdir()
    pages.page.rename(moved)
    pages.page = moved
    assert [pages.add(), pages.add()] == ["unchanged", "unchanged"]
    assert pages.read == 1


def test_a_change_within_the_tick_of_the_first_reading_is_seen(tmp_path: Path) -> None:
    """The race that git calls racily clean: written, added and written again with the same size and, on a coarse clock,
    time."""
    pages = Pages(tmp_path)
    pages.write(TEXT, age=0)
    second = pages.page.stat().st_mtime_ns // 1_000_000_000 * 1_000_000_000
    os.utime(pages.page, ns=(second, second))
    pages.add()
    with closing(Catalog(pages.home)) as catalog:
        assert catalog.seen("a.txt") is None  # never trusted, so the next time decides by content
    pages.page.write_text(OTHER, "utf-8")
    os.utime(pages.page, ns=(second, second))
    assert pages.add() == "updated"
    assert pages.text() == OTHER


def test_a_file_that_changes_while_it_is_read_is_read_again(pages: Pages) -> None:
    pages.write(OTHER)
    found, = find_files(pages.page)

    def read() -> Source:
        source = found.read()
        pages.write(TEXT, 1800)
        return source

    Corpus(pages.home, HashEncoder()).add_files([replace(found, read=read)])
    assert pages.text() == OTHER
    assert pages.add() == "updated"
    assert pages.text() == TEXT


@given(st.integers(0, 10**19), st.integers(0, 10**19), st.integers(0, 10**19), st.sampled_from([1, 4_000_000, 10**9, 2 * 10**9]))
def test_no_later_change_can_look_the_same(mtime: int, ctime: int, began: int, tick: int) -> None:
    """What lasts was changed in a tick of the clock that had passed when the reading began, whatever the tick."""
    seen = Seen(7, mtime // tick * tick, ctime // tick * tick, "")
    if lasts(seen, seen, began):
        later = began // tick * tick  # the least time that a change after the reading can have
        assert later > seen.mtime_ns
        assert later > seen.ctime_ns
    else:
        assert max(seen.mtime_ns, seen.ctime_ns) > began - TICK_NS


def test_what_cannot_be_looked_at_is_not_known(tmp_path: Path) -> None:
    assert look(tmp_path / "none.txt", NOTHING) is None
    there = look(tmp_path, NOTHING)
    assert there != look(tmp_path, Metadata(source="澄湖晚报"))
    assert not lasts(None, None, 10**19)
    assert not lasts(there, None, 10**19)
