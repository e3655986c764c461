"""What the index must never do, open a pickle or a connection, and which releases nobody may be given.

Run: python -m pytest -q tests/test_hygiene.py
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from index.ingest.corpus import Corpus
from tests.fakes.hash_encoder import HashEncoder

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "index").rglob("*.py"))
FORBIDDEN = re.compile(r"\b(?:import pickle|from pickle|pickle\.loads?|allow_dangerous\w*|allow_pickle=True|eval\(|exec\(|urllib|requests|httpx)")

VULNERABLE = {"jinja2": "3.1.5", "lxml": "6.0.4", "lxml_html_clean": "0.4.4"}
"""The last release with a published fault, of what reads other people's files and writes our pages."""

OFFLINE = """
import sys
def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "pickle.find_class"):
        raise RuntimeError(f"the index did {event}")
sys.addaudithook(watch)
from pathlib import Path
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from tests.fakes.hash_encoder import HashEncoder
home = Path(sys.argv[1])
Corpus(home, HashEncoder()).add([Path("examples/articles")])
print(SearchIndex.open(home, HashEncoder()).search("“没人管”的院子请来“自家管家”")[0].article.title)
{more}
"""


def run(home: Path, more: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", OFFLINE.replace("{more}", more), str(home)], cwd=ROOT, capture_output=True,
                          encoding="utf-8", check=False, timeout=120)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_names_what_is_forbidden(path: Path) -> None:
    assert FORBIDDEN.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("line", ["import pickle", "allow_dangerous_deserialization=True", "np.load(x, allow_pickle=True)"])
def test_the_search_for_forbidden_words_can_fail(line: str) -> None:
    assert FORBIDDEN.search(line)


@pytest.mark.process
def test_index_and_search_open_no_connection(tmp_path: Path) -> None:
    ran = run(tmp_path / "home")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "“没人管”的院子请来“自家管家”" in ran.stdout


@pytest.mark.process
def test_the_watch_would_notice_a_connection(tmp_path: Path) -> None:
    ran = run(tmp_path / "home", "import socket; socket.create_connection(('127.0.0.1', 9))")
    assert ran.returncode != 0
    assert "the index did socket." in ran.stderr


def test_an_index_is_made_of_open_formats(tmp_path: Path) -> None:
    Corpus(tmp_path, HashEncoder()).add([ROOT / "examples" / "articles"])
    version = tmp_path / "versions" / "000001"
    names = {path.name for path in version.iterdir()}
    assert names == {"manifest.json", "catalog.sqlite", "vectors", "lexical", "cases"}
    assert {path.read_bytes()[:4] for path in (version / "vectors").iterdir()} == {b"IxFI"}
    assert all(json.loads(path.read_bytes()) for path in (version / "cases").iterdir())
    for path in (version / "catalog.sqlite", tmp_path / "catalog.sqlite", tmp_path / "embeddings.sqlite"):
        assert path.read_bytes().startswith(b"SQLite format 3")
    pickled = re.compile(rb"\A\x80[\x02-\x05]")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and pickled.match(path.read_bytes()[:2])]


@pytest.mark.parametrize("name", VULNERABLE)
def test_no_vulnerable_release_is_let_in(name: str) -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    asked = {one.name.lower(): one for one in map(Requirement, wanted)}[name]
    pinned = re.search(rf"(?im)^{name}==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"))
    assert pinned
    assert (asked.specifier.contains(VULNERABLE[name]), asked.specifier.contains(pinned[1])) == (False, True)
