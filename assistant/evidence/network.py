"""The reranker's network: question and window in, who answers out. Torch only; `reranker.py` is how it is used.

A cross-encoder over the bundled e5-small: `<s> query: QUESTION </s> passage: HEADING </s> SENTENCE … SENTENCE </s>`. Three
heads read its last layer: where the short answer starts and ends (SQuAD's way, Devlin et al. 2019), how much each sentence
is evidence (mean over its tokens, as Provence does for context pruning, Chirkova et al. 2025), and whether the window
answers at all (mean over all tokens).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertModel

from index.embedding.int8 import quantize

BOS, PAD, EOS = 0, 1, 2
QUESTION_TOKENS, HEADING_TOKENS, SENTENCE_TOKENS = 48, 40, 200
"""Most tokens of each part: what is longer is cut."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token ids of a text, and the characters each stands for."""

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Sequenced:
    """One input: token ids, and for each sentence the range of its tokens among them."""

    ids: tuple[int, ...]
    sentences: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Logits of one batch: `start`, `end` (batch, tokens), `evidence` (batch, sentences), `answerable` (batch,).

    Places without a token or sentence hold `MASKED`.
    """

    start: torch.Tensor
    end: torch.Tensor
    evidence: torch.Tensor
    answerable: torch.Tensor


MASKED = -1e4


class Vocabulary:
    """The tokenizer, and the fixed pieces of every input."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._passage = self.encode("passage: ", 8).ids

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """Read `tokenizer.json` of the restored model in `folder`."""
        return cls(Tokenizer.from_file(str(folder / "tokenizer.json")))

    def encode(self, text: str, most: int) -> Tokens:
        found = self._tokenizer.encode(text, add_special_tokens=False)
        return Tokens(tuple(found.ids[:most]), tuple(found.offsets[:most]))

    def question(self, text: str) -> Tokens:
        return self.encode("query: " + text, QUESTION_TOKENS)

    def heading(self, text: str) -> Tokens:
        return self.encode(text, HEADING_TOKENS)

    def sentence(self, text: str) -> Tokens:
        return self.encode(text, SENTENCE_TOKENS)

    def sequence(self, question: Tokens, heading: Tokens, sentences: Sequence[Tokens]) -> Sequenced:
        """Put the parts of one input together."""
        ids = [BOS, *question.ids, EOS, *self._passage, *heading.ids]
        if heading.ids:
            ids.append(EOS)
        ranges = []
        for sentence in sentences:
            ranges.append((len(ids), len(ids) + len(sentence.ids)))
            ids += sentence.ids
        return Sequenced((*ids, EOS), tuple(ranges))


class RerankerNetwork(nn.Module):
    """e5-small with the three heads; `forward` takes inputs of any lengths."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.span = nn.Linear(config.hidden_size, 2)
        self.evidence = nn.Linear(config.hidden_size, 1)
        self.answerable = nn.Linear(config.hidden_size, 1)

    @classmethod
    def from_embedding_model(cls, folder: Path, dropout: float = 0.0) -> RerankerNetwork:
        """Start from the restored embedding model in `folder`; the heads are new."""
        network = cls(bert_config(folder, dropout))
        network.encoder = BertModel.from_pretrained(folder, config=network.encoder.config, add_pooling_layer=False)
        return network

    def halve(self) -> None:
        """Compute the layers in bfloat16; the large table of word embeddings stays as it is."""
        self.encoder.encoder.bfloat16()
        self.encoder.embeddings.register_forward_hook(lambda _module, _inputs, output: output.bfloat16())

    def quantize(self) -> None:
        """Compute the layers in int8, from now on and for reading only."""
        quantize(self.encoder)

    def forward(self, inputs: Sequence[Sequenced]) -> Scores:
        length, most = max(len(i.ids) for i in inputs), max(len(i.sentences) for i in inputs)
        ids = torch.full((len(inputs), length), PAD)
        spoken = torch.zeros((len(inputs), length), dtype=torch.bool)
        members = torch.zeros((len(inputs), most, length))
        for row, one in enumerate(inputs):
            ids[row, : len(one.ids)] = torch.tensor(one.ids)
            for column, (start, end) in enumerate(one.sentences):
                spoken[row, start:end] = True
                members[row, column, start:end] = 1.0 / max(end - start, 1)
        mask = (ids != PAD).long()
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        start, end = self.span(hidden).float().masked_fill(~spoken[..., None], MASKED).unbind(-1)
        evidence = (members @ self.evidence(hidden).float()).squeeze(-1)
        evidence = evidence.masked_fill(members.sum(-1) == 0, MASKED)
        pooled = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return Scores(start, end, evidence, self.answerable(pooled).float().squeeze(-1))


def bert_config(folder: Path, dropout: float) -> BertConfig:
    """Return the configuration of the embedding model in `folder`, with `dropout` where it is to be trained."""
    # Where it is trained, attention is written out: the fused kernel's backward pass takes twice the time on CPUs.
    return BertConfig.from_pretrained(folder, attn_implementation="eager" if dropout else "sdpa",
                                      hidden_dropout_prob=dropout, attention_probs_dropout_prob=0.0)
