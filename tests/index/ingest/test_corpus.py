"""Files into the index and out of it again. Run: python -m pytest -q tests/index/ingest/test_corpus.py"""

import fcntl
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.catalog.catalog import Catalog
from index.errors import IndexLocked, MissingIndex, NotFound, ReadError, StaleIndex
from index.files import load
from index.files.load import read_source
from index.ingest import corpus
from index.ingest.corpus import Corpus
from index.ingest.import_report import Outcome
from index.search.engine import SearchIndex
from index.search.versions import current, manifest_of
from tests.fakes.hash_encoder import HashEncoder

TEA = "一张茶桌理顺百家事\n本报记者 何小川\n\n东风里社区摆出一张茶桌,谁家有矛盾,就坐下来喝杯茶。三轮茶喝下来,多半都能说和。\n"
LIFT = "一部电梯装成了\n本报记者 苏晴\n\n玉兰苑社区加装电梯,一楼不出钱,二楼每户八千元。截至八月底,已装电梯十四台。\n"
WIRES = "飞线落了地\n本报记者 程小满\n\n柏树湾社区先建车棚,再劝拆飞线。一个月拆掉飞线一千三百余条。\n"


class Counting(HashEncoder):
    """Remembers which texts it had to embed."""

    def __init__(self, name: str = HashEncoder.name) -> None:
        self.name = name
        self.embedded: list[str] = []

    def encode_document(self, texts: Sequence[str], **_: object) -> np.ndarray:
        self.embedded += texts
        return super().encode_document(texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "lift.txt").write_text(LIFT, "utf-8")
    (pages / "tea.txt").write_text(TEA, "utf-8")
    return pages


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def statuses(outcomes: list[Outcome]) -> dict[str, str]:
    return {outcome.file: outcome.status for outcome in outcomes}


def versions(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "versions").iterdir())


def titles(home: Path) -> list[str]:
    return [article.title for article in SearchIndex.open(home, HashEncoder()).articles()]


def test_add_then_search(home: Path, folder: Path) -> None:
    outcomes = Corpus(home, HashEncoder()).add([folder])
    assert outcomes == [Outcome("lift.txt", "added", 1), Outcome("tea.txt", "added", 1)]
    index = SearchIndex.open(home, HashEncoder())
    assert [a.title for a in index.articles()] == ["一部电梯装成了", "一张茶桌理顺百家事"]
    assert index.search("加装电梯谁出钱")[0].article.file == "lift.txt"
    manifest = manifest_of(current(home))
    assert (manifest.encoder, manifest.articles, manifest.passages, manifest.sentences) == ("hash-64", 2, 2, 4)


def test_what_is_unchanged_makes_no_new_version(home: Path, folder: Path) -> None:
    encoder = Counting()
    Corpus(home, encoder).add([folder])
    before, embedded = current(home), len(encoder.embedded)
    assert statuses(Corpus(home, encoder).add([folder])) == {"lift.txt": "unchanged", "tea.txt": "unchanged"}
    assert (current(home), len(encoder.embedded)) == (before, embedded)


def test_update_replaces_the_articles_and_embeds_only_what_is_new(home: Path, folder: Path) -> None:
    encoder = Counting()
    Corpus(home, encoder).add([folder])
    encoder.embedded.clear()
    (folder / "tea.txt").write_text(WIRES, "utf-8")
    assert statuses(Corpus(home, encoder).add([folder])) == {"lift.txt": "unchanged", "tea.txt": "updated"}
    assert titles(home) == ["一部电梯装成了", "飞线落了地"]
    assert encoder.embedded
    assert not [text for text in encoder.embedded if "飞线" not in text]


def test_remove_and_add_again(home: Path, folder: Path) -> None:
    encoder = Counting()
    Corpus(home, encoder).add([folder])
    encoder.embedded.clear()
    assert Corpus(home, encoder).remove("tea.txt") == [Outcome("tea.txt", "removed", 1)]
    assert titles(home) == ["一部电梯装成了"]
    assert SearchIndex.open(home, HashEncoder()).search("茶桌")[0].article.file == "lift.txt"
    assert statuses(Corpus(home, encoder).add([folder])) == {"lift.txt": "unchanged", "tea.txt": "added"}
    assert titles(home) == ["一部电梯装成了", "一张茶桌理顺百家事"]
    assert encoder.embedded == [], "the vectors of removed files are remembered"


