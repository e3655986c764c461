"""Every kind of damage is found, named, and mended by a rebuild. Run: python -m pytest -q
tests/index/maintenance/test_check.py"""

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.commands import index_commands
from index.catalog.catalog import Catalog
from index.catalog.locking import sole_writer
from index.catalog.schema import SCHEMA_VERSION
from index.errors import DamagedIndex, IndexLocked, MissingIndex, StaleIndex
from index.ingest.corpus import Corpus
from index.maintenance.check import article_faults, check
from index.search.engine import SearchIndex
from index.search.versions import current
from tests.fakes.hash_encoder import HashEncoder, context

PAGES = Path(__file__).parents[3] / "examples" / "articles"
QUESTION = "没有物业的小区怎么管"
SOME = ("01_yunze_morning_A06.txt", "04_cangyuan_evening_07.txt")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pages, indexed; never changed."""
    home = tmp_path_factory.mktemp("check") / "home"
    Corpus(home, HashEncoder()).add([PAGES / file for file in SOME])
    return home


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "home")


def faults(home: Path) -> tuple[str, ...]:
    return check(home).faults


def one(home: Path, pattern: str) -> Path:
    return min(current(home).glob(pattern))


def overwrite(path: Path) -> None:
    """Change one byte of a file."""
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    path.write_bytes(raw)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def change_manifest(home: Path, **values: object) -> None:
    path = current(home) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), "utf-8")


def sql(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        assert db.execute(statement).rowcount
        db.commit()


def flip_text(path: Path) -> None:
    """Make one character of the first page's text no UTF-8, as one wrong byte does; SQLite's own check does not see it."""
    sql(path, "UPDATE files SET text = CAST(CAST(substr(text, 1, 1) AS BLOB) || x'ff' || CAST(substr(text, 2) AS BLOB) AS TEXT) "
              f"WHERE file = '{SOME[0]}'")


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a byte of the passages' vectors": (lambda h: overwrite(one(h, "vectors/*.passages.faiss")), "passages.faiss is not what was"),
    "a byte of the sentences' vectors": (lambda h: overwrite(one(h, "vectors/*.sentences.faiss")), "sentences.faiss is not what"),
    "vectors cut off": (lambda h: cut(one(h, "vectors/*.sentences.faiss")), "sentences.faiss is not what was written"),
    "vectors gone": (lambda h: one(h, "vectors/*").unlink(), "faiss is missing"),
    "a byte of the lexical index": (lambda h: overwrite(one(h, "lexical/*.idx")), r"lexical/.*\.idx is not what was written"),
    "lexical index cut off": (lambda h: cut(one(h, "lexical/*.store")), r"lexical/.*\.store is not what was written"),
    "lexical meta gone": (lambda h: one(h, "lexical/meta.json").unlink(), r"lexical/meta\.json is missing"),
    "snapshot cut off": (lambda h: cut(one(h, "catalog.sqlite")), r"versions/000001/catalog\.sqlite is not what was written"),
    "manifest cut off": (lambda h: cut(one(h, "manifest.json")), r"manifest\.json' is damaged"),
    "manifest lacks a field": (lambda h: change_manifest(h, shards=None), r"manifest\.json' is damaged"),
    "a stranger's file": (lambda h: (current(h) / "lexical" / "x").write_text("x"), "lexical/x does not belong"),
    "version gone": (lambda h: shutil.rmtree(current(h)), "000001' is gone"),
    "pointer overwritten": (lambda h: (h / "current").write_bytes(b"\xff\x00"), "current' names no version"),
    "pointer to nothing": (lambda h: (h / "current").write_text("000099"), "000099' is gone"),
    "another count": (lambda h: change_manifest(h, passages=5), "lexical holds .* passages, 5 were written"),
    "a vector is missing": (lambda h: sql(h / "embeddings.sqlite", "DELETE FROM vectors WHERE digest < '8'"), r"embeddings\.sqlite: \d+ vectors"),
    "a vector is cut off": (
        lambda h: sql(h / "embeddings.sqlite", "UPDATE vectors SET vector = substr(vector, 1, 40) WHERE digest < '2'"), r"embeddings\.sqlite: \d+ vectors"),
    "a vector is another": (lambda h: sql(h / "embeddings.sqlite", "UPDATE vectors SET vector = zeroblob(260) WHERE digest < '8'"), r"embeddings\.sqlite: \d+ vectors"),
    "vectors are swapped": (
        lambda h: sql(h / "embeddings.sqlite", "UPDATE vectors SET vector = (SELECT vector FROM vectors LIMIT 1) WHERE digest < '8'"),
        r"embeddings\.sqlite: \d+ vectors"),
    "embeddings overwritten": (lambda h: (h / "embeddings.sqlite").write_bytes(b"no database" * 99), r"embeddings\.sqlite' is damaged"),
    "an unused vector": (
        lambda h: sql(h / "embeddings.sqlite", "INSERT INTO vectors VALUES ('another', 'a', zeroblob(260))"), r"embeddings\.sqlite: 1 vectors are not"),
    "embeddings emptied": (lambda h: os.truncate(h / "embeddings.sqlite", 0), r"embeddings\.sqlite: it is empty"),
    "a byte of a stored text": (lambda h: flip_text(h / "catalog.sqlite"), r"a row of files cannot be read: Could not decode"),
    "catalog emptied": (lambda h: os.truncate(h / "catalog.sqlite", 0), r"catalog\.sqlite' is damaged \(it is empty\)"),
    "catalog cut off": (lambda h: cut(h / "catalog.sqlite"), r"catalog\.sqlite"),
    "catalog overwritten": (lambda h: (h / "catalog.sqlite").write_bytes(b"no database" * 99), r"catalog\.sqlite' is damaged"),
    "catalog gone": (lambda h: (h / "catalog.sqlite").unlink(), "No index in"),
    "a sentence is another": (lambda h: sql(h / "catalog.sqlite", "UPDATE paragraphs SET sentences = replace(sentences, '社区', '公司')"), "does not say at"),
    "a sentence is no JSON": (lambda h: sql(h / "catalog.sqlite", "UPDATE paragraphs SET sentences = '[' WHERE n = 1"), r"catalog\.sqlite: Expecting"),
    "an article beyond its file": (lambda h: sql(h / "catalog.sqlite", "UPDATE articles SET end = 999999 WHERE n = 0"), "lies outside"),
    "a passage is missing": (lambda h: sql(h / "catalog.sqlite", "DELETE FROM passages WHERE n = 1"), "do not hold every sentence once"),
    "articles of no file": (lambda h: sql(h / "catalog.sqlite", f"DELETE FROM files WHERE file = '{SOME[0]}'"), "belongs to nothing"),
}


def test_a_whole_index_has_no_fault(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert faults(home) == ()
    assert index_commands.check(context(home)) == 0
    assert "the index is whole" in capsys.readouterr().out


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_named_and_mended(home: Path, whole: Path, damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    act, words = DAMAGE[damage]
    act(home)
    assert index_commands.check(context(home)) == 1
    *lines, last = capsys.readouterr().out.splitlines()
    assert any(re.search(words, line) for line in lines), lines
    assert "linjian index rebuild" in last
    Corpus(home, HashEncoder()).rebuild()
    assert faults(home) == ()
    ask = [SearchIndex.open(h, HashEncoder()).search(QUESTION) for h in (home, whole)]
    assert ask[0] == ask[1]


@pytest.mark.parametrize("damage", ["vectors cut off", "vectors gone", "lexical index cut off", "lexical meta gone", "snapshot cut off",
                                    "manifest cut off", "version gone", "pointer overwritten", "pointer to nothing"])
def test_a_damaged_version_is_not_searched(home: Path, damage: str) -> None:
    DAMAGE[damage][0](home)
    with pytest.raises((DamagedIndex, MissingIndex), match="linjian index rebuild"):
        SearchIndex.open(home, HashEncoder())


def test_a_damaged_catalog_is_kept_beside(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = b"no database" * 99
    (home / "catalog.sqlite").write_bytes(raw)
    with pytest.raises(DamagedIndex, match="linjian index rebuild"):
        Corpus(home, HashEncoder()).remove(SOME[0])
    index_commands.rebuild(context(home))
    assert "catalog.sqlite.damaged" in capsys.readouterr().out
    assert (home / "catalog.sqlite.damaged").read_bytes() == raw


def test_a_damaged_catalog_without_a_copy_is_said(home: Path) -> None:
    cut(home / "catalog.sqlite")
    cut(one(home, "catalog.sqlite"))
    with pytest.raises(DamagedIndex, match=r"no published version holds a whole copy.*linjian index add"):
        Corpus(home, HashEncoder()).rebuild()
    assert (home / "catalog.sqlite").exists()


COMMANDS: dict[str, Callable[[Path], object]] = {
    "list": lambda h: index_commands.list_pages(context(h)), "stats": lambda h: index_commands.stats(context(h)), "show": lambda h: index_commands.show(context(h), SOME[0]), "search": lambda h: SearchIndex.open(h, HashEncoder()),
    "add": lambda h: Corpus(h, HashEncoder()).add([PAGES / SOME[0]], reread=True), "remove": lambda h: Corpus(h, HashEncoder()).remove(SOME[0]),
}


@pytest.mark.parametrize("command", ["list", "stats", "show", "add", "remove"])
def test_an_emptied_catalog_is_named_by_every_command(home: Path, command: str) -> None:
    os.truncate(home / "catalog.sqlite", 0)
    with pytest.raises(DamagedIndex, match=r"catalog\.sqlite' is damaged .*linjian index rebuild"):
        COMMANDS[command](home)


@pytest.mark.parametrize("command", ["show", "search"])
def test_a_text_that_cannot_be_decoded_is_named(home: Path, command: str) -> None:
    for path in (home, current(home)):
        flip_text(path / "catalog.sqlite") if command == "show" else sql(path / "catalog.sqlite", "UPDATE articles SET title = CAST(x'ff' AS TEXT)")
    with pytest.raises(DamagedIndex, match=r"catalog\.sqlite' is damaged \(Could not decode[^)]{,80}\)\. .*linjian index rebuild"):
        COMMANDS[command](home)


def spoil(path: Path) -> None:
    sql(path, "UPDATE notes SET text = CAST(x'e9ff' AS TEXT)")


@pytest.mark.parametrize("name", ["access.sqlite", "audit.sqlite", "conversations.sqlite"])
@pytest.mark.parametrize(("damage", "words"), [
    (spoil, "a row of notes cannot be read: Could not decode"), (lambda path: os.truncate(path, 0), "it is empty"),
    (cut, "malformed"), (lambda path: path.write_bytes(b"no database" * 99), "not a database"),
], ids=["a byte of a text", "emptied", "cut off", "overwritten"])
def test_the_other_databases_of_the_home_are_checked(
    home: Path, name: str, damage: Callable[[Path], object], words: str, capsys: pytest.CaptureFixture[str],
) -> None:
    with closing(sqlite3.connect(home / name)) as db:
        db.executescript("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('" + "注" * 20_000 + "')")
    assert index_commands.check(context(home)) == 0
    damage(home / name)
    capsys.readouterr()
    assert index_commands.check(context(home)) == 1
    printed = capsys.readouterr().out
    assert re.search(rf"{re.escape(name)}: .*{words}", printed), printed
    assert "linjian restore FILE" in printed
    assert "linjian index rebuild" not in printed, "a rebuild cannot bring it back"


def test_what_is_made_is_its_owners_alone(home: Path) -> None:
    made = [*home.glob("*.sqlite*"), current(home) / "catalog.sqlite"]
    assert len(made) >= 3
    assert {path.stat().st_mode & 0o077 for path in made} == {0}


def test_damage_is_not_handed_on(home: Path, tmp_path: Path) -> None:
    cut(one(home, "vectors/*.sentences.faiss"))
    (tmp_path / "more.txt").write_text("飞线落了地\n\n柏树湾社区先建车棚，再劝拆飞线。\n", "utf-8")
    Corpus(home, HashEncoder()).add([tmp_path / "more.txt"])
    assert faults(home) == ()


def test_nothing_to_check_and_no_time_to_check(home: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingIndex, match="linjian index add"):
        check(tmp_path / "nowhere")
    with sole_writer(home), pytest.raises(IndexLocked):
        check(home)


def test_stored_but_not_published_is_no_fault(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("index.ingest.corpus.publish", die)
        with pytest.raises(KeyboardInterrupt):
            Corpus(home, HashEncoder()).remove(SOME[0])
    assert (check(home).faults, check(home).waiting) == ((), True)
    assert index_commands.check(context(home)) == 0
    assert "linjian index rebuild" in capsys.readouterr().out


def test_every_fault_of_an_article_is_told(whole: Path) -> None:
    with closing(Catalog(whole)) as catalog:
        article = catalog.articles()[0]
        text, passages = catalog.text(article.file), catalog.passages_of(article)
    assert list(article_faults(text, article, passages)) == []
    assert len(list(article_faults("", article, passages))) == 1 + sum(len(p.sentences) for p in article.paragraphs)
    assert len(list(article_faults(text, replace(article, end=article.start), passages[1:]))) == 2


# -- catalogs of other releases -----------------------------------------------------------------------------------------


def test_an_older_catalog_is_refused_until_it_is_rebuilt(home: Path, whole: Path) -> None:
    with closing(sqlite3.connect(home / "catalog.sqlite")) as db:
        db.executescript("DROP TABLE bands; DROP TABLE alike; DROP TABLE passages; PRAGMA user_version = 0")
    shutil.rmtree(home / "versions")
    for use in (lambda: Corpus(home, HashEncoder()).add([PAGES]), lambda: index_commands.list_pages(context(home)), lambda: index_commands.stats(context(home))):
        with pytest.raises(StaleIndex, match=r"older release.*linjian index rebuild"):
            use()
    index_commands.rebuild(context(home))
    assert faults(home) == ()
    ask = [SearchIndex.open(h, HashEncoder()).search(QUESTION) for h in (home, whole)]
    assert ask[0] == ask[1]


def test_a_newer_catalog_is_left_alone(home: Path) -> None:
    with closing(sqlite3.connect(home / "catalog.sqlite")) as db:
        db.executescript(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = (home / "catalog.sqlite").read_bytes()
    for use in (lambda: Corpus(home, HashEncoder()).rebuild(), lambda: index_commands.stats(context(home))):
        with pytest.raises(StaleIndex, match="newer release"):
            use()
    assert (home / "catalog.sqlite").read_bytes() == before
