"""Which precision is taken on which processor. Run: python -m pytest -q tests/index/embedding/test_precision.py"""

import pytest
import torch

from index.embedding import precision
from index.embedding.precision import half_pays


@pytest.mark.parametrize(("of_half", "pays"), [(0.5, True), (1.0, False), (2.0, False)], ids=["faster", "as fast", "slower"])
def test_half_precision_is_taken_only_where_it_is_faster(of_half: float, pays: bool) -> None:
    supported = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    assert half_pays(lambda inputs, _: of_half if inputs.dtype == torch.bfloat16 else 1.0) == (pays and supported)


@pytest.mark.parametrize(("int8", "half", "taken"), [
    pytest.param(True, True, "int8", id="both"),
    pytest.param(True, False, "int8", id="int8"),
    pytest.param(False, True, "bfloat16", id="bfloat16"),
    pytest.param(False, False, "float32", id="neither"),
])
def test_the_fastest_is_taken(monkeypatch: pytest.MonkeyPatch, int8: bool, half: bool, taken: str) -> None:
    monkeypatch.setattr(precision, "int8_pays", lambda: int8)
    monkeypatch.setattr(precision, "half_pays", lambda: half)
    assert precision.fastest() == taken
