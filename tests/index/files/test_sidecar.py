"""What the librarian says about pages wins, and is checked. Run: python -m pytest -q tests/index/files/test_sidecar.py"""

import re
from pathlib import Path

import pytest

from index.catalog.catalog import Catalog
from index.errors import ReadError
from index.files.discover import find_files
from index.ingest.corpus import Corpus
from index.pages.articles import read_articles
from index.text.dates import iso_date
from index.types import Article
from tests.fakes import made_files
from tests.fakes.hash_encoder import HashEncoder

PAGE = f"一部电梯装成了\n2020-01-01 来源:旧报\n本报记者 苏晴\n\n{made_files.PARAGRAPHS[3]}\n"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    (folder / "五月").mkdir(parents=True)
    (folder / "a.txt").write_text(PAGE, "utf-8")
    (folder / "五月" / "b.txt").write_text(PAGE, "utf-8")
    return folder


def articles(folder: Path) -> dict[str, Article]:
    return {found.file: read_articles(found.read())[0] for found in find_files(folder)}


def test_without_it_the_page_is_believed(pages: Path) -> None:
    article = articles(pages)["a.txt"]
    assert (article.source, article.date, article.byline) == ("旧报", "2020-01-01", "本报记者 苏晴")


@pytest.mark.parametrize("name", ["a.txt.toml", "a.toml"])
def test_beside_the_page(pages: Path, name: str) -> None:
    (pages / name).write_text('source = "云泽日报"\ndate = 2024-05-06\nplace = "柳溪区桃园街道"\nheadline = "电梯装成了"\n'
                              '"记者" = "程小满"\n', "utf-8")
    told = articles(pages)
    article = told["a.txt"]
    assert (article.source, article.date, article.place) == ("云泽日报", "2024-05-06", "柳溪区桃园街道")
    assert (article.title, article.byline) == ("电梯装成了", "程小满")
    assert told["五月/b.txt"].source == "旧报"


@pytest.mark.parametrize(("name", "text"), [
    ("meta.csv", "file,source,date\na.txt,云泽日报,2024-05-06\n五月/b.txt,柳溪日报,2024年5月7日\n"),
    ("meta.csv", "文件;报纸;日期\na.txt;云泽日报;2024/5/6\n五月\\b.txt;柳溪日报;20240507\n"),
    ("meta.toml", '["a.txt"]\nsource = "云泽日报"\ndate = "2024-05-06"\n["五月/b.txt"]\n"来源" = "柳溪日报"\n"日期" = 2024-05-07\n'),
], ids=["csv", "csv-chinese", "toml"])
def test_for_a_folder(pages: Path, name: str, text: str) -> None:
    (pages / name).write_text(text, "utf-8")
    told = articles(pages)
    assert (told["a.txt"].source, told["a.txt"].date) == ("云泽日报", "2024-05-06")
    assert (told["五月/b.txt"].source, told["五月/b.txt"].date) == ("柳溪日报", "2024-05-07")


def test_the_nearer_wins(pages: Path) -> None:
    (pages / "meta.csv").write_text("file,source,date,place\n*,甲报,2024-01-01,甲区\n", "utf-8")
    (pages / "五月" / "meta.toml").write_text('["*"]\nsource = "乙报"\n["b.txt"]\ndate = "2024-05-05"\n', "utf-8")
    (pages / "五月" / "b.toml").write_text('place = "丙区"\n', "utf-8")
    told = articles(pages)
    assert [told["a.txt"].source, told["a.txt"].date, told["a.txt"].place] == ["甲报", "2024-01-01", "甲区"]
    b = told["五月/b.txt"]
    assert [b.source, b.date, b.place] == ["乙报", "2024-05-05", "丙区"]


def test_a_file_added_alone_has_its_folders_metadata(pages: Path) -> None:
    (pages / "meta.csv").write_text("file,source\na.txt,云泽日报\n", "utf-8")
    [found] = find_files(pages / "a.txt")
    assert read_articles(found.read())[0].source == "云泽日报"


def test_it_wins_over_what_formats_and_tables_say(pages: Path) -> None:
    (pages / "c.html").write_text(made_files.html_news(), "utf-8")
    (pages / "d.csv").write_text("text,source\n一。,表中报\n", "utf-8")
    (pages / "meta.csv").write_text("file,source,date\nc.html,云泽晚报,2001-02-03\nd.csv,云泽晚报,\n", "utf-8")
    told = articles(pages)
    assert (told["c.html"].source, told["c.html"].date, told["c.html"].title) == ("云泽晚报", "2001-02-03", "一部电梯装成了")
    assert told["d.csv#2"].source == "云泽晚报"