def test_the_last_file_can_be_removed(home: Path, folder: Path) -> None:
    Corpus(home, HashEncoder()).add([folder / "tea.txt"])
    Corpus(home, HashEncoder()).remove("tea.txt")
    index = SearchIndex.open(home, HashEncoder())
    assert (index.articles(), index.search("茶桌")) == ([], [])


def test_removing_what_is_not_there_names_it(home: Path, folder: Path) -> None:
    Corpus(home, HashEncoder()).add([folder])
    with pytest.raises(NotFound, match=r"'coffee\.txt'"):
        Corpus(home, HashEncoder()).remove("coffee.txt")


def test_a_file_that_fails_is_named_and_the_others_go_on(home: Path, folder: Path, tmp_path: Path) -> None:
    (folder / "empty.txt").write_bytes(b" \n")
    (folder / "image.txt").write_bytes(b"\x89PNG\x00\x00\xff\xfe")
    (folder / "heads.txt").write_text("只有标题", "utf-8")
    outcomes = Corpus(home, HashEncoder()).add([tmp_path / "nowhere", folder])
    failed = {o.file: str(o.message) for o in outcomes if o.status == "failed"}
    assert set(failed) == {str(tmp_path / "nowhere"), "empty.txt", "image.txt", "heads.txt"}
    assert all(file in message for file, message in failed.items())
    assert titles(home) == ["一部电梯装成了", "一张茶桌理顺百家事"]


def test_an_update_that_fails_keeps_the_old_text(home: Path, folder: Path) -> None:
    Corpus(home, HashEncoder()).add([folder])
    (folder / "tea.txt").write_text("只有标题", "utf-8")
    assert statuses(Corpus(home, HashEncoder()).add([folder]))["tea.txt"] == "failed"
    assert titles(home) == ["一部电梯装成了", "一张茶桌理顺百家事"]


def test_when_all_fail_there_is_no_index(home: Path, folder: Path) -> None:
    (folder / "tea.txt").write_text("只有标题", "utf-8")
    Corpus(home, HashEncoder()).add([folder / "tea.txt"])
    with pytest.raises(MissingIndex, match="linjian index add"):
        SearchIndex.open(home, HashEncoder())


def test_two_files_of_one_name_are_not_mixed_up(home: Path, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "tea.txt").write_text(WIRES, "utf-8")
    outcomes = Corpus(home, HashEncoder()).add([folder, other])
    assert [(o.file, o.status) for o in outcomes] == [("lift.txt", "added"), ("tea.txt", "added"), ("other/tea.txt", "added")]
    assert set(titles(home)) > {"一部电梯装成了", "一张茶桌理顺百家事"}
    assert len(titles(home)) == 3
    assert {o.status for o in Corpus(home, HashEncoder()).add([folder, other])} == {"unchanged"}
    (other / "tea.txt").write_text(WIRES.replace("一千三百", "两千六百"), "utf-8")
    assert [(o.file, o.status) for o in Corpus(home, HashEncoder()).add([other])] == [("other/tea.txt", "updated")]


def test_folders_of_days_hold_files_of_one_name(home: Path, tmp_path: Path) -> None:
    pages = [tmp_path / month / day / "A01.txt" for month in ("09", "10") for day in ("01", "02")]
    for n, page in enumerate(pages):
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(TEA.replace("三轮", f"{n + 5}轮"), "utf-8")
    outcomes = Corpus(home, HashEncoder()).add(pages)
    assert [(o.file, o.status) for o in outcomes] == [("A01.txt", "added"), ("02/A01.txt", "added"), ("01/A01.txt", "added"),
                                                      ("10/02/A01.txt", "added")]
    assert [o.status for o in Corpus(home, HashEncoder()).add(pages)] == ["unchanged"] * 4
    pages[-1].write_text(LIFT, "utf-8")
    assert [o.file for o in Corpus(home, HashEncoder()).add([pages[-1].parent]) if o.status == "updated"] == ["10/02/A01.txt"]
    assert titles(home).count("一张茶桌理顺百家事") == 3


