"""The server itself, asked while the index changes under it. Run: python -m pytest -q tests/system/test_serve.py"""

import os
import socket
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from gradio_client import Client

from assistant.operations.audit import AuditLog
from index.embedding.encoder import Encoder
from index.ingest.corpus import Corpus
from index.maintenance.check import check
from index.search.versions import current

ROOT = Path(__file__).parents[2]
PATIENCE = 900
"""Seconds that a start may take on a machine that does other things."""
QUESTION = "柏树湾社区拆掉了多少条飞线？"


def page(folder: Path, count: int) -> Path:
    folder.mkdir(exist_ok=True)
    text = f"飞线落了地\n本报记者 程小满\n\n柏树湾社区先建车棚，再劝拆飞线。一个月里，柏树湾社区拆掉飞线{count}条。\n"
    (folder / "wires.txt").write_text(text, "utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path, encoder: Encoder, e5_folder: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    (made / "models").symlink_to(e5_folder.parent)
    Corpus(made, encoder).add([page(tmp_path / "pages", 1000)])
    return made


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.mark.process
def test_a_running_server_answers_from_the_version_that_was_published_last(home: Path, encoder: Encoder, tmp_path: Path) -> None:
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINJIAN_")}
    environment |= {"LINJIAN_HOME": str(home), "LINJIAN_PORT": str(port), "LINJIAN_THREADS": "1", "LINJIAN_RERANKER": "off", "no_proxy": "127.0.0.1"}
    with (tmp_path / "log").open("w") as log, subprocess.Popen(
            [sys.executable, "-m", "app", "serve"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as server:
        try:
            killer = threading.Timer(PATIENCE, server.kill)
            killer.start()
            assert "127.0.0.1" in server.stdout.readline(), (tmp_path / "log").read_text("utf-8")
            corpus, said = Corpus(home, encoder), []
            client = Client(f"http://127.0.0.1:{port}", verbose=False)

            def ask() -> str:
                client.reset_session()  # what is returned is the whole conversation
                said.append(str(client.predict(QUESTION, api_name="/ask")))
                return said[-1]

            assert "1000条" in ask()
            assert httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False, timeout=PATIENCE).json()["index_version"] == "000001"
            changing = threading.Thread(target=lambda: [corpus.add([page(tmp_path / "pages", 1000 + n)]) for n in range(1, 6)])
            changing.start()
            while changing.is_alive():
                ask()
            changing.join()
            while "1005条" not in ask():  # the timer above ends a server that never sees the last version
                assert server.poll() is None
            server.terminate()
            server.wait(PATIENCE)
        finally:
            killer.cancel()
            server.kill()
    editions = [next((n for n in range(1000, 1006) if f"{n}条" in answer), None) for answer in said]
    assert None not in editions, said
    assert editions == sorted(editions), "no answer is from an older version than the one before it"
    assert all(sum(f"{n}条" in answer for n in range(1000, 1006)) == 1 for answer in said), "no answer mixes two versions"
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")
    with closing(AuditLog(home, days=1)) as audit:
        assert [event.what for event in audit.events(limit=1000)] == ["settings", *["ask"] * len(said)]
    assert check(home).faults == ()
    corpus.add([page(tmp_path / "pages", 2000)])
    assert sorted(path.name for path in (home / "versions").iterdir()) == ["000006", "000007"], "the rest is cleaned up"
    assert current(home).name == "000007"
