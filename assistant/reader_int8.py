"""The reader's layers in int8, for processors that multiply it several times as fast as float32 (VNNI).

Weights have one scale a row, as they are stored; activations one scale a token, found as they come (vector-wise absmax
quantization, Dettmers et al. 2022, without its outlier columns). So what is read beside a text changes nothing about it.
"""

from __future__ import annotations

import torch
from torch import nn
from transformers.models.bert.modeling_bert import BertLayer

STEPS = 127


def int8_pays() -> bool:
    """Tell whether this processor has the instructions that make int8 fast."""
    return torch.cpu._is_vnni_supported()


class Int8Linear(nn.Module):
    """Linear layers that share their input, as one: (tokens, in) to (tokens, out of the first, out of the second, …)."""

    def __init__(self, *linear: nn.Linear) -> None:
        super().__init__()
        weight = torch.cat([one.weight.detach() for one in linear])
        scale = weight.abs().amax(1).clamp_min(1e-12) / STEPS
        self.register_buffer("weight", torch.round(weight / scale[:, None]).to(torch.int8).T.contiguous())
        self.register_buffer("scale", scale)
        self.register_buffer("bias", torch.cat([one.bias.detach() for one in linear]))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        scale = inputs.abs().amax(1, keepdim=True).clamp_min_(1e-12).div_(STEPS)
        steps = inputs.div(scale).round_().to(torch.int8)
        return torch.addcmul(self.bias, torch._int_mm(steps, self.weight).float().mul_(scale), self.scale)


class Int8Layer(nn.Module):
    """A `BertLayer` whose six matrices are int8, three of them one; its norms and its attention stay in float32."""

    def __init__(self, layer: BertLayer) -> None:
        super().__init__()
        attention, output = layer.attention, layer.output
        self.heads = attention.self.num_attention_heads
        self.asked = Int8Linear(attention.self.query, attention.self.key, attention.self.value)
        self.attended, self.attended_norm = Int8Linear(attention.output.dense), attention.output.LayerNorm
        self.widened, self.activation = Int8Linear(layer.intermediate.dense), layer.intermediate.intermediate_act_fn
        self.narrowed, self.narrowed_norm = Int8Linear(output.dense), output.LayerNorm

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the next (batch × tokens, width); `mask` (batch, 1, 1, tokens) is 0 where a token is seen, else -inf."""
        batch, tokens = mask.shape[0], mask.shape[-1]
        query, key, value = self.asked(hidden).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        hidden = self.attended_norm(self.attended(seen.transpose(1, 2).reshape(hidden.shape)).add_(hidden))
        return self.narrowed_norm(self.narrowed(self.activation(self.widened(hidden))).add_(hidden))


class Int8Layers(nn.Module):
    """All layers: (batch, tokens, width) to the same."""

    def __init__(self, layers: nn.ModuleList) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Int8Layer(layer) for layer in layers)

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        flat = hidden.reshape(-1, hidden.shape[-1])
        seen = torch.zeros(mask.shape).masked_fill_(mask == 0, -torch.inf)[:, None, None, :]
        for layer in self.layers:
            flat = layer(flat, seen)
        return flat.view(hidden.shape)
