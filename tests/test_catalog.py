"""The catalog gives back what it was given, or nothing. Run: python -m pytest -q tests/test_catalog.py"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.articles import read_articles
from index.catalog import Catalog
from index.chunking import cut_passages
from index.errors import MissingIndex, NotFound
from index.reading import read_source
from index.types import Article, Passage, Source

ROOT = Path(__file__).parents[1]
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
    assert catalog.passages() == [passage for _, passages in expected for passage in passages]
    assert catalog.articles(PAGES[1]) == [article for article, _ in taken_apart(PAGES[1])[1]]
    assert catalog.article(expected[3][0].id) == expected[3][0]
    assert catalog.text(PAGES[0]) == taken_apart(PAGES[0])[0].text
    assert catalog.stats() == {"files": 2, "articles": len(expected), "passages": sum(len(p) for _, p in expected)}


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
