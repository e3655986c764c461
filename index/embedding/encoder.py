"""Texts to unit vectors: the Encoder protocol, and the one real implementation (sentence-transformers)."""

import copy
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from index.embedding.batches import batches
from index.embedding.e5 import restore_e5
from index.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED = "e5-small"
BATCH_CHARACTERS = 800  # of one forward pass, padding counted
REMEMBERED = 256  # query vectors


class Encoder(Protocol):
    """Turns texts into vectors whose inner product is their cosine similarity.

    `name` identifies model and weights: vectors of encoders with different names must not be mixed.
    Both methods return float32 of shape (len(texts), dimension), each row of length 1, in the order of
    the texts; no texts give shape (0, dimension). What lies beyond the model's longest input (512 tokens
    for e5-small) is ignored.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode_query(self, texts: Sequence[str]) -> np.ndarray: ...

    def encode_document(
        self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None, rough: bool = False
    ) -> np.ndarray:
        """`progress` is told after each batch how many texts are done, and how many there are.

        `rough` is for what is compared once and not kept: where it is faster, cosines may be off by some thousandths.
        """
        ...


class ModelEncoder:
    """An Encoder around a loaded SentenceTransformer; may be called from several threads."""

    def __init__(self, model: "SentenceTransformer", name: str, rough: "SentenceTransformer | None" = None) -> None:
        self.name = name
        self.dimension: int = model.get_embedding_dimension()
        self._model, self._rough = model, rough or model
        self._lock = threading.Lock()  # a fast tokenizer fails when two threads use it at once
        self._queries: OrderedDict[str, np.ndarray] = OrderedDict()  # least recently asked first

    def encode_query(self, texts: Sequence[str]) -> np.ndarray:
        """Embed questions, with the model's own query prompt; repeated questions cost nothing."""
        with self._lock:
            known = {text: self._queries.pop(text) for text in set(texts) if text in self._queries}
            new = [text for text in dict.fromkeys(texts) if text not in known]
            for batch in batches(new, len, BATCH_CHARACTERS):
                known.update(zip(batch, self._embed(self._model.encode_query, batch), strict=True))
            self._queries.update(known)
            while len(self._queries) > REMEMBERED:
                self._queries.popitem(last=False)
        return np.array([known[text] for text in texts], np.float32).reshape(-1, self.dimension)

    def encode_document(
        self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None, rough: bool = False
    ) -> np.ndarray:
        """Embed passages, with the model's own document prompt, longest first.

        The lock is released between batches, so questions are answered while a long run of passages is embedded.
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        encode, done = (self._rough if rough else self._model).encode_document, 0
        for batch in reversed(batches(range(len(texts)), lambda i: len(texts[i]), BATCH_CHARACTERS)):
            with self._lock:
                vectors[batch] = self._embed(encode, [texts[i] for i in batch])
            done += len(batch)
            if progress:
                progress(done, len(texts))
        return vectors

    def _embed(self, encode: Callable[..., np.ndarray], texts: list[str]) -> np.ndarray:
        # Half of a surrogate pair (JSON can hold one) is no UTF-8, and the tokenizer would refuse it.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        vectors = encode(clean, batch_size=len(clean), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)


def load_encoder(
    name: str, *, cache: Path, threads: int = 0, progress: Callable[[float, str], None] | None = None
) -> Encoder:
    """Load an embedding model from this machine; nothing is ever fetched, no foreign code is run.

    `name` is "e5-small" (the bundled model, restored into `cache` the first time; `progress` is told the
    fraction done and what is being done), a sentence-transformers folder, or the full name of a model in
    the Hugging Face cache. Sets torch's number of threads for the process: `threads`, or with 0 torch's
    own choice, and never more than there are cores. Raises EncoderError when the model cannot be used.
    """
    if name == BUNDLED:
        folder, fingerprint = restore_e5(cache / BUNDLED, progress=progress), BUNDLED
    else:
        folder = _find_model(name)
        fingerprint = f"{folder.name if Path(name).is_dir() else name}-{_weights_hash(folder)}"

    import torch
    import transformers
    from sentence_transformers import SentenceTransformer

    from index.embedding.precision import int8_pays

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(min(threads if threads > 0 else torch.get_num_threads(), _cores()))
    try:
        model = SentenceTransformer(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},  # the other format is a pickle
        )
    except Exception as error:  # whatever a stranger's folder makes three libraries raise
        raise EncoderError(f"the embedding model {name!r} cannot be loaded: {error}. {_advice()}") from error
    return ModelEncoder(model, fingerprint, _int8(model) if name == BUNDLED and int8_pays() else None)


def _int8(model: "SentenceTransformer") -> "SentenceTransformer":
    """Return a copy that computes its layers in int8 and shares all the rest.

    It is not for questions, nor for what is stored: how a number is rounded can hang on what else is in the batch.
    """
    from index.embedding.int8 import quantize

    shared = (model.tokenizer, model[0].auto_model.embeddings)
    rough = copy.deepcopy(model, {id(one): one for one in shared})
    quantize(rough[0].auto_model)
    return rough


def _find_model(name: str) -> Path:
    """Folder of a model by path or by name in the Hugging Face cache; EncoderError when there is none."""
    if name and Path(name).is_dir():  # Path("") is the working folder
        return Path(name).resolve()
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError) as error:  # not in the cache, or not even a possible name
        raise EncoderError(f"the embedding model {name!r} is not on this machine. {_advice()}") from error


def _advice() -> str:
    return (
        f"Set LINJIAN_ENCODER={BUNDLED} for the bundled model, or to a sentence-transformers folder copied "
        "from a machine with internet: `hf download NAME --local-dir FOLDER`."
    )


def _weights_hash(folder: Path) -> str:
    """First 8 hex digits of the SHA-256 of the folder's weights; EncoderError when it has none."""
    files = sorted({*folder.glob("*.safetensors"), *folder.glob("[0-9]*/*.safetensors")})
    if not files:
        raise EncoderError(f"{str(folder)!r} holds no model.safetensors. {_advice()}")
    total = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                total.update(part)
    return total.hexdigest()[:8]


def _cores() -> int:
    """Number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux: containers and taskset allow fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
