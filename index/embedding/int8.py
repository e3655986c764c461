"""The layers of a BERT in int8, for processors that multiply it several times as fast as float32 (VNNI).

Weights have one scale a row, as they are stored; activations one scale a token, found as they come (vector-wise absmax
quantization, Dettmers et al. 2022, without its outlier columns). So no scale hangs on what is read beside a text. But the
last digits of float32 do, and rounding to whole steps makes them larger: docs/decisions.md says what is not computed so.
"""

from __future__ import annotations

import torch
from torch import nn
from transformers import BertModel
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions as Encoded
from transformers.models.bert.modeling_bert import BertEncoder, BertLayer

STEPS = 127


def quantize(model: BertModel) -> None:
    """Compute the layers of `model` in int8, from now on and without gradients; the weights that they had are given up."""
    model.encoder = Int8Encoder(model.encoder)


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
        self.heads, self.width = attention.self.num_attention_heads, attention.self.attention_head_size
        self.asked = Int8Linear(attention.self.query, attention.self.key, attention.self.value)
        self.attended, self.attended_norm = Int8Linear(attention.output.dense), attention.output.LayerNorm
        self.widened, self.activation = Int8Linear(layer.intermediate.dense), layer.intermediate.intermediate_act_fn
        self.narrowed, self.narrowed_norm = Int8Linear(output.dense), output.LayerNorm

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor | None, batch: int) -> torch.Tensor:
        """Return the next (batch × tokens, width); `mask` (batch, 1, 1, tokens) is 0 where a token is seen, else -inf."""
        query, key, value = self.asked(hidden).view(batch, -1, 3, self.heads, self.width).permute(2, 0, 3, 1, 4)
        seen = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        hidden = self.attended_norm(self.attended(seen.transpose(1, 2).reshape(hidden.shape)).add_(hidden))
        return self.narrowed_norm(self.narrowed(self.activation(self.widened(hidden))).add_(hidden))


class Int8Encoder(nn.Module):
    """Stands where a `BertEncoder` stood, in a model whose attention is "sdpa"."""

    def __init__(self, encoder: BertEncoder) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Int8Layer(layer) for layer in encoder.layer)

    def forward(self, hidden: torch.Tensor, attention_mask: torch.Tensor | None, **_unused: object) -> Encoded:
        """Take (batch, tokens, width), and where each token may look: (batch, 1, tokens, tokens), or None for everywhere."""
        seen = None
        if attention_mask is not None:  # every token may look at the same ones
            row = attention_mask[:, :, :1]
            seen = torch.zeros(row.shape).masked_fill_(~row, -torch.inf)
        flat = hidden.reshape(-1, hidden.shape[-1])
        for layer in self.layers:
            flat = layer(flat, seen, len(hidden))
        return Encoded(last_hidden_state=flat.view(hidden.shape))
