"""Shared fixtures. No test may use the network: the libraries are told so before they are imported."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from pathlib import Path

import pytest

from index.corpus import Corpus
from index.e5 import restore_e5
from index.encoder import Encoder, load_encoder

EXAMPLES = Path(__file__).parents[1] / "examples" / "articles"


@pytest.fixture(scope="session")
def e5_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model, restored into a folder of this run, or into LINJIAN_TEST_CACHE to be used again."""
    kept = os.environ.get("LINJIAN_TEST_CACHE")
    return restore_e5((Path(kept) if kept else tmp_path_factory.mktemp("cache")) / "e5-small")


@pytest.fixture(scope="session")
def encoder(e5_folder: Path) -> Encoder:
    """The bundled model, loaded, on one thread."""
    return load_encoder("e5-small", cache=e5_folder.parent, threads=1)


@pytest.fixture(scope="session")
def examples_home(encoder: Encoder, e5_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home, with the model in it, whose index holds the sample articles. To be read only: it is shared."""
    home = tmp_path_factory.mktemp("examples")
    (home / "models").symlink_to(e5_folder.parent)
    Corpus(home, encoder).add([EXAMPLES])
    return home
