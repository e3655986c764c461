"""A local GGUF file behind llama.cpp's own server: a tiny model of random weights, which writes garbage. Run: python -m
pytest -q tests/system/test_gguf.py"""

from pathlib import Path

import numpy as np
import pytest

from assistant.assistant import Assistant
from assistant.llm.model import open_model
from assistant.llm.model_check import server_models
from assistant.types import Ask
from index.embedding.encoder import Encoder
from index.errors import ModelError
from index.search.engine import SearchIndex

TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"
WIDTH, HEADS, INNER = 64, 4, 128


def tiny_model(path: Path) -> Path:
    """Write a llama of one layer over bytes, its weights random but always the same."""
    gguf = pytest.importorskip("gguf", reason="writing a GGUF file needs the package gguf")
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in printable}
    letters |= {byte: chr(256 + i) for i, byte in enumerate(b for b in range(256) if b not in printable)}
    tokens = ["<end>", *(letters[byte] for byte in range(256))]
    writer, random = gguf.GGUFWriter(str(path), "llama"), np.random.default_rng(7)
    writer.add_context_length(8192)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL] + [gguf.TokenType.NORMAL] * 256)
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    shapes = {"token_embd": (len(tokens), WIDTH), "output": (len(tokens), WIDTH), "blk.0.ffn_gate": (INNER, WIDTH),
              "blk.0.ffn_up": (INNER, WIDTH), "blk.0.ffn_down": (WIDTH, INNER)}
    shapes |= {f"blk.0.attn_{name}": (WIDTH, WIDTH) for name in ("q", "k", "v", "output")}
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", (random.standard_normal(shape) * 0.2).astype(np.float32))
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_babbling_file_gives_the_built_in_answer(tmp_path: Path, examples_home: Path, encoder: Encoder) -> None:
    pytest.importorskip("xllamacpp", reason="the extra gguf is not installed")
    model = open_model(str(tiny_model(tmp_path / "tiny.gguf")), name="ignored", key="none", timeout=5, passages=1, threads=1)
    assert model is not None
    assert server_models(model)
    index = SearchIndex.open(examples_home, encoder)
    answer = Assistant(index, model=model).invoke(Ask("纺机家属院没有物业，是怎么自己管起来的？"))
    assert answer.notice
    assert answer.model == "extractive"
    assert all(claim.supported for claim in answer.claims)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the extra gguf is not installed")
    (tmp_path / "broken.gguf").write_bytes(b"GGUF but no model")
    with pytest.raises(ModelError, match=r"broken\.gguf"):
        open_model(str(tmp_path / "broken.gguf"), name="x", key="none", timeout=5)
