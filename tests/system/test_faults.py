"""What real processes do to an index: kill, crowd, fill the disk, answer while it changes.

LINJIAN_TEST_KILLS=20 kills at more moments. Run: python -m pytest -q tests/system/test_faults.py
"""

import os
import random
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.service.live import Live
from assistant.types import Answer, Ask
from index.errors import IndexLocked, LinjianError, Unwritable
from index.ingest.corpus import Corpus
from index.maintenance.check import check
from index.search.engine import SearchIndex
from index.search.versions import current, manifest_of
from tests.fakes.hash_encoder import HashEncoder

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "articles").iterdir())
KILLS = int(os.environ.get("LINJIAN_TEST_KILLS", "4"))
LOCKED, UNWRITABLE = 3, 4
"""Exit status of a child that was told so."""


def child(act: Callable[[], object]) -> int:
    """Run `act` in a process of its own and return its number; it ends with 0, or as the error says."""
    number = os.fork()
    if number:
        return number
    status = 1
    try:
        act()
        status = 0
    except IndexLocked:
        status = LOCKED
    except Unwritable:
        status = UNWRITABLE
    finally:
        os._exit(status)


def ended(number: int) -> int:
    """Wait for a child and return its exit status, -9 when it was killed."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def add(home: Path, *paths: Path) -> None:
    Corpus(home, HashEncoder()).add(paths)


def shards(home: Path) -> list[str]:
    return [shard.digest for shard in manifest_of(current(home)).shards]


def pages(folder: Path, edition: int, count: int = 5) -> Path:
    """Write pages that say in every sentence which edition they are of."""
    folder.mkdir(exist_ok=True)
    for n in range(count):
        body = "".join(f"第{n}社区在第{edition}版里说，第{k}件难事办成了，居民都点头。" for k in range(6))
        (folder / f"{n}.txt").write_text(f"第{n}社区的难事\n\n{body}\n", "utf-8")
    return folder


def test_killed_at_any_moment_nothing_is_lost(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", pages(tmp_path / "pages", 0)
    add(home, folder)
    started = time.monotonic()
    add(home, pages(folder, 1))
    whole = time.monotonic() - started
    moments, killed = random.Random(7), 0
    for edition in range(2, KILLS + 2):
        pages(folder, edition)
        number = child(lambda: add(home, folder))
        threading.Event().wait(moments.random() * whole)
        os.kill(number, signal.SIGKILL)
        killed += ended(number) == -signal.SIGKILL
        assert check(home).faults == ()
        index = SearchIndex.open(home, HashEncoder())
        assert {article.file for article in index.articles()} == {f"{n}.txt" for n in range(5)}
        said = {s.text[:9] for article in index.articles() for p in article.paragraphs for s in p.sentences if "版里" in s.text}
        assert said, "every page still says something"
        if edition % 2:  # every other time the next run starts from what the kill left behind
            add(home, folder)
            assert (check(home).faults, check(home).waiting) == ((), False)
    add(home, folder)
    add(tmp_path / "fresh", folder)
    assert shards(home) == shards(tmp_path / "fresh")
    assert len(list((home / "versions").iterdir())) <= 3
    assert killed, "the kills came too late to mean anything"


def test_two_writers_at_once(tmp_path: Path) -> None:
    home, left, right = tmp_path / "home", pages(tmp_path / "left", 1), pages(tmp_path / "right", 2, 3)
    for path in right.iterdir():
        path.rename(right / f"r{path.name}")
    results = [[], []]
    while not all(0 in result for result in results):
        numbers = [child(lambda folder=folder: add(home, folder)) for folder in (left, right)]
        for result, number in zip(results, numbers, strict=True):
            result.append(ended(number))
    assert {status for result in results for status in result} <= {0, LOCKED}
    assert (check(home).faults, check(home).waiting) == ((), False)
    assert len(SearchIndex.open(home, HashEncoder()).articles()) == 8


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system of its own can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_harms_nothing(small_disk: Path) -> None:
    home = small_disk / "home"
    add(home, EXAMPLES[0])
    before = SearchIndex.open(home, HashEncoder()).search("物业")
    corpus = Corpus(home, HashEncoder())
    with pytest.raises(Unwritable, match="cannot be written"):
        corpus.add(EXAMPLES)
    assert check(home).faults == ()
    assert SearchIndex.open(home, HashEncoder()).search("物业") == before
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    add(home, *EXAMPLES)
    assert (check(home).faults, check(home).waiting) == ((), False)
    assert {article.file for article in SearchIndex.open(home, HashEncoder()).articles()} == {path.name for path in EXAMPLES}


@pytest.mark.parametrize("limit", [30_000, 90_000, 150_000, 250_000])
def test_a_file_that_may_not_grow_is_told_and_harms_nothing(tmp_path: Path, limit: int) -> None:
    home = tmp_path / "home"
    add(home, EXAMPLES[0])
    before = current(home)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        add(home, *EXAMPLES)

    assert ended(child(limited)) == UNWRITABLE
    assert check(home).faults == ()
    assert current(home) == before
    add(home, *EXAMPLES)
    assert (check(home).faults, check(home).waiting) == ((), False)


def test_answers_while_the_index_changes_are_each_of_one_version(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", pages(tmp_path / "pages", 0)
    add(home, folder)
    answers: list[tuple[Answer, str]] = []
    failures: list[BaseException] = []
    over = threading.Event()

    def ask(live: Live) -> None:
        try:
            while not over.is_set():
                now = live.current()
                answer = now.invoke(Ask("社区有哪些难事办成了？"))
                assert answer.index_version == now.index.version
                for found in answer.retrieved:
                    text = now.index.passage(found.passage_id).text
                    answers.append((answer, text))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shall say it
            failures.append(error)

    with Live(home, lambda: Assistant(SearchIndex.open(home, HashEncoder()))) as live:
        threads = [threading.Thread(target=ask, args=(live,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for edition in range(1, 5):
            pages(folder, edition)
            add(home, folder)
        seen = _wait_for(lambda: live.current().index.version == current(home).name)
        threading.Event().wait(0.2)
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert seen, "the server never saw the last version"
    editions: dict[str, set[str]] = {}
    for answer, text in answers:
        editions.setdefault(answer.index_version, set()).update(sentence.split("版")[0][-1] for sentence in text.split("。") if "版里" in sentence)
        assert all(c.quote for c in answer.citations)
    assert all(len(told) == 1 for told in editions.values()), editions
    assert len(editions) > 1


def _wait_for(so: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait until `so` is true, at most as long; tell whether it is."""
    end = time.monotonic() + seconds
    while not so() and time.monotonic() < end:
        threading.Event().wait(0.05)
    return so()


def test_a_new_version_that_cannot_be_opened_leaves_the_old_one_answering(tmp_path: Path) -> None:
    home = tmp_path / "home"
    add(home, pages(tmp_path / "pages", 0))
    live = Live(home, lambda: Assistant(SearchIndex.open(home, HashEncoder())))
    assert live.refresh() is False
    add(home, pages(tmp_path / "pages", 1))
    (current(home) / "manifest.json").write_text("{", "utf-8")
    with pytest.raises(LinjianError, match="linjian index rebuild"):
        live.refresh()
    assert live.current().invoke(Ask("社区有哪些难事办成了？")).index_version == "000001"
    Corpus(home, HashEncoder()).rebuild()
    assert live.refresh() is True
    assert live.current().index.version == current(home).name
