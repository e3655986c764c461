"""The catalog gives back what it was given, or nothing. Run: python -m pytest -q tests/index/catalog/test_catalog.py"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.catalog import catalog as catalog_module
from index.catalog.catalog import Catalog
from index.errors import MissingIndex, NotFound
from index.files.load import read_source
from index.pages.articles import read_articles
from index.pages.passages import cut_passages
from index.types import Article, Passage, Source

ROOT = Path(__file__).parents[3]
PAGES = ("01_yunze_morning_A06.txt", "04_cangyuan_evening_07.txt")


def taken_apart(file: str) -> tuple[Source, list[tuple[Article, list[Passage]]]]:
    source = read_source(file, ROOT / "examples" / "articles" / file)
    return source, [(article, cut_passages(article)) for article in read_articles(source)]


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "home", create=True)
    yield opened
    opened.close()


def put(catalog: Catalog, *files: str) -> None:
    for file in files:
        with catalog.transaction():
            catalog.put(*taken_apart(file), "2026-01-01T00:00:00+00:00")


def test_articles_and_passages_come_back_as_they_were(catalog: Catalog) -> None:
    put(catalog, *reversed(PAGES))
    expected = [pair for file in PAGES for pair in taken_apart(file)[1]]
    assert catalog.articles() == [article for article, _ in expected]
    assert sorted(catalog.passages(), key=lambda p: p.id) == sorted((p for _, ps in expected for p in ps), key=lambda p: p.id)
    assert [passage for article, _ in expected for passage in catalog.passages_of(article)] == [p for _, ps in expected for p in ps]
    assert catalog.articles(PAGES[1]) == [article for article, _ in taken_apart(PAGES[1])[1]]
    assert catalog.article(expected[3][0].id) == expected[3][0]
    assert catalog.text(PAGES[0]) == taken_apart(PAGES[0])[0].text
    assert catalog.stats() == {"files": 2, "articles": len(expected), "reprints": 0, "passages": sum(len(p) for _, p in expected)}


def test_files_are_listed_by_name(catalog: Catalog) -> None:
    put(catalog, *reversed(PAGES))
    assert [(row.file, row.articles) for row in catalog.files()] == [(file, len(taken_apart(file)[1])) for file in PAGES]
    assert catalog.file(PAGES[0]) == catalog.files()[0]
    assert catalog.file("no.txt") is None


def test_putting_again_replaces(catalog: Catalog) -> None:
    put(catalog, PAGES[0], PAGES[0])
    assert catalog.articles() == [article for article, _ in taken_apart(PAGES[0])[1]]


def test_deleting_leaves_nothing_behind(catalog: Catalog) -> None:
    put(catalog, *PAGES)
    before = catalog.digest()
    with catalog.transaction():
        assert catalog.delete(PAGES[0]) == len(taken_apart(PAGES[0])[1])
        assert catalog.delete("no.txt") == 0
    assert {article.file for article in catalog.articles()} == {PAGES[1]}
    assert {p.article_id for p in catalog.passages()} == {a.id for a in catalog.articles()}
    assert catalog.digest() != before
    put(catalog, PAGES[0])
    assert catalog.digest() == before


def test_a_transaction_that_fails_changes_nothing(catalog: Catalog) -> None:
    put(catalog, PAGES[0])
    before = catalog.digest(), catalog.stats()
    source, articles = taken_apart(PAGES[1])
    broken = [*articles, articles[0]]  # the same id twice

    def change() -> None:
        with catalog.transaction():
            catalog.delete(PAGES[0])
            catalog.put(source, broken, "")

    with pytest.raises(sqlite3.IntegrityError):
        change()
    assert (catalog.digest(), catalog.stats()) == before


def test_a_copy_does_not_see_later_changes(catalog: Catalog, tmp_path: Path) -> None:
    put(catalog, PAGES[0])
    (tmp_path / "copy").mkdir()
    catalog.copy_to(tmp_path / "copy")
    put(catalog, PAGES[1])
    copy = Catalog(tmp_path / "copy")
    assert [row.file for row in copy.files()] == [PAGES[0]]
    assert copy.articles() == catalog.articles(PAGES[0])
    copy.close()
    assert [p.name for p in (tmp_path / "copy").iterdir()] == ["catalog.sqlite"]


def test_what_is_not_there_is_named(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"'no\.txt'.*linjian index list"):
        catalog.text("no.txt")
    with pytest.raises(NotFound, match=r"'0123'.*linjian index list"):
        catalog.article("0123")
    with pytest.raises(MissingIndex, match=r"elsewhere.*linjian index add"):
        Catalog(tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()


def test_batches_are_stored_as_they_fill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_module, "_BATCH", 3)
    with closing(Catalog(tmp_path, create=True)) as writer, closing(Catalog(tmp_path)) as reader:
        seen = []

        def store_five() -> None:
            with writer.batches() as stored:
                for n in range(5):
                    writer.put(Source(file=f"{n}.txt", path=f"/{n}.txt", text="", sha256="", encoding="utf-8"), [], "")
                    stored()
                    seen.append(len(reader.files()))
                raise RuntimeError

        with pytest.raises(RuntimeError):
            store_five()
        assert seen == [0, 0, 3, 3, 3]
        assert [row.file for row in reader.files()] == ["0.txt", "1.txt", "2.txt"], "what was being stored is stored whole or not"
