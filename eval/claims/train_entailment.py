"""Train the verifier's network: linjian eval train-entailment OUT CLAIMS ARTICLES (see docs/verification.md)

Each group of claims is read against its sentences and some of their neighbours. Beside what people wrote stand claims made
false by rule (edits.py), stretches of the premise itself (true), and true claims about other sentences of the article. The
loss adds the cross-entropies of "carried" and of each token as "not said", and a ranking of the true claims of a group above
its false ones. Whole sets are held out; what is reported is measured on them.
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch.nn import functional

from assistant.evidence.network import MASKED, Vocabulary
from assistant.evidence.reranker import read_weights, write_weights
from assistant.verify.entailment_network import ClaimInput, EntailmentNetwork, Entailments, claim_input
from eval.claims.claim_pairs import ClaimGroup, ClaimPair, is_held, read_claims
from eval.claims.edits import Words, edit, tagged
from index.embedding.precision import half_pays

UNKNOWN = -1.0
PART = 14
"""Inputs that are computed at once: more of them are padded more, and spill out of the processor's caches."""
KEPT = 0.92
"""Share of the true claims that the reported threshold keeps."""


@dataclass(frozen=True, slots=True)
class EntailmentRecipe:
    """What a run is made of."""

    seed: int = 0
    epochs: int = 2
    rate: float = 1e-4
    head_rate: float = 1e-3
    dropout: float = 0.1
    groups: int = 4
    frozen: int = 1
    false: int = 3
    edited: int = 1


@dataclass(frozen=True, slots=True)
class ClaimExample:
    """One input with its labels: `carried` 1 or 0; `unsaid` a token, 1, 0 or UNKNOWN."""

    inputs: ClaimInput
    carried: float
    unsaid: tuple[float, ...]


class ClaimSampler:
    """Makes the examples of an epoch; the same seed and epoch give the same examples."""

    def __init__(self, groups: Sequence[ClaimGroup], vocabulary: Vocabulary, recipe: EntailmentRecipe) -> None:
        self._groups, self._vocabulary, self._recipe = groups, vocabulary, recipe
        self._of: dict[str, list[ClaimGroup]] = defaultdict(list)
        far: dict[str, list[str]] = defaultdict(list)
        self._near: dict[str, dict[str, list[str]]] = {}
        for group in groups:
            self._of[group.pairs[0].article.id].append(group)
        for name, own in self._of.items():
            near: dict[str, list[str]] = defaultdict(list)
            for word, tag, _ in tagged("".join(own[0].pairs[0].article.sentences)):
                if len(word) > 1 and tag[0] in "nvat" and tag != "vn":
                    near[tag].append(word)
                    far[tag].append(word)
            self._near[name] = near
        self._far = dict(far)
        self._clauses = [c for g in groups for p in g.pairs if p.carried
                         for c in re.split("[，。；]", p.claim)[1:] if 5 <= len(c) <= 20]

    def epoch(self, number: int) -> list[list[ClaimExample]]:
        """Return the examples, group by group."""
        chance = random.Random(self._recipe.seed * 1000 + number)
        order = list(self._groups)
        chance.shuffle(order)
        return [self._group(group, chance) for group in order]

    def _group(self, group: ClaimGroup, chance: random.Random) -> list[ClaimExample]:
        article = group.pairs[0].article
        window = _window(group, chance)
        sentences = [article.sentences[i] for i in window]
        heading = article.heading if chance.random() < 0.9 else ""
        true = [p for p in group.pairs if p.carried]
        false = [p for p in group.pairs if not p.carried]
        pairs = [*true, *chance.sample(false, min(self._recipe.false, len(false)))]
        stretch = _stretch(chance.choice(sentences), chance)
        if stretch and chance.random() < 0.6:
            pairs.append(ClaimPair(article, (), stretch, True, "verbatim", ()))
        words = Words(self._near[article.id], self._far, self._clauses)
        for _ in range(self._recipe.edited):
            base = chance.choice([p for p in pairs if p.carried])
            if made := edit(base.claim, words, chance):
                pairs.append(ClaimPair(article, (), made[0], False, "edited", made[1]))
        others = [p for g in self._of[article.id] for p in g.pairs if p.carried and not set(p.sentences) & set(window)]
        if others and chance.random() < 0.4:
            pairs.append(replace(chance.choice(others), carried=False, category="elsewhere", unsaid=None))
        return [example(self._vocabulary, pair, heading, sentences) for pair in pairs]


