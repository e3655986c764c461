"""What cannot be read: one clear line with the file's name and what to do, the others go on, nothing stored is lost.

Run: python -m pytest -q tests/index/files/test_bad_input.py
"""

import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest

from assistant.commands import index_actions
from index.catalog.catalog import Catalog
from index.errors import ReadError
from index.files import load
from index.files.discover import find_files
from index.files.formats import archive, pdf, time_limit
from index.ingest.corpus import Corpus
from tests.fakes import made_files
from tests.fakes.hash_encoder import HashEncoder

GOOD = f"一部电梯装成了\n本报记者 苏晴\n\n{made_files.PARAGRAPHS[3]}\n"


def swollen() -> bytes:
    return made_files.zipped({"page.txt": b"a" * 30_000_000})


def bombed_docx() -> bytes:
    return made_files.zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b" " * 300_000_000})


def lying() -> bytes:
    """An archive whose member unpacks to more than its header says."""
    raw = bytearray(made_files.zipped({"page.txt": b"a" * 3_000_000}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = raw.find(mark)
        raw[start + at:start + at + 4] = struct.pack("<I", 1000)
    return bytes(raw)


def locked_zip() -> bytes:
    raw = bytearray(made_files.zipped({"page.txt": GOOD.encode()}))
    raw[6] |= 1
    raw[raw.find(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def twice() -> bytes:
    return made_files.zipped({"page.txt": GOOD.encode(), "pape.txt": GOOD.encode()}).replace(b"pape.txt", b"page.txt")


@pytest.mark.parametrize(("name", "raw", "why"), [
    ("empty.txt", b"", "is empty"),
    ("empty.pdf", b"", "is empty"),
    ("blank.html", b"  \n ", "is empty"),
    ("no-text.html", b"<html><body><img src=a.jpg></body></html>", "is empty"),
    ("picture.txt", b"\x89PNG\r\n\x1a\n\x00", "a picture; run OCR"),
    ("page.txt", made_files.pdf_scan(), r"a PDF; name it \.pdf"),
    ("word.txt", made_files.docx_bulletin(), r"name it \.zip or \.docx"),
    ("old.docx", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "password, or an old"),
    ("text.docx", GOOD.encode(), "no Word file"),
    ("zip.docx", made_files.zipped({"a.txt": b"x"}), "broken, or no Word file"),
    ("half.docx", made_files.docx_bulletin()[:9000], "no Word file"),
    ("bomb.docx", bombed_docx(), "not unpacked"),
    ("text.pdf", GOOD.encode(), "broken, or no PDF"),
    ("half.pdf", made_files.pdf_columns((("题", made_files.OTHERS),))[:300], "broken, or no PDF|no text layer"),
    ("locked.pdf", made_files.pdf_columns((("题", made_files.OTHERS),), password="secret"), "locked with a password"),
    ("scan.pdf", made_files.pdf_scan(), "no text layer.*OCR"),
    ("text.zip", GOOD.encode(), "no zip file"),
    ("half.zip", made_files.zipped({"a.txt": GOOD.encode() * 9})[:-30], "no zip file"),
    ("bomb.zip", swollen(), "not unpacked"),
    ("lying.zip", lying(), "broken"),
    ("locked.zip", locked_zip(), "locked with a password"),
    ("out.zip", made_files.zipped({"../../etc/page.txt": GOOD.encode()}), "leads out"),
    ("root.zip", made_files.zipped({"/etc/page.txt": GOOD.encode()}), "leads out"),
    ("drive.zip", made_files.zipped({"C:\\page.txt": GOOD.encode()}), "leads out"),
    ("nested.zip", made_files.zipped({"b.zip": made_files.zipped({"page.txt": GOOD.encode()})}), "archives inside an archive"),
    ("meta.zip", made_files.zipped({"meta.csv": b"file,date\n"}), "metadata and archives"),
    ("twice.zip", twice(), "two files of this name"),
    ("old.zip", made_files.zipped({"page.doc": b"x"}), r"save it as \.docx"),
    ("empty.jsonl", b"\n \n", "is empty"),
    ("text.jsonl", GOOD.encode(), "line 1: no JSON"),
    ("list.jsonl", b"[1]\n", "line 1: no JSON object"),
    ("columns.jsonl", b'{"headline": "x"}\n', "no column with the text.*'headline'"),
    ("columns.csv", "标题,日期\na,b\n".encode(), "no column with the text.*'标题'"),
    ("quote.csv", b'text\n"a\n', "line 2"),
    ("page.doc", b"x", r"\.doc is not supported; save it as \.docx"),
    ("page.xls", b"x", r"\.xls is not supported; save the table as \.csv"),
    ("page.rar", b"x", r"\.rar is not supported; unpack it"),
    ("page.exe", b"x", r"\.exe is not supported; save it as one of \.txt"),
    ("page", b"x", "no suffix is not supported"),
    ("heads.txt", "只有标题".encode(), "no article"),
    ("crawled.txt", b"Error parsing web page", "what a site said in its place"),
    ("gone.html", b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1><p>nginx</p></body></html>", "404 Not Found"),
    ("lost.txt", "抱歉，您访问的页面不存在或已被删除。\n\n3秒后返回首页".encode(), "what a site said"),
    ("busy.jsonl", '{"title": "菜市", "text": "502 Bad Gateway"}'.encode(), "what a site said"),
], ids=lambda value: value if isinstance(value, str) and "." in value and "\\" not in value else "")
def test_one_clear_line(tmp_path: Path, name: str, raw: bytes, why: str, capfd: pytest.CaptureFixture[str]) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / name).write_bytes(raw)
    (tmp_path / "good.txt").write_text(GOOD, "utf-8")
    outcomes = Corpus(tmp_path / "home", HashEncoder()).add([pages / name, tmp_path / "good.txt"])
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    assert len(failed) == 1
    message = str(failed[0].message)
    assert re.search(why, message)
    assert name in message
    assert "\n" not in message
    assert outcomes[-1].status == "added", "the rest goes on"
    assert capfd.readouterr() == ("", ""), "no library speaks to the user"


def test_rows_fail_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "1", "text": "一。"}\n{"id": "1", "text": "二。"}\n{broken\n{"id": "2", "text": " "}\n'
                                      '{"id": "3", "text": "三。"}\n', "utf-8")
    outcomes = Corpus(tmp_path / "home", HashEncoder()).add([tmp_path / "a.jsonl"])
    assert [(o.file, o.status) for o in outcomes] == [
        ("a.jsonl#1", "added"), ("a.jsonl#1 (line 2)", "failed"), ("a.jsonl#3", "failed"), ("a.jsonl#2", "failed"),
        ("a.jsonl#3", "added")]
    assert [f"line {n}" in str(o.message) for n, o in zip((2, 3, 4), outcomes[1:4], strict=True)] == [True] * 3


@pytest.mark.parametrize(("module", "limit", "name", "raw", "why"), [
    (load, "MAX_BYTES", "page.txt", GOOD.encode(), "the limit is 40"),
    (archive, "MAX_MEMBERS", "a.zip", made_files.zipped({f"{n}.txt": b"x" for n in range(60)}), "holds 60 files; the limit is 40"),
    (archive, "MAX_TOTAL", "a.zip", made_files.zipped({"a.txt": b"x" * 50}), "would unpack to 50 bytes"),
    (pdf, "MAX_PAGES", "a.pdf", made_files.pdf_scan(), "has 1 pages; the limit is"),
    (load, "MAX_CHARACTERS", "a.md", GOOD.encode(), "holds [0-9]+ characters; the limit is 40"),
    (load, "MAX_LINE", "a.txt", ("题\n\n" + GOOD).encode(), "line [0-9]+: [0-9]+ characters without a line end; the limit is 40"),
], ids=["bytes", "members", "total", "pages", "characters", "line"])
def test_limits_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, limit: str, name: str, raw: bytes,
                          why: str) -> None:
    monkeypatch.setattr(module, limit, 0 if limit == "MAX_PAGES" else 40)
    (tmp_path / name).write_bytes(raw)
    [found] = find_files(tmp_path / name)
    with pytest.raises(ReadError, match=f"'{name}'.*{why}"):
        found.read()


@pytest.mark.parametrize(("name", "raw"), [("a.txt", GOOD.encode()), ("a.pdf", made_files.pdf_columns((("题", made_files.OTHERS),)))])
def test_a_page_that_takes_too_long_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, raw: bytes) -> None:
    (tmp_path / name).write_bytes(raw)
    monkeypatch.setattr(time_limit, "SECONDS", 0.0)
    [outcome] = Corpus(tmp_path / "home", HashEncoder()).add([tmp_path / name])
    assert (outcome.status, str(outcome.message).partition(" to read")[0]) == ("failed", f"{name!r} takes longer than 0 seconds")


# -- folders ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "good.txt").write_text(GOOD, "utf-8")
    return folder


def messages(folder: Path) -> dict[str, str]:
    said = {}
    for found in find_files(folder):
        try:
            found.read()
            said[found.file] = ""
        except ReadError as error:
            said[found.file] = str(error)
    return said


def test_links_out_of_the_folder_are_not_followed(pages: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(GOOD, "utf-8")
    (tmp_path / "outside").mkdir()
    (pages / "link.txt").symlink_to(tmp_path / "secret.txt")
    (pages / "inside.txt").symlink_to(pages / "sub" / "good.txt")
    (pages / "folder").symlink_to(tmp_path / "outside")
    (pages / "round").symlink_to(pages)
    (pages / "loop.txt").symlink_to(pages / "loop.txt")
    said = messages(pages)
    assert "link out of the folder" in said.pop("link.txt")
    assert "not followed" in said.pop("folder")
    assert "not followed" in said.pop("round")
    assert "link to no file" in said.pop("loop.txt")
    assert said == {"inside.txt": "", "sub/good.txt": ""}


@pytest.mark.parametrize("name", ["pipe.txt", "pipe.csv", "pipe.zip", "meta.toml"])
def test_a_pipe_is_not_waited_for(pages: Path, name: str) -> None:
    os.mkfifo(pages / name)
    said = messages(pages)
    assert name == "meta.toml" or "a pipe, a socket" in said.pop(name)
    assert said == {"sub/good.txt": ""}
    if name != "meta.toml":
        [found] = find_files(pages / name)
        assert not found.readable or found.look() is not None


def test_what_a_folder_holds_besides(pages: Path) -> None:
    for name in ("~$简报.docx", ".hidden.txt", "style.css", "photo.jpg", "Thumbs.db"):
        (pages / name).write_bytes(b"x")
    (pages / "old.doc").write_bytes(b"x")
    said = messages(pages)
    assert r"save it as .docx" in said.pop("old.doc")
    assert said == {"sub/good.txt": ""}


def test_names_that_cannot_be_printed(pages: Path) -> None:
    (pages / "two\nlines.txt").write_text(GOOD, "utf-8")
    (pages / os.fsdecode(b"\xd6\xd0.txt")).write_text(GOOD, "utf-8")
    said = messages(pages)
    assert said.pop("sub/good.txt") == ""
    assert len(said) == 2
    assert all("Rename it" in message and name.isprintable() for name, message in said.items())


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder of pages, and whoever runs the tests no longer root, who may read everything."""
    folder = Path(mkdtemp())
    folder.chmod(0o755)
    (folder / "sub").mkdir()
    (folder / "sub" / "good.txt").write_text(GOOD, "utf-8")
    (folder / "sub").chmod(0o755)  # whatever the umask of a test before
    (folder / "sub" / "good.txt").chmod(0o644)
    for name in ("shut.txt", "shut.zip"):
        (folder / name).write_bytes(made_files.zipped({"a.txt": GOOD.encode()}))
        (folder / name).chmod(0)
    (folder / "closed").mkdir(mode=0)
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    yield folder
    os.seteuid(was)
    rmtree(folder)


def test_what_may_not_be_read(nobody: Path) -> None:
    said = messages(nobody)
    assert "cannot be read: Permission denied" in said["shut.zip"]
    assert "cannot be read: Permission denied" in said["shut.txt"]
    assert "cannot be opened: Permission denied" in said["closed"]
    assert said["sub/good.txt"] == ""


def test_a_file_that_goes_away_is_reported(pages: Path) -> None:
    found = find_files(pages)
    (pages / "sub" / "good.txt").unlink()
    with pytest.raises(ReadError, match=r"'sub/good\.txt' cannot be read"):
        found[0].read()


def test_a_page_that_broke_keeps_its_stored_text(pages: Path, tmp_path: Path) -> None:
    (pages / "a.docx").write_bytes(made_files.docx_bulletin())
    home = tmp_path / "home"
    Corpus(home, HashEncoder()).add([pages])
    (pages / "a.docx").write_bytes(made_files.docx_bulletin()[:5000])
    assert [o.status for o in Corpus(home, HashEncoder()).add([pages])] == ["failed", "unchanged"]
    catalog = Catalog(home)
    assert [row.articles for row in catalog.files()] == [2, 1]
    catalog.close()


def test_the_command_ends_with_a_summary_and_status_1(pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pages / "scan.pdf").write_bytes(made_files.pdf_scan())
    (pages / "empty.txt").write_bytes(b"")
    assert index_actions.add_files(tmp_path / "home", HashEncoder, [pages]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "3 files: 1 added, 2 failed"
    assert [line for line in lines if "scan.pdf" in line and "OCR" in line]
    assert len(lines) == 4


@pytest.mark.parametrize("text", ["松岭社区的网页打不开，居民说无法访问该页面已有三天，社区请来师傅，当天就修好了。", "404户居民搬进了新楼，社区为每户送去一盆花。",
                                  "5月3日系统升级。\n居民反映水表数据异常，社区当天请水务公司上门更换了水表，没有多收一分钱。"])
def test_news_about_errors_is_news(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(f"松岭社区\n\n{text}\n", "utf-8")
    assert Corpus(tmp_path / "home", HashEncoder()).add([tmp_path / "a.txt"])[0].status == "added"
