"""Shared fixtures. No test may use the network: the libraries are told so before they are imported."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import shutil
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from index.corpus import Corpus
from index.e5 import restore_e5
from index.encoder import Encoder, load_encoder
from tests.browsing import browser, fake_url, office, page  # noqa: F401  fixtures
from tests.fakes import HashEncoder

# For tests/test_fuzz.py: what `--hypothesis-profile=long` finds is kept in .hypothesis and tried first from then on.
_CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("short", max_examples=12, derandomize=True, **_CALM)
# For all others: a slow machine is no fault, and a run that is red today is red tomorrow.
settings.register_profile("tests", derandomize=True, deadline=None)
settings.load_profile("tests")
settings.register_profile("long", max_examples=1000, print_blob=True, **_CALM)

EXAMPLES = Path(__file__).parents[1] / "examples" / "articles"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a test with a browser once more when it fails, as browser tests are run elsewhere; the run's end names it."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the processes of this run have in common: what is costly is made once."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    shared.mkdir(exist_ok=True)
    return shared


@pytest.fixture(scope="session")
def e5_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model, restored into a folder of this run, or into LINJIAN_TEST_CACHE to be used again."""
    kept = os.environ.get("LINJIAN_TEST_CACHE")
    shared = Path(kept) if kept else _shared(tmp_path_factory)
    with FileLock(shared / "e5-small.lock"):
        return restore_e5(shared / "e5-small")


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
def examples_home(encoder: Encoder, e5_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home, with the model in it, whose index holds the sample articles. To be read only: it is shared."""
    home = _shared(tmp_path_factory) / "examples"
    with FileLock(home.with_suffix(".lock")):
        if not home.exists():
            home.mkdir()
            (home / "models").symlink_to(e5_folder.parent)
            Corpus(home, encoder).add([EXAMPLES])
    return home


@pytest.fixture(scope="session")
def letters_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose index knows three of the sample pages by their letters: see tests/fakes_api.py."""
    home = tmp_path_factory.mktemp("letters")
    Corpus(home, HashEncoder()).add(sorted(EXAMPLES.iterdir())[:3])
    return home