def _window(group: ClaimGroup, chance: random.Random) -> list[int]:
    """Return the numbers of the sentences that are read: those of the group and up to two more."""
    own, count = set(group.pairs[0].sentences), len(group.pairs[0].article.sentences)
    near = [i for i in range(max(0, min(own) - 2), min(count, max(own) + 3)) if i not in own]
    return sorted(own | set(chance.sample(near, min(len(near), chance.choice((0, 0, 1, 2))))))


def _stretch(sentence: str, chance: random.Random) -> str:
    """Return a sentence, or some of its clauses, as a claim; "" where it is too short or a piece of speech."""
    clauses = [c for c in re.split("[，；]", sentence.rstrip("。！？”")) if c]
    first = chance.randrange(len(clauses)) if clauses else 0
    text = "，".join(clauses[first:first + chance.randint(1, 3)])
    return text + "。" if len(text) > 7 and "“" not in text else ""


def example(vocabulary: Vocabulary, pair: ClaimPair, heading: str, sentences: Sequence[str]) -> ClaimExample:
    """Return a claim and its premise as an input with its labels."""
    inputs = claim_input(vocabulary, pair.claim, heading, sentences)
    if pair.unsaid is None:
        return ClaimExample(inputs, float(pair.carried), (UNKNOWN,) * len(inputs.offsets))
    return ClaimExample(inputs, float(pair.carried), tuple(
        float(any(a < end and start < b for start, end in pair.unsaid)) for a, b in inputs.offsets))


def loss_of(scores: Entailments, groups: Sequence[Sequence[ClaimExample]]) -> torch.Tensor:
    """Return the sum of the three losses over the examples of `groups`, laid out one after the other in `scores`."""
    examples = [e for group in groups for e in group]
    carried = torch.tensor([e.carried for e in examples])
    total = functional.binary_cross_entropy_with_logits(scores.carried, carried)
    labels = torch.full(scores.unsaid.shape, UNKNOWN)
    for row, e in enumerate(examples):
        labels[row, :len(e.unsaid)] = torch.tensor(e.unsaid)
    known = labels != UNKNOWN
    total = total + 2 * functional.binary_cross_entropy_with_logits(scores.unsaid[known], labels[known])
    at, ranked = 0, []
    for group in groups:
        own, told = scores.carried[at:at + len(group)], carried[at:at + len(group)] > 0
        if told.any() and not told.all():
            ranked.append(functional.softplus(own[~told][None] - own[told][:, None]).mean())
        at += len(group)
    return total + 0.5 * torch.stack(ranked).mean() if ranked else total