@pytest.mark.parametrize(("name", "text", "why"), [
    ("meta.csv", "file,paper_name\na.txt,x\n", r"meta\.csv line 2.*'paper_name' is unknown. Known are: title, source"),
    ("meta.csv", "file,date\na.txt,2024-13-01\n", r"meta\.csv line 2', date: '2024-13-01' is no date"),
    ("meta.csv", "file,date\na.txt,2024-05-06\na.txt,2024-05-07\n", "line 3.*has a row before"),
    ("meta.csv", "source,date\n甲报,2024-05-06\n", "line 2.*names no file"),
    ("meta.csv", "file,source\na.txt,甲报,2024\n", "more values than"),
    ("meta.csv", 'file,source\n"a.txt\n', "line"),
    ("meta.toml", '["a.txt"\n', r"'meta\.toml' is no TOML"),
    ("meta.toml", 'source = "甲报"\n', r"'meta\.toml', 'source'.*table for each file"),
    ("meta.toml", '["a.txt"]\ndate = 2024\n', r"meta\.toml, a\.txt', date: 2024 is no text"),
], ids=["field", "date", "twice", "no-file", "values", "quote", "toml", "no-table", "type"])
def test_a_folders_mistake_is_told_once_and_its_pages_stay(pages: Path, tmp_path: Path, name: str, text: str, why: str) -> None:
    home = tmp_path / "home"
    assert {o.status for o in Corpus(home, HashEncoder()).add([pages])} == {"added"}
    (pages / name).write_text(text, "utf-8")
    [outcome] = Corpus(home, HashEncoder()).add([pages])
    assert (outcome.file, outcome.status) == (name, "failed")
    assert re.search(why, str(outcome.message))
    catalog = Catalog(home)
    assert [article.source for article in catalog.articles()] == ["旧报", "旧报"]
    catalog.close()


@pytest.mark.parametrize(("text", "why"), [
    ('sorce = "x"', r"'a\.toml': the field 'sorce' is unknown"),
    ('date = "gestern"', r"'a\.toml', date: 'gestern' is no date. Write it as 2024-05-06"),
    ("date =", r"'a\.toml' is no TOML"),
    ('来源 = "甲报"', r"'a\.toml' is no TOML.*in quotes"),
], ids=["field", "date", "toml", "quotes"])
def test_a_pages_mistake_fails_the_page(pages: Path, text: str, why: str) -> None:
    (pages / "a.toml").write_text(text, "utf-8")
    first, second = find_files(pages)
    assert second.read().file == "五月/b.txt"
    with pytest.raises(ReadError, match=why):
        first.read()


def test_a_name_that_no_file_has_is_told(pages: Path) -> None:
    (pages / "meta.csv").write_text("file,source\nA.txt,甲报\na.txt,甲报\n", "utf-8")
    wrong, first, _ = sorted(find_files(pages), key=lambda found: found.file != "meta.csv")
    assert first.read().metadata.source == "甲报"
    with pytest.raises(ReadError, match=r"'meta\.csv' speaks of 'A\.txt'"):
        wrong.read()


def test_new_metadata_updates_the_page_and_rebuild_keeps_it(pages: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    Corpus(home, HashEncoder()).add([pages])
    (pages / "a.toml").write_text('source = "云泽日报"\n', "utf-8")
    assert [(o.file, o.status) for o in Corpus(home, HashEncoder()).add([pages])] == [("a.txt", "updated"), ("五月/b.txt", "unchanged")]
    Corpus(home, HashEncoder()).rebuild()
    catalog = Catalog(home)
    assert catalog.articles("a.txt")[0].source == "云泽日报"
    catalog.close()


@pytest.mark.parametrize(("text", "expected"), [
    ("2024-05-06", "2024-05-06"), ("2024/5/6", "2024-05-06"), ("2024.05.06", "2024-05-06"), ("2024年5月6日", "2024-05-06"),
    ("２０２４年５月６日", "2024-05-06"), ("20240506", "2024-05-06"), ("2024-05-06T08:30:00+08:00", "2024-05-06"),
    ("2024-05-06 08:30", "2024-05-06"), ("2024-02-30", ""), ("2024-13-01", ""), ("2024年5月", ""), ("5月6日", ""), ("06/05/2024", ""),
    ("", ""), ("昨天", ""), ("99999999", ""), ("0001-01-01", ""),
])
def test_dates(text: str, expected: str) -> None:
    assert iso_date(text) == expected
