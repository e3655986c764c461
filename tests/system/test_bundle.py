"""The offline bundle and the files of deployment. Run: python -m pytest -q tests/system/test_bundle.py

The whole bundle takes a GB and minutes: LINJIAN_TEST_BUNDLE=FOLDER, where `make bundle` put it, tries it with the network
cut.
"""

import configparser
import hashlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import httpx
import pytest
import yaml

from assistant.auth.authorizer import check_exposure
from assistant.settings import Settings
from docs.deploy import bundle
from index.ingest.corpus import Corpus
from tests.fakes.hash_encoder import HashEncoder

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
BUNDLE = os.environ.get("LINJIAN_TEST_BUNDLE")
QUESTION = "物业公司撤走以后，各个小区是怎么接管的？"


def wheel(folder: Path, name: str, version: str, code: str = "", needs: str = "", command: str = "") -> Path:
    """Write a wheel of one module."""
    stem = f"{re.sub(r'[-.]+', '_', name)}-{version}"
    files = {
        f"{name.replace('-', '_')}_module.py": code,
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{stem}.dist-info/entry_points.txt": command,
    }
    record = "".join(f"{path},,\n" for path in files) + f"{stem}.dist-info/RECORD,,\n"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name_inside, text in (files | {f"{stem}.dist-info/RECORD": record}).items():
            archive.writestr(name_inside, text)
    return path


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A bundle like ours of two small wheels, the one needing the other."""
    folder = tmp_path / "bundle"
    (folder / "wheels").mkdir(parents=True)
    wheel(folder / "wheels", "small-part", "2.0", "WORD = 'answered'\n")
    wheel(folder / "wheels", "linjian", "0.1.0", "from small_part_module import WORD\n\n\ndef main():\n    print(WORD)\n",
          "Requires-Dist: small-part>=1\n", "[console_scripts]\nlinjian = linjian_module:main\n")
    bundle.fill(folder, folder / "wheels")
    return folder


def install(made: Path, target: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", str(made / "install.sh"), str(target)], capture_output=True, text=True, check=False, timeout=600,
                          env={**os.environ, "PYTHON": sys.executable, **environment})


@pytest.mark.process
def test_a_bundle_installs_from_itself_alone(made: Path, tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:9/simple\nconstraint = /nowhere\n", "utf-8")
    ran = install(made, tmp_path / "installed", PIP_CONFIG_FILE=str(tmp_path / "pip.conf"), PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert ran.returncode == 0, ran.stderr
    assert subprocess.run([tmp_path / "installed" / "bin" / "linjian"], capture_output=True, text=True, check=True).stdout == "answered\n"
    assert (tmp_path / "installed" / "examples" / "articles").is_dir()
    again = install(made, tmp_path / "installed")
    assert (again.returncode, "is not empty" in again.stderr) == (1, True)


@pytest.mark.process
@pytest.mark.parametrize(("change", "said"), [
    (lambda made: next((made / "wheels").glob("small*")).write_bytes(b"other"), "damaged or was changed"),
    (lambda made: (made / "examples" / "more.txt").unlink(missing_ok=True) or next((made / "wheels").glob("small*")).unlink(), "damaged"),
    (lambda made: replace(made, sys.version[:4], "2.7"), "for Python 2.7"),
    (lambda made: replace(made, os.uname().machine, "pdp11"), "pdp11"),
], ids=["changed", "missing", "another Python", "another machine"])
def test_what_does_not_fit_is_told_before_anything_is_installed(change, said: str, made: Path, tmp_path: Path) -> None:
    change(made)
    ran = install(made, tmp_path / "installed")
    assert ran.returncode == 1
    assert said in ran.stderr
    assert not (tmp_path / "installed").exists()


def replace(made: Path, old: str, new: str) -> None:
    script = made / "install.sh"
    script.write_text(script.read_text("utf-8").replace(old, new), "utf-8")


def test_a_bundle_names_every_wheel_with_its_hash_and_nothing_of_this_machine(made: Path) -> None:
    lines = (made / "requirements.txt").read_text("utf-8").splitlines()
    assert [line.split("==")[0] for line in lines] == ["linjian", "small-part"]
    for path in (made / "wheels").iterdir():
        assert sum(hashlib.sha256(path.read_bytes()).hexdigest() in line for line in lines) == 1
    script = (made / "install.sh").read_text("utf-8")
    assert not re.findall(r"@[A-Z]+@|https?://|--(?:extra-)?index-url", script)
    assert subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=made, check=False).returncode == 0
    wheel(made / "wheels", "small-part", "3.0")
    with pytest.raises(ValueError, match="two wheels of small-part"):
        bundle.requirements(made / "wheels")


def test_what_goes_into_a_bundle_exists() -> None:
    assert all((ROOT / name).exists() for name in bundle.TAKEN)


def test_the_service_is_well_formed_and_hardened(tmp_path: Path) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(DEPLOY / "linjian.service", "utf-8")
    service = unit["Service"]
    for key in ("DynamicUser", "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictSUIDSGID"):
        assert service[key] == "yes", key
    assert (service["ProtectSystem"], service["KillSignal"]) == ("strict", "SIGTERM")
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here")
    text = (DEPLOY / "linjian.service").read_text("utf-8").replace("/opt/linjian/bin/linjian", "/bin/true")
    (tmp_path / "linjian.service").write_text(text, "utf-8")
    ran = subprocess.run(["systemd-analyze", "verify", str(tmp_path / "linjian.service")], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_container_runs_as_nobody_in_particular_and_waits_for_answers() -> None:
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line.strip() and not line.startswith("#")]
    assert {step for step, _ in steps} <= {"FROM", "COPY", "RUN", "USER", "WORKDIR", "ENV", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK",
                                           "ENTRYPOINT", "CMD"}
    last = steps[[n for n, (step, _) in enumerate(steps) if step == "FROM"][-1]:]
    told = dict(last)
    assert told["USER"] == "10001:10001"
    assert json.loads(told["ENTRYPOINT"]) == ["/opt/linjian/bin/linjian"]
    assert json.loads(told["CMD"])[0] == "serve"
    health = json.loads(told["HEALTHCHECK"].partition("CMD")[2])
    compile(health[2], "HEALTHCHECK", "exec")
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["linjian"]
    assert compose["ports"] == ["127.0.0.1:7860:7860"]
    assert (compose["read_only"], compose["cap_drop"], compose["stop_grace_period"]) == (True, ["ALL"], "90s")
    assert (DEPLOY / compose["build"]["dockerfile"].replace("../../docs/deploy/", "")).is_file()


def settings_of_the_container() -> dict[str, str]:
    """Return the variables that the image sets, and those that compose.yaml adds."""
    told = re.findall(r"^ENV (.*)$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    image = dict(word.split("=", 1) for line in told for word in shlex.split(line))
    return image | yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["linjian"]["environment"]


def test_the_container_has_settings_that_a_server_starts_with() -> None:
    settings, _ = Settings.load(None, settings_of_the_container())
    assert settings.host == "0.0.0.0"
    assert settings.access == "accounts"
    check_exposure(settings.access, settings.host)


SERVE = """
import sys
import app
from tests.fakes.hash_encoder import HashEncoder
app._load_encoder = lambda settings: HashEncoder()
sys.exit(app.main(sys.argv[1:]))
"""
"""The command line, without the minute that the embedding model takes on a busy machine."""


@pytest.mark.process
def test_a_server_with_the_settings_of_the_container_starts_and_asks_who_comes(tmp_path: Path) -> None:
    home = tmp_path / "data"
    (tmp_path / "page.txt").write_text("飞线落了地\n本报记者 程小满\n\n柏树湾社区先建车棚，再劝拆飞线，一共拆掉飞线1000条。\n", "utf-8")
    Corpus(home, HashEncoder()).add([tmp_path / "page.txt"])
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # of the container's own settings only what is this machine's is another
    environment = settings_of_the_container() | {"PATH": os.environ["PATH"], "LINJIAN_HOME": str(home), "LINJIAN_PORT": str(port)}
    with (tmp_path / "log").open("w") as log, subprocess.Popen(
            [sys.executable, "-c", SERVE, "serve", "--examples", "examples/articles"], cwd=ROOT, env=environment,
            stdout=subprocess.PIPE, stderr=log, text=True) as server:
        killer = threading.Timer(600, server.kill)
        try:
            killer.start()
            said = server.stdout.readline()
            assert "every other address of this machine)" in said, said + (tmp_path / "log").read_text("utf-8")
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=600) as client:
                assert client.get("/readyz").status_code == 200, "what the HEALTHCHECK asks"
                assert client.get("/", headers={"accept": "text/html"}).headers["location"] == "/sign-in?next=/"
        finally:
            killer.cancel()
            server.kill()


@pytest.mark.skipif(not BUNDLE, reason="LINJIAN_TEST_BUNDLE names no bundle: make bundle")
def test_the_bundle_installs_and_answers_with_the_network_cut(tmp_path: Path) -> None:
    trace, script = tmp_path / "trace", f"""
set -e
test "$(tail -n +3 /proc/net/dev | wc -l)" = 1
sh {Path(str(BUNDLE)).absolute()}/install.sh {tmp_path}/installed
{tmp_path}/installed/bin/linjian index add {tmp_path}/installed/examples/articles
{tmp_path}/installed/bin/linjian ask {QUESTION}
"""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LINJIAN_HOME": str(tmp_path / "home"), "LINJIAN_THREADS": "1",
                   "PYTHON": sys.executable}
    ran = subprocess.run(["strace", "-f", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(trace), "unshare", "-rn",
                          "sh", "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=3600)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert "[1]" in ran.stdout
    reached = [line for line in trace.read_text("utf-8", "replace").splitlines() if "AF_INET" in line]
    assert reached == []
