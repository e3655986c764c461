"""Small weights that were fitted to an encoder's vectors: safetensors that say which encoder that is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import EncoderError


def read_fitted(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the tensors as float32 and the facts ("encoder" among them); EncoderError names a file that is missing or
    broken."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            facts = json.loads((file.metadata() or {})["facts"])
            tensors = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
            return tensors, facts | {"encoder": facts["encoder"]}
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise EncoderError(f"the weights {str(path)!r} cannot be loaded: {error}. Install Linjian again") from error


def write_fitted(path: Path, tensors: dict[str, np.ndarray], facts: dict[str, Any]) -> None:
    """Store the tensors as float16; `facts` name the encoder and say where they come from."""
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(value, np.float16) for name, value in tensors.items()}, path,
              metadata={"facts": json.dumps(facts)})
