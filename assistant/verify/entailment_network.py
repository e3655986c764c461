"""The verifier's network: claim and premise in, is it carried and which words are not. Torch only; `entailment.py` uses it.

A cross-encoder over the bundled e5-small with the reranker's input, the claim in the question's place:
`<s> query: CLAIM </s> passage: HEADING </s> SENTENCE … SENTENCE </s>`. Two heads read the claim's tokens in its last layer:
whether the premise carries the claim (their mean), and whether it says each of them (after Kovács & Recski 2025,
LettuceDetect, which finds the unsupported words of an answer by classifying its tokens).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from transformers import BertModel

from assistant.evidence.network import MASKED, PAD, Vocabulary, bert_config
from index.embedding.int8 import quantize

CLAIM_TOKENS, HEADING_TOKENS, PREMISE_TOKENS = 96, 40, 200
"""Most tokens of each part: what is longer is cut."""
LAYERS = 8
"""Of the encoder's twelve: what is asked of them, whether two texts say the same, is found in fewer, and sooner."""
_PREFIX = "query: "


@dataclass(frozen=True, slots=True)
class ClaimInput:
    """One input: token ids, the range of the claim's among them, and the characters of the claim that each of those is."""

    ids: tuple[int, ...]
    claim: tuple[int, int]
    offsets: tuple[tuple[int, int], ...]


def claim_input(vocabulary: Vocabulary, claim: str, heading: str, sentences: Sequence[str]) -> ClaimInput:
    """Return the input for a claim and the sentences that are to carry it."""
    said = vocabulary.encode(_PREFIX + claim, CLAIM_TOKENS)
    left, premise = PREMISE_TOKENS, []
    for sentence in sentences:
        tokens = vocabulary.encode(sentence, left)
        premise.append(tokens)
        left -= len(tokens.ids)
    whole = vocabulary.sequence(said, vocabulary.encode(heading, HEADING_TOKENS), premise)
    skipped = sum(end <= len(_PREFIX) for _, end in said.offsets)
    offsets = tuple((max(a - len(_PREFIX), 0), b - len(_PREFIX)) for a, b in said.offsets[skipped:])
    return ClaimInput(whole.ids, (1 + skipped, 1 + len(said.ids)), offsets)


@dataclass(frozen=True, slots=True)
class Entailments:
    """Logits of one batch: `carried` (batch,), `unsaid` (batch, tokens of the longest claim; MASKED where there is none)."""

    carried: torch.Tensor
    unsaid: torch.Tensor


class EntailmentNetwork(nn.Module):
    """e5-small with the two heads; `forward` takes inputs of any lengths."""

    def __init__(self, embeddings: Path, dropout: float = 0.0) -> None:
        """Start from the restored embedding model in `embeddings`; the heads are new."""
        super().__init__()
        config = bert_config(embeddings, dropout)
        self.encoder = BertModel.from_pretrained(embeddings, config=config, add_pooling_layer=False)
        self.encoder.encoder.layer = self.encoder.encoder.layer[:LAYERS]
        self.carried = nn.Linear(config.hidden_size, 1)
        self.unsaid = nn.Linear(config.hidden_size, 1)

    def quantize(self) -> None:
        """Compute the layers in int8, from now on and for reading only."""
        quantize(self.encoder)

    def forward(self, inputs: Sequence[ClaimInput]) -> Entailments:
        length, most = max(len(i.ids) for i in inputs), max(len(i.offsets) for i in inputs)
        ids = torch.full((len(inputs), length), PAD)
        at = torch.zeros((len(inputs), most), dtype=torch.long)
        told = torch.zeros((len(inputs), most))
        for row, one in enumerate(inputs):
            ids[row, :len(one.ids)] = torch.tensor(one.ids)
            at[row, :len(one.offsets)] = torch.arange(*one.claim)
            told[row, :len(one.offsets)] = 1.0
        hidden = self.encoder(input_ids=ids, attention_mask=(ids != PAD).long()).last_hidden_state.float()
        claim = hidden.gather(1, at[..., None].expand(-1, -1, hidden.shape[-1]))
        mean = (claim * told[..., None]).sum(1) / told.sum(1, keepdim=True).clamp_min(1)
        unsaid = self.unsaid(claim).float().squeeze(-1).masked_fill(told == 0, MASKED)
        return Entailments(self.carried(mean).float().squeeze(-1), unsaid)