def test_a_folder_is_searched_through(home: Path, folder: Path) -> None:
    (folder / "2024").mkdir()
    (folder / "2024" / "wires.MD").write_text(WIRES, "utf-8")
    (folder / "style.css").write_bytes(b"p {}")
    outcomes = Corpus(home, HashEncoder()).add([folder])
    assert [o.file for o in outcomes] == ["2024/wires.MD", "lift.txt", "tea.txt"]


def test_progress_tells_each_stage_to_its_end(home: Path, folder: Path) -> None:
    told: list[tuple[str, int, int]] = []
    Corpus(home, HashEncoder()).add([folder], lambda *stage: told.append(stage))
    assert told == [("read", 0, 2), ("read", 1, 2), ("read", 2, 2), ("embed", 0, 6), ("embed", 6, 6)]


# -- more than one at a time --------------------------------------------------------------------------------------------


def test_a_second_writer_is_told_to_wait(home: Path, folder: Path) -> None:
    Corpus(home, HashEncoder()).add([folder])
    with (home / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for change in (lambda c: c.add([folder]), lambda c: c.remove("tea.txt"), lambda c: c.rebuild()):
            with pytest.raises(IndexLocked, match="run the same command again"):
                change(Corpus(home, HashEncoder()))
    assert statuses(Corpus(home, HashEncoder()).add([folder]))["tea.txt"] == "unchanged"


def test_a_reader_keeps_its_version(home: Path, folder: Path) -> None:
    Corpus(home, HashEncoder()).add([folder])
    reader = SearchIndex.open(home, HashEncoder())
    before = reader.search("茶桌")
    (folder / "wires.txt").write_text(WIRES, "utf-8")
    for change in ("add", "remove", "add", "remove"):
        if change == "add":
            Corpus(home, HashEncoder()).add([folder])
        else:
            Corpus(home, HashEncoder()).remove("wires.txt")
    assert reader.search("茶桌") == before
    assert reader.version == "000001"
    assert SearchIndex.open(home, HashEncoder()).version == "000005"
    assert versions(home) == ["000001", "000004", "000005"], "one is read, one was read a moment ago, one is current"
    del reader
    Corpus(home, HashEncoder()).add([folder])
    assert versions(home) == ["000005", "000006"]


# -- what can go wrong --------------------------------------------------------------------------------------------------


def test_another_encoder_is_refused_until_the_index_is_rebuilt(home: Path, folder: Path) -> None:
    Corpus(home, HashEncoder()).add([folder])
    other = Counting("hash-other")
    for use in (lambda: SearchIndex.open(home, other), lambda: Corpus(home, other).add([folder]),
                lambda: Corpus(home, other).remove("tea.txt")):
        with pytest.raises(StaleIndex, match=r"'hash-64'.*'hash-other'.*linjian index rebuild"):
            use()
    assert titles(home) == ["一部电梯装成了", "一张茶桌理顺百家事"]
    assert Corpus(home, other).rebuild().encoder == "hash-other"
    assert len(SearchIndex.open(home, other).articles()) == 2
    with pytest.raises(StaleIndex):
        SearchIndex.open(home, HashEncoder())


def test_an_index_of_another_format_is_refused(home: Path, folder: Path) -> None:
    Corpus(home, HashEncoder()).add([folder])
    manifest = current(home) / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text("utf-8")) | {"format": 99, "new": 1}), "utf-8")
    with pytest.raises(StaleIndex, match=r"format 99.*linjian index rebuild"):
        SearchIndex.open(home, HashEncoder())
    Corpus(home, HashEncoder()).rebuild()
    assert len(titles(home)) == 2


def test_a_version_that_was_deleted_can_be_rebuilt(home: Path, folder: Path) -> None:
    Corpus(home, HashEncoder()).add([folder])
    shutil.rmtree(home / "versions")
    with pytest.raises(MissingIndex, match="linjian index rebuild"):
        SearchIndex.open(home, HashEncoder())
    Corpus(home, HashEncoder()).rebuild()
    assert len(titles(home)) == 2


