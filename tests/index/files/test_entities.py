"""Entities of XML in web pages and Word files: none reads a file, none grows without end.

Run: python -m pytest -q tests/index/files/test_entities.py
"""

import io
import time
import zipfile
from pathlib import Path

import pytest

from index.ingest.corpus import Corpus
from tests.fakes.hash_encoder import HashEncoder
from tests.fakes.made_files import docx_bulletin

SECRET = "canary-of-the-server"
BOMB = '<!ENTITY a "' + "h" * 50 + '">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
"""Each holds the one before ten times: the last is fifty thousand million letters."""


def web_page(entities: str, name: str) -> bytes:
    return (f'<?xml version="1.0"?><!DOCTYPE r [{entities}]><html><body><p>听雨社区开会&{name};，大家都说停车位够了。</p>'
            "</body></html>").encode()


def word_file(entities: str, name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx_bulletin())) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.namelist():
            data = source.read(part)
            if part == "word/document.xml":
                data = data.replace(b"?>", f"?><!DOCTYPE r [{entities}]>".encode(), 1)
                data = data.replace(b"</w:t>", f"&{name};</w:t>".encode(), 1)
            target.writestr(part, data)
    return out.getvalue()


@pytest.mark.parametrize("file", ["page.html", "page.docx"])
@pytest.mark.parametrize("kind", ["a file of the server", "a bomb"])
def test_entities_read_no_file_and_do_not_grow(tmp_path: Path, file: str, kind: str) -> None:
    (tmp_path / "secret.txt").write_text(SECRET, "utf-8")
    entities, name = (BOMB, "j") if kind == "a bomb" else (f'<!ENTITY x SYSTEM "{(tmp_path / "secret.txt").as_uri()}">', "x")
    made = word_file(entities, name) if file.endswith("docx") else web_page(entities, name)
    (tmp_path / file).write_bytes(made)
    began = time.perf_counter()
    outcome, = Corpus(tmp_path / "home", HashEncoder()).add([tmp_path / file])
    assert time.perf_counter() - began < 20
    assert outcome.file == file
    stored = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert not [path.name for path in stored if SECRET.encode() in path.read_bytes()]
    assert max((path.stat().st_size for path in stored), default=0) < 20_000_000
