"""What this processor computes a network's layers in fastest; asked once, when a model is loaded."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

import torch
from torch import nn

Precision = Literal["float32", "bfloat16", "int8"]


def fastest() -> Precision:
    """Return what this processor computes the layers in fastest."""
    if int8_pays():
        return "int8"
    return "bfloat16" if half_pays() else "float32"


def int8_pays() -> bool:
    """Tell whether this processor has the instructions that make int8 fast."""
    return torch.cpu._is_vnni_supported()


def _seconds(inputs: torch.Tensor, weights: torch.Tensor) -> float:
    """Return how long one multiplication takes, at best."""
    taken = []
    with torch.inference_mode():
        for _ in range(5):
            began = time.perf_counter()
            nn.functional.linear(inputs, weights)
            taken.append(time.perf_counter() - began)
    return min(taken)


def half_pays(seconds: Callable[[torch.Tensor, torch.Tensor], float] = _seconds) -> bool:
    """Tell whether this processor multiplies bfloat16 clearly faster than float32: some that have it are slower at it."""
    if not (torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()):
        return False
    inputs, weights = torch.ones(512, 384), torch.ones(1536, 384)
    return seconds(inputs.bfloat16(), weights.bfloat16()) < 0.8 * seconds(inputs, weights)