@pytest.mark.parametrize("change", ["add", "remove"])
def test_a_run_that_died_before_it_published_is_repaired(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    Corpus(home, HashEncoder()).add([folder / "tea.txt"])

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(corpus, "publish", die)
        dying = Corpus(home, HashEncoder())
        with pytest.raises(KeyboardInterrupt):
            dying.add([folder]) if change == "add" else dying.remove("tea.txt")
    assert titles(home) == ["一张茶桌理顺百家事"], "readers see what was published"
    again = [folder] if change == "add" else [folder / "lift.txt"]
    Corpus(home, HashEncoder()).add(again)
    assert titles(home) == (["一部电梯装成了", "一张茶桌理顺百家事"] if change == "add" else ["一部电梯装成了"])


def test_a_version_half_built_never_replaces_the_one_readers_use(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Corpus(home, HashEncoder()).add([folder / "tea.txt"])

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Catalog, "copy_to", die)
        with pytest.raises(KeyboardInterrupt):
            Corpus(home, HashEncoder()).remove("tea.txt")
    assert (current(home).name, versions(home)) == ("000001", ["000001"])
    shutil.copytree(home / "versions" / "000001", home / "versions" / "000002")
    (home / "versions" / "000002" / "manifest.json").unlink()  # as a kill leaves it
    Corpus(home, HashEncoder()).add([folder])
    assert (current(home).name, versions(home)) == ("000003", ["000001", "000003"])


def test_embedding_goes_on_where_it_was_interrupted(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.embedding.vector_cache._GROUP", 2)

    class Dying(Counting):
        def encode_document(self, texts: Sequence[str], **_: object) -> np.ndarray:
            if len(self.embedded) >= 4:
                raise KeyboardInterrupt
            return super().encode_document(texts)

    with pytest.raises(KeyboardInterrupt):
        Corpus(home, Dying()).add([folder])
    encoder = Counting()
    Corpus(home, encoder).add([folder])
    assert len(encoder.embedded) == 2


def test_rebuild_needs_something_to_build_from(home: Path) -> None:
    with pytest.raises(NotFound, match="linjian index add"):
        Corpus(home, HashEncoder()).rebuild()


# -- reading ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("raw", "encoding"), [
    (TEA.encode(), "utf-8"),
    (b"\xef\xbb\xbf" + TEA.encode(), "utf-8-sig"),
    (TEA.encode("gb18030"), "gb18030"),
    (TEA.encode("utf-16"), "utf-16"),
    (b"\xfe\xff" + TEA.encode("utf-16-be"), "utf-16"),
    (TEA.replace("\n", "\r\n").encode(), "utf-8"),
    (TEA.replace("\n", "\r").encode("gb18030"), "gb18030"),
], ids=["utf-8", "bom", "gb18030", "utf-16-le", "utf-16-be", "crlf", "old-mac"])
def test_every_encoding_gives_the_same_text(tmp_path: Path, raw: bytes, encoding: str) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes(raw)
    source = read_source("page.txt", path)
    assert (source.text, source.encoding) == (TEA, encoding)


@pytest.mark.parametrize(("name", "raw", "why"), [
    ("empty.txt", b"", "empty"),
    ("blank.txt", b" \r\n\xe3\x80\x80", "empty"),
    ("binary.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not text"),
    ("broken.txt", b"\xef\xbb\xbf\xff\xff\xff", "not text"),
    ("half.txt", b"\xff\xfeA", "not text"),
    ("page.xls", b"x", r"\.xls is not supported"),
    ("page", b"x", "no suffix is not supported"),
])
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, raw: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(ReadError, match=f"'{name}'.*{why}"):
        read_source(name, tmp_path / name)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(load.MAX_BYTES + 1)
    with pytest.raises(ReadError, match=r"'huge\.txt' has 20,000,001 bytes"):
        read_source("huge.txt", tmp_path / "huge.txt")


def test_a_folder_named_like_a_file_is_no_page(tmp_path: Path) -> None:
    (tmp_path / "x.txt").mkdir()
    with pytest.raises(ReadError, match=r"'x\.txt' cannot be read"):
        read_source("x.txt", tmp_path / "x.txt")
