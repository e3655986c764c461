"""The model of sentence roles against torch, its oracle, and what it makes of a plain report."""

from pathlib import Path

import numpy as np
import pytest
import torch

from eval.training.train_roles import RoleNetwork
from index.cases.roles import BUNDLED, ROLES, SHAPES, TELLS_MORE, RoleModel, shapes
from index.embedding.embedding_text import sentence_input
from index.embedding.encoder import Encoder
from index.errors import EncoderError
from index.types import TELLING, Sentence, SentenceRole


def said(*texts: str, chain: tuple[str, ...] = ("河湾社区",)) -> list[Sentence]:
    return [Sentence(((0, len(text)),), text, chain) for text in texts]


def test_numpy_computes_what_torch_does() -> None:
    torch.manual_seed(3)
    network = RoleNetwork(16).eval()
    sentences = said("车没处停。", "社区划了三十个车位。", "“方便多了。”")
    vectors = np.random.default_rng(0).normal(size=(3, 16)).astype(np.float32)
    reading = RoleModel({name: t.numpy() for name, t in network.state_dict().items()}, "any").read(sentences, vectors)
    with torch.inference_mode():
        roles, begins = network(torch.from_numpy(vectors), torch.from_numpy(shapes(sentences)))
    expected = torch.softmax(roles + TELLS_MORE * torch.tensor([role in TELLING for role in ROLES]), -1)
    np.testing.assert_allclose(reading.roles, expected.numpy(), atol=1e-5)
    np.testing.assert_allclose(reading.begins, torch.sigmoid(begins).numpy(), atol=1e-5)


def test_no_sentence_no_role() -> None:
    reading = RoleModel.load().read([], np.zeros((0, 384), np.float32))
    assert (reading.roles.shape, reading.begins.shape, shapes([]).shape) == ((0, len(ROLES)), (0,), (0, SHAPES))


@pytest.mark.parametrize(("text", "role"), [
    pytest.param("小区没有物业，垃圾堆在楼道里没人清，居民怨声载道。", SentenceRole.PROBLEM, id="need"),
    pytest.param("社区党委召集居民代表开了三次会，选出七个人成立自管小组，每户每月交十块钱请来两名保洁员。", SentenceRole.MEASURE, id="deed"),
    pytest.param("半年下来，收费率从一成升到九成，楼道里的杂物清走了二十多车。", SentenceRole.RESULT, id="effect"),
    pytest.param("下一步，街道将在其余八个小区推广这一做法。", SentenceRole.PLAN, id="plan"),
])
def test_a_plain_report(encoder: Encoder, text: str, role: SentenceRole) -> None:
    report = said("小区没有物业，垃圾堆在楼道里没人清，居民怨声载道。",
                  "社区党委召集居民代表开了三次会，选出七个人成立自管小组，每户每月交十块钱请来两名保洁员。",
                  "半年下来，收费率从一成升到九成，楼道里的杂物清走了二十多车。", "下一步，街道将在其余八个小区推广这一做法。")
    reading = RoleModel.load().read(report, encoder.encode_document([sentence_input(s) for s in report]))
    assert ROLES[reading.roles[[s.text for s in report].index(text)].argmax()] is role


@pytest.mark.parametrize("content", [None, b"no weights"], ids=["missing", "broken"])
def test_weights_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "roles.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EncoderError, match=r"roles\.safetensors"):
        RoleModel.load(path)


def test_the_weights_say_what_they_were_fitted_to() -> None:
    assert RoleModel.load(BUNDLED).encoder == "e5-small"
