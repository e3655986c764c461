"""Hostile bytes for every reader: a text or a ReadError, in bounded time, and nothing printed.

Run: python -m pytest -q tests/index/files/test_fuzz.py; --hypothesis-profile=long for 1,000 cases a test instead of 12
(conftest.py),
--hypothesis-seed=n for others than the last time, with --timeout=0.
"""

import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.errors import ReadError
from index.files.discover import find_files
from index.files.formats.encoding import decode
from index.files.load import PAGES, TABLES, read_source
from index.files.sidecar import read_folder_sidecar, read_page_sidecar
from index.pages.articles import read_articles
from index.types import Metadata, Source, text_at
from tests.fakes import made_files

_PROFILE = settings.get_current_profile_name()
calm = settings(settings.get_profile("short" if _PROFILE == "tests" else _PROFILE))
SLOWEST = 20
"""Seconds for one small file; a reader needs hundredths, the machine may be busy."""


def seeds() -> dict[str, list[bytes]]:
    """Well-formed files of each kind, to be damaged."""
    rows = [{"id": n, "title": "题", "text": text, "date": "2024-05-06"} for n, text in enumerate(made_files.OTHERS)]
    return {
        ".txt": ["\n".join(made_files.PARAGRAPHS).encode(), "\n".join(made_files.PARAGRAPHS).encode("gb18030")],
        ".md": [f"# 题\n\n{made_files.OTHERS[0]}\n".encode()],
        ".html": [made_files.html_news().encode(), made_files.html_tables().encode("gb18030"), made_files.html_post().encode()],
        ".docx": [made_files.docx_bulletin()],
        ".pdf": [made_files.pdf_columns((("飞线落了地", made_files.OTHERS),), 2)],
        ".jsonl": ["\n".join(json.dumps(row) for row in rows).encode()],
        ".csv": [f"标题,正文,日期\n题,\"{made_files.OTHERS[0]}\",2024-05-06\n".encode()],
        ".zip": [made_files.zipped({"a.txt": made_files.OTHERS[0].encode(), "b/rows.csv": b"text\nx\n"})],
    }


@st.composite
def damaged(draw: st.DrawFn, raws: list[bytes]) -> bytes:
    """A file of its kind with some bytes changed, cut out, doubled or put in."""
    raw = bytearray(draw(st.sampled_from(raws)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(len(raw) - 1, 0)))
        piece = draw(st.binary(min_size=1, max_size=8))
        size = draw(st.sampled_from([1, 2, 8, 100, 5000]))
        match draw(st.sampled_from(["change", "cut", "double", "insert", "end"])):
            case "change":
                raw[at:at + len(piece)] = piece
            case "cut":
                del raw[at:at + size]
            case "double":
                raw[at:at] = raw[at:at + size]
            case "insert":
                raw[at:at] = piece
            case "end":
                del raw[at:]
    return bytes(raw)


def assert_readable(source: Source) -> None:
    source.text.encode("utf-8")
    assert "\x00" not in source.text
    assert source.text.strip()
    for heading in source.headings:
        assert 0 <= heading.start < heading.end <= len(source.text)
    for article in read_articles(source):
        for sentence in (s for p in article.paragraphs for s in p.sentences):
            assert text_at(source.text, sentence.spans) == sentence.text


def outcome(read: Callable[[], object]) -> tuple[object, str]:
    """Return what is read, or None and why it cannot be."""
    try:
        return read(), ""
    except ReadError as error:
        return None, str(error)


def read_all(name: str, raw: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(raw)
        started = time.monotonic()
        for found in find_files(path):
            source, refused = outcome(found.read)
            if source is not None:
                assert_readable(source)
            else:
                assert name in refused
                assert "\n" not in refused
        assert time.monotonic() - started < SLOWEST


@pytest.mark.parametrize("suffix", seeds())
def test_damaged_files(suffix: str, capfd: pytest.CaptureFixture[str]) -> None:
    @calm
    @given(damaged(seeds()[suffix]))
    def run(raw: bytes) -> None:
        read_all(f"page{suffix}", raw)

    run()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [*PAGES, *TABLES, ".zip"])
def test_any_bytes(suffix: str, capfd: pytest.CaptureFixture[str]) -> None:
    starts = st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"<html><body><p>", b'{"text": "', b"text,date\n", b"\xff\xfe", b"# "])

    @calm
    @given(starts, st.binary(max_size=400))
    def run(start: bytes, raw: bytes) -> None:
        read_all(f"page{suffix}", start + raw)

    run()
    assert capfd.readouterr() == ("", "")


TAGS = ("p", "div", "table", "tr", "td", "h1", "h2", "ul", "li", "a", "span", "br", "article", "title", "meta", "script", "!--", "svg")


@calm
@given(st.lists(st.tuples(st.sampled_from(TAGS), st.booleans(), st.text(max_size=40)), max_size=60))
def test_any_markup(parts: list[tuple[str, bool, str]]) -> None:
    page = "".join(f"<{'/' if closing else ''}{tag}>{text}" for tag, closing, text in parts)
    read_all("page.html", page.encode("utf-8", "replace"))


@calm
@given(st.dictionaries(st.text(max_size=12), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60), lambda inner: st.lists(inner, max_size=3)), max_size=6),
    st.text(min_size=1, max_size=80))
def test_any_row(row: dict, text: str) -> None:
    read_all("page.jsonl", json.dumps(row | {"text": text}).encode())


@calm
@given(st.binary(max_size=200), st.sampled_from(["page.txt.toml", "meta.csv", "meta.toml"]))
def test_any_side_file(raw: bytes, name: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(raw)
        said, refused = outcome(lambda: (read_page_sidecar if name == "page.txt.toml" else read_folder_sidecar)(path))
        assert isinstance(said, Metadata | dict) or name in refused


@calm
@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))
def test_what_is_encoded_is_decoded(text: str, encoding: str) -> None:
    text = text.encode("utf-8", "replace").decode().replace("\r", "\n").replace("\x00", " ").replace("\ufeff", "")
    if encoding == "gb18030" and not text.isascii():
        text = f"{made_files.PARAGRAPHS[0]}{text}"
    assert decode(text.encode(encoding), "page.txt")[0] == text


@calm
@example(["\x00"])
@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), min_size=1, max_size=5))
def test_any_names_in_an_archive(names: list[str]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name in dict.fromkeys(names):
            packed.writestr(zipfile.ZipInfo(f"{name}.txt"), made_files.OTHERS[0])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        path.write_bytes(out.getvalue())
        for found in find_files(path):
            assert found.file.startswith("a.zip/") or found.file == "a.zip" and not found.readable
            assert ".." not in Path(found.file).parts or "leads out" in outcome(found.read)[1]


def test_the_same_damage_gives_the_same_text(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(made_files.html_news().encode()[:-700])
    assert read_source("page.html", path) == read_source("page.html", path)
