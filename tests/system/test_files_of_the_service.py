"""The program as it is run, with secrets in its home, in the temporary folder and beside the articles: none gets out.

Run: python -m pytest -q tests/system/test_files_of_the_service.py
"""

import base64
import io
import json
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.browser.browsing import APPLICATION, ROOT, free_port, running, settings
from tests.system.test_files_through_events import FIELDS, send

pytestmark = pytest.mark.process
SECRET = "canary-77ab-of-the-service"
PAGE = ("一张茶桌理顺百家事\n本报记者 何小川\n\n东风里社区摆出一张茶桌，谁家有矛盾，就坐下来喝杯茶。三轮茶喝下来，多半都能说和。\n")


@dataclass(frozen=True)
class Service:
    """A running server, its home, its log and the files that hold the secret."""

    url: str
    home: Path
    log: Path
    secrets: tuple[Path, ...]
    temporary: Path
    environment: dict[str, str]

    def linjian(self, *arguments: str) -> str:
        """Run a command on the same home and return all that it prints."""
        done = subprocess.run([*APPLICATION, *arguments], cwd=self.home, capture_output=True, text=True, check=False,
                              env=settings(self.home) | self.environment)
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def service(e5_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home, papers, temporary = (tmp_path_factory.mktemp(name) for name in ("home", "papers", "temporary"))
    (papers / "page.txt").write_text(PAGE)
    secrets = (home / "linjian.toml", papers / "draft.bak", papers / ".env", temporary / "secret.txt")
    for file in secrets:
        file.write_text(f'model_key = "{SECRET}"\n')
        file.chmod(0o644)
    (home / "models").symlink_to(e5_folder.parent)
    others = {"LINJIAN_RERANKER": "off", "LINJIAN_LOG": "json", "LINJIAN_LOG_QUESTIONS": "on",
              "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    log = tmp_path_factory.mktemp("log") / "server.log"
    for command in (["index", "add", str(papers)], ["user", "add", "anna", "--no-password"]):
        subprocess.run([*APPLICATION, *command], cwd=home, capture_output=True, check=True, env=settings(home) | others)
    (temporary / "gradio").mkdir(mode=0o500)  # as another user of this machine would have left it
    with running([sys.executable, "-m", "app", "serve"], free_port(), log, home, **others) as (url, _):
        yield Service(url, home, log, secrets, temporary, others)


def test_files_are_not_told(service: Service) -> None:
    with httpx.Client(base_url=service.url, timeout=60) as client:
        events = client.get("/config").json()["dependencies"]
        ask = next(event["id"] for event in events if event["api_name"] == "ask")
        told = [send(client, ask, [[None, {**FIELDS, "path": str(file)}], [None, str(file)]]) for file in service.secrets]
        paths = set(re.findall(r"(/[\w./-]+)", "\n".join(told).replace("\\", ""))) | set(map(str, service.secrets))
        told += [client.get(f"/gradio_api/file={path}").text for path in paths]
        told += [client.get(path).text for path in ("/readyz", "/healthz", "/metrics", "/api/v1/version", "/config", "/nowhere")]
        told.append(client.post("/api/v1/ask", json={"question": str(service.secrets[0])}).text)
        told.append(client.post("/api/v1/ask", content=b"{").text)
    assert SECRET not in "\n".join(told)
    copies = [path for path in service.home.rglob("*") if path.is_file() and path not in service.secrets
              and SECRET.encode() in path.read_bytes()]
    assert not copies


def test_exports_hold_what_was_answered_and_no_more(service: Service) -> None:
    with httpx.Client(base_url=service.url, timeout=60) as client:
        config = client.get("/config").json()
        kinds = {c["id"]: c["props"].get("elem_id") for c in config["components"]}
        ask = next(event["id"] for event in config["dependencies"] if event["api_name"] == "ask")
        deed = next(e["id"] for e in config["dependencies"] if "lj-deed" in [kinds[n] for n in e["inputs"]])
        send(client, ask, [[None, "茶桌是怎么调解的？"]], session="export")
        for kind in ("docx", "pdf", "md"):
            told = send(client, deed, [[None, json.dumps({"deed": "save", "key": 0, "as": kind})]], session="export")
            packed = re.search(r'\\"data\\": ?\\"([A-Za-z0-9+/=]+)', told)
            assert packed, told[:2000]
            assert SECRET.encode() not in unpacked(base64.b64decode(packed[1]))


def unpacked(data: bytes) -> bytes:
    """Return a file with the members of the archive that it may be."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(map(archive.read, archive.namelist()))


def test_gradios_own_temporary_folder_is_left_alone(service: Service) -> None:
    """All users of a machine share that folder: what lies in it is told to them, and one who made it first can lock us out."""
    with httpx.Client(base_url=service.url, timeout=60) as client:
        ask = next(event["id"] for event in client.get("/config").json()["dependencies"] if event["api_name"] == "ask")
        assert "茶" in send(client, ask, [[None, "茶桌是怎么调解的？"]], session="folder")
    assert list((service.temporary / "gradio").iterdir()) == []
    assert [path.name for path in (service.home / "uploads" / ".received").iterdir()] != []


@pytest.mark.parametrize("command", [["config"], ["audit"], ["index", "list"], ["index", "stats"], ["feedback", "list"], ["model", "check"]],
                         ids=lambda command: " ".join(command))
def test_commands_do_not_tell_the_key(service: Service, command: list[str]) -> None:
    assert SECRET not in service.linjian(*command)


def test_a_password_in_an_address_is_not_shown(service: Service) -> None:
    (service.home / "other.toml").write_text(f'model = "http://me:a/b@{SECRET}@127.0.0.1:9/v1"\n')
    told = service.linjian("--config", "other.toml", "config")
    assert ("127.0.0.1:9/v1" in told, SECRET in told) == (True, False)


def test_what_is_written_is_its_owners_alone(service: Service) -> None:
    service.linjian("backup", str(service.log.parent / "backup.zip"))
    written = [path for path in service.home.rglob("*") if path.is_file() and not path.is_relative_to(service.home / "models")]
    assert {path.name for path in written} >= {"access.sqlite", "audit.sqlite", "catalog.sqlite", "linjian.toml"}
    written.append(service.log.parent / "backup.zip")
    assert not [path.name for path in written if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_the_log_tells_no_secret(service: Service) -> None:
    assert SECRET not in service.log.read_text("utf-8", "replace")
