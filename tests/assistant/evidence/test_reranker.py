"""The reranker: windows, batches, weights on disk. A tiny network with random weights stands in for the trained one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from assistant.evidence.network import HEADING_TOKENS, QUESTION_TOKENS, RerankerNetwork
from assistant.evidence.reranker import PLACED, NetworkReranker, Text, _best_span, facts_of, read_weights, write_weights
from index.embedding.int8 import Int8Linear
from index.embedding.precision import Precision
from index.errors import EncoderError

SENTENCES = ("社区办了食堂。", "一顿午饭十二元,老人可以打包带走。", "食堂由居民和党员轮流帮厨。", "去年冬天送餐三千多份。")


@pytest.fixture(scope="session")
def weights(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(2)
    state = RerankerNetwork.from_embedding_model(tiny).state_dict()
    path = tmp_path_factory.mktemp("weights") / "reranker.safetensors"
    write_weights(path, {k: v.numpy() for k, v in state.items() if "word_embeddings" not in k}, {"stages": "none"})
    return path


@pytest.fixture(scope="session")
def reranker(tiny: Path, weights: Path) -> NetworkReranker:
    return NetworkReranker(tiny, weights, precision="float32")


def test_a_reading_has_a_place_for_every_sentence(reranker: NetworkReranker) -> None:
    long = Text("食堂", SENTENCES * 30)
    readings = reranker.read("食堂一顿多少钱", [Text("食堂", SENTENCES), Text("", SENTENCES[:1]), long])
    assert [len(r.evidence) for r in readings] == [4, 1, 120]
    assert all(logit > -20 for r in readings for logit in r.evidence)
    for r, text in zip(readings, [SENTENCES, SENTENCES[:1], long.sentences], strict=True):
        assert all(0 <= start < end <= len(s) for (_, start, end), s in zip(r.spans, text, strict=True))


@pytest.mark.parametrize("texts", [[], [Text("标题", ())], [Text("", ("",))]], ids=["no text", "no sentence", "an empty sentence"])
def test_empty_texts(reranker: NetworkReranker, texts: list[Text]) -> None:
    assert [len(r.evidence) for r in reranker.read("问", texts)] == [len(t.sentences) for t in texts]


def test_what_is_read_beside_it_changes_nothing(reranker: NetworkReranker) -> None:
    one, others = Text("食堂", SENTENCES), [Text("别的", SENTENCES[::-1] * k) for k in (1, 5)]
    alone, among = reranker.read("食堂", [one])[0], reranker.read("食堂", [*others, one])[2]
    assert alone.answerable == pytest.approx(among.answerable, abs=1e-4)
    assert alone.evidence == pytest.approx(among.evidence, abs=1e-4)


def test_the_reranker_is_its_network(reranker: NetworkReranker, tiny: Path, weights: Path) -> None:
    """Reading equals the plain network over the same input, written out by hand."""
    network = RerankerNetwork.from_embedding_model(tiny).eval()
    network.load_state_dict({k: torch.from_numpy(v) for k, v in read_weights(weights).items()}, strict=False)
    words = reranker._vocabulary
    sequenced = words.sequence(words.question("食堂"), words.heading("标题"), [words.sentence(s) for s in SENTENCES])
    with torch.inference_mode():
        expected = network([sequenced])
    got = reranker.read("食堂", [Text("标题", SENTENCES)])[0]
    assert got.answerable == pytest.approx(float(expected.answerable[0]), abs=1e-2)
    assert got.evidence == pytest.approx(expected.evidence[0].tolist(), abs=1e-2)


def test_only_weights_that_were_trained_with_places_see_them(tiny: Path, weights: Path, tmp_path: Path, reranker: NetworkReranker) -> None:
    path = tmp_path / "placed.safetensors"
    write_weights(path, read_weights(weights), {"headings": PLACED})
    here, there = (Text("标题", SENTENCES, place) for place in ("和顺社区", "红光社区"))
    assert facts_of(path) == {"headings": PLACED}
    assert reranker.read("食堂", [here]) == reranker.read("食堂", [there])
    placed = NetworkReranker(tiny, path, precision="float32")
    assert placed.read("食堂", [here]) != placed.read("食堂", [there])
    alone = placed.read("食堂", [Text("和顺社区 标题", SENTENCES)])
    assert placed.read("食堂", [here]) == alone


@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
def test_a_faster_precision_is_near(tiny: Path, weights: Path, reranker: NetworkReranker, precision: Precision) -> None:
    texts = [Text("标题", SENTENCES), Text("", SENTENCES[:1]), Text("食堂", SENTENCES * 9)]
    for fast, full in zip(NetworkReranker(tiny, weights, precision=precision).read("食堂", texts), reranker.read("食堂", texts), strict=True):
        assert fast.evidence == pytest.approx(full.evidence, abs=0.05)
        assert fast.answerable == pytest.approx(full.answerable, abs=0.05)


def test_int8_of_one_text_does_not_hang_on_what_is_read_beside_it(tiny: Path, weights: Path) -> None:
    quick = NetworkReranker(tiny, weights, precision="int8")
    one, others = Text("食堂", SENTENCES), [Text("别的", SENTENCES[::-1] * k) for k in (1, 5)]
    alone, among = quick.read("食堂", [one])[0], quick.read("食堂", [*others, one])[2]
    assert alone.evidence == pytest.approx(among.evidence, abs=1e-2)


def test_an_int8_layer_is_its_float_layer_on_rounded_numbers() -> None:
    """The product of whole numbers, scaled, is the product of what they stand for."""
    torch.manual_seed(4)
    first, second, inputs = nn.Linear(64, 32), nn.Linear(64, 48), torch.randn(40, 64) * torch.rand(40, 1) * 9

    def rounded(rows: torch.Tensor) -> torch.Tensor:
        scale = rows.abs().amax(1, keepdim=True) / 127
        return torch.round(rows / scale) * scale

    expected = [nn.functional.linear(rounded(inputs), rounded(linear.weight), linear.bias) for linear in (first, second)]
    torch.testing.assert_close(Int8Linear(first, second)(inputs), torch.cat(expected, 1), atol=1e-4, rtol=0)


def test_the_longest_parts_are_cut(reranker: NetworkReranker) -> None:
    words = reranker._vocabulary
    assert len(words.question("问" * 500 + "题目" * 300).ids) == QUESTION_TOKENS
    assert len(words.heading("标题很长" * 100).ids) == HEADING_TOKENS
    reranker.read("问" * 5000, [Text("标" * 5000, ("句" * 5000,))])


@given(st.lists(st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=8), min_size=2, max_size=2))
@settings(max_examples=60, deadline=None)
def test_the_best_span_is_the_best_of_all(rows: list[list[float]]) -> None:
    size = min(map(len, rows))
    start, end = np.array(rows[0][:size]), np.array(rows[1][:size])
    best = max(start[i] + end[j] for i in range(size) for j in range(i, size))
    assert _best_span(start, end, [(i, i + 1) for i in range(size)])[0] == pytest.approx(best)


@given(st.integers(2, 6), st.integers(1, 9), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_int8_is_within_half_a_step(tmp_path_factory: pytest.TempPathFactory, rows: int, columns: int, seed: int) -> None:
    path = tmp_path_factory.getbasetemp() / "int8.safetensors"
    value = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    write_weights(path, {"a": value, "b": value[0]}, {})
    got = read_weights(path)
    assert np.all(np.abs(got["a"] - value) <= np.abs(value).max(1, keepdims=True) / 127 * 0.51)
    assert np.array_equal(got["b"], value[0])


@pytest.mark.parametrize("content", [None, b"", b"no tensors"], ids=["missing", "empty", "broken"])
def test_weights_that_cannot_be_loaded(tiny: Path, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "reranker.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EncoderError, match=r"reranker\.safetensors.*LINJIAN_RERANKER=off"):
        NetworkReranker(tiny, path)