def train_entailment(out: Path, claims: Path, articles: Path, embeddings: Path, start: Path | None,
                     recipe: EntailmentRecipe, limit: int | None = None) -> Mapping[str, float]:
    """Train, pack the weights into `out`, and return what is measured on the held-out sets."""
    groups = read_claims(claims, articles)
    vocabulary = Vocabulary.load(embeddings)
    torch.manual_seed(recipe.seed)
    network = EntailmentNetwork(embeddings, recipe.dropout)
    if start:
        network.load_state_dict({name: torch.from_numpy(v) for name, v in read_weights(start).items()}, strict=False)
    network.encoder.embeddings.requires_grad_(False)
    for layer in network.encoder.encoder.layer[:recipe.frozen]:
        layer.requires_grad_(False)
    sampler = ClaimSampler([g for g in groups if not is_held(g.set)], vocabulary, recipe)
    kept = [g for g in groups if is_held(g.set)]
    heads = [p for n, p in network.named_parameters() if not n.startswith("encoder.")]
    body = [p for n, p in network.named_parameters() if n.startswith("encoder.") and p.requires_grad]
    optimiser = torch.optim.AdamW([{"params": body}, {"params": heads}], weight_decay=0.01, fused=True)
    plan = [batch for e in range(recipe.epochs) for batch in _batches(sampler.epoch(e), recipe.groups)][:limit]
    half, began, losses = half_pays(), time.monotonic(), []
    for step, batch in enumerate(plan):
        network.train()
        scale = min(1.0, (step + 1) / max(1, len(plan) // 20)) * (1 - step / len(plan))
        for group, rate in zip(optimiser.param_groups, (recipe.rate, recipe.head_rate), strict=True):
            group["lr"] = rate * scale
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            scores = _scores(network, [e.inputs for g in batch for e in g])
        loss = loss_of(scores, batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*body, *heads], 1.0)
        optimiser.step()
        losses.append(loss.item())
        if (step + 1) % 20 == 0:
            left = (time.monotonic() - began) / (step + 1) * (len(plan) - step - 1)
            _tell(f"step {step + 1}/{len(plan)} loss {np.mean(losses[-20:]):.3f} {left / 60:.0f} min left")
        if (step + 1) % 400 == 0:
            _tell(json.dumps(measured(network, vocabulary, kept[::3])))
    told = measured(network, vocabulary, kept)
    facts = {"start": start.name if start else "", "measured": json.dumps(told)}
    facts |= {name: str(value) for name, value in asdict(recipe).items()}
    write_weights(out, {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()
                        if "word_embeddings" not in name}, facts)
    return told


def _scores(network: EntailmentNetwork, inputs: Sequence[ClaimInput]) -> Entailments:
    """Return the scores of one batch, computed in parts of like length."""
    order = sorted(range(len(inputs)), key=lambda i: len(inputs[i].ids))
    parts = [network([inputs[i] for i in order[at:at + PART]]) for at in range(0, len(order), PART)]
    most = max(part.unsaid.shape[1] for part in parts)
    unsaid = torch.cat([functional.pad(part.unsaid, (0, most - part.unsaid.shape[1]), value=MASKED) for part in parts])
    back = torch.tensor(order).argsort()
    return Entailments(torch.cat([part.carried for part in parts])[back], unsaid[back])


def _batches(groups: list[list[ClaimExample]], size: int) -> Iterator[list[list[ClaimExample]]]:
    """Yield groups of like length together: less padding is computed."""
    for at in range(0, len(groups), size * 20):
        part = sorted(groups[at:at + size * 20], key=lambda g: max(len(e.inputs.ids) for e in g))
        batches = [part[i:i + size] for i in range(0, len(part), size)]
        random.Random(at).shuffle(batches)
        yield from batches


def read_all(network: EntailmentNetwork, vocabulary: Vocabulary, pairs: Sequence[ClaimPair]) -> np.ndarray:
    """Return for each pair its logit of "carried" and the highest of "not said": (pairs, 2)."""
    network.eval()
    inputs = [claim_input(vocabulary, p.claim, p.article.heading, [p.article.sentences[i] for i in _around(p)])
              for p in pairs]
    order, out = sorted(range(len(inputs)), key=lambda i: len(inputs[i].ids)), np.zeros((len(inputs), 2))
    with torch.inference_mode():
        for at in range(0, len(order), 16):
            rows = order[at:at + 16]
            scores = network([inputs[i] for i in rows])
            out[rows] = torch.stack([scores.carried, scores.unsaid.amax(1)], 1).numpy()
    return out


def _around(pair: ClaimPair) -> list[int]:
    return sorted({*pair.sentences, max(0, min(pair.sentences) - 1)})


def measured(network: EntailmentNetwork, vocabulary: Vocabulary, groups: Sequence[ClaimGroup]) -> dict[str, float]:
    """Return AUROC, and at the threshold that keeps KEPT of the true claims the share of each category that passes."""
    pairs = [p for g in groups for p in g.pairs]
    logits = read_all(network, vocabulary, pairs)
    carried = np.array([p.carried for p in pairs])
    told: dict[str, float] = {"pairs": len(pairs)}
    for name, scores in (("carried", logits[:, 0]), ("tokens", -logits[:, 1]), ("both", logits[:, 0] - logits[:, 1])):
        told[f"auroc {name}"] = round(float(roc_auc_score(carried, scores)), 4)
    passes = scores >= np.quantile(scores[carried], 1 - KEPT)
    told["false pass"] = round(float(passes[~carried].mean()), 3)
    for category in sorted({p.category for p in pairs}):
        told[category] = round(float(passes[[p.category == category for p in pairs]].mean()), 3)
    return {name: value for name, value in told.items() if not math.isnan(value)}


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
