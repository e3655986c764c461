"""Train the model of sentence roles (index/cases/roles.py): linjian eval train-roles OUT FOLDER...

A bidirectional recurrent network over the vectors of an article's sentences, trained on the invented articles about cases.
Every eighth set is held out and measured; the shipped weights are then trained on all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from eval.training.case_texts import article_rows
from index.cases.roles import ROLES, SHAPES, RoleModel, shapes
from index.embedding.embedding_text import sentence_input
from index.embedding.encoder import Encoder
from index.embedding.fitted_weights import write_fitted
from index.pages.articles import read_articles
from index.types import Metadata, Sentence, SentenceRole, Source

HELD = 8
"""Every which set is held out."""
EPOCHS, RATE, BATCH, SMOOTHING, BEGINS_SHARE = 12, 2e-3, 8, 0.05, 0.3
PROJECTED, HIDDEN, DROPOUT = 64, 48, 0.3


@dataclass(frozen=True, slots=True)
class RoleArticle:
    """An article's sentences with their vectors, roles (indexes into ROLES) and whether a case begins."""

    set: str
    sentences: tuple[Sentence, ...]
    vectors: np.ndarray
    roles: np.ndarray
    begins: np.ndarray


def read_role_articles(folders: Sequence[Path], encoder: Encoder) -> list[RoleArticle]:
    """Read the articles of all sets as the index reads pages, their sentences embedded as it embeds them."""
    read = [(name, *labelled) for folder in folders for name, row in article_rows(folder)
            if (labelled := _as_indexed(row))[0]]
    texts = list(dict.fromkeys(sentence_input(s) for _, sentences, _, _ in read for s in sentences))
    vectors = dict(zip(texts, encoder.encode_document(texts, rough=True), strict=True))
    return [RoleArticle(name, sentences, np.array([vectors[sentence_input(s)] for s in sentences]), np.array(roles),
                        np.array(begins, np.float32)) for name, sentences, roles, begins in read]


def _as_indexed(row: dict) -> tuple[tuple[Sentence, ...], list[int], list[float]]:
    """Return the sentences that the index makes of an article, printed or crawled into one line, with their labels."""
    crawled = crc32(row["id"].encode()) % 2 == 0
    text, marks = "", []
    for paragraph in row["paragraphs"]:
        for sentence, role, case in paragraph:
            marks.append((len(text), len(text) + len(sentence), ROLES.index(SentenceRole(role)), case))
            text += sentence
        text += "" if crawled else "\n"
    told = Metadata(single=True) if crawled else Metadata(title=row["title"], source=row["paper"], date=row["date"])
    articles = read_articles(Source(row["id"], row["id"], text, "", "utf-8", told))
    sentences = tuple(s for article in articles for paragraph in article.paragraphs for s in paragraph.sentences)
    labels = [max(marks, key=lambda mark: min(s.end, mark[1]) - max(s.start, mark[0])) for s in sentences]
    begins, now = [], 0
    for _, _, _, case in labels:
        begins.append(float(case != 0 and now not in (0, case)))
        now = case or now
    return sentences, [role for _, _, role, _ in labels], begins


class RoleNetwork(nn.Module):
    """What `RoleModel` computes; its tensors carry the same names."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.p = nn.Linear(dimension, PROJECTED)
        self.g = nn.GRU(PROJECTED + SHAPES, HIDDEN, bidirectional=True, batch_first=True)
        self.roles = nn.Linear(2 * HIDDEN + PROJECTED + SHAPES, len(ROLES))
        self.begins = nn.Linear(2 * HIDDEN + PROJECTED + SHAPES, 1)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, vectors: torch.Tensor, facts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        seen = torch.cat([torch.tanh(self.p(self.dropout(vectors))), facts], -1)
        hidden, _ = self.g(self.dropout(seen[None]))
        both = self.dropout(torch.cat([hidden[0], seen], -1))
        return self.roles(both), self.begins(both).squeeze(-1)


def fit_roles(articles: Sequence[RoleArticle], seed: int = 0) -> dict[str, np.ndarray]:
    """Return the trained tensors by name."""
    torch.manual_seed(seed)
    network = RoleNetwork(articles[0].vectors.shape[1])
    with torch.no_grad():
        network.p.weight.mul_(4.0)  # unit vectors of many dimensions have small coordinates
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.02)
    facts = [torch.from_numpy(shapes(a.sentences)) for a in articles]
    chance, steps, done = np.random.default_rng(seed), EPOCHS * (len(articles) // BATCH + 1), 0
    for _ in range(EPOCHS):
        for batch in np.array_split(chance.permutation(len(articles)), len(articles) // BATCH + 1):
            total, count = torch.zeros(()), 0
            for i in batch:
                roles, begins = network(torch.from_numpy(articles[i].vectors), facts[i])
                total = total + functional.cross_entropy(roles, torch.from_numpy(articles[i].roles), reduction="sum",
                                                         label_smoothing=SMOOTHING)
                total = total + BEGINS_SHARE * functional.binary_cross_entropy_with_logits(
                    begins, torch.from_numpy(articles[i].begins), reduction="sum")
                count += len(articles[i].roles)
            for group in optimiser.param_groups:
                group["lr"] = RATE * (1 - done / steps)
            optimiser.zero_grad()
            (total / max(count, 1)).backward()
            optimiser.step()
            done += 1
    return {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}


def agreement(model: RoleModel, articles: Sequence[RoleArticle]) -> dict[str, float]:
    """Return the share of sentences whose role is told right, over all and by role."""
    told = np.concatenate([model.read(a.sentences, a.vectors).roles.argmax(1) for a in articles])
    gold = np.concatenate([a.roles for a in articles])
    shares = {role.value: round(float((told == i)[gold == i].mean()), 3)
              for i, role in enumerate(ROLES) if (gold == i).any()}
    return {"all": round(float((told == gold).mean()), 3), **shares}


def train_roles(out: Path, folders: Sequence[Path], encoder: Encoder) -> Mapping[str, float]:
    """Train, write the weights that are fitted to all sets, and return the agreement on the sets that were held out."""
    articles = read_role_articles(folders, encoder)
    names = sorted({a.set for a in articles})
    held = set(names[::HELD])
    kept = fit_roles([a for a in articles if a.set not in held])
    result = agreement(RoleModel(kept, encoder.name, lean=0.0), [a for a in articles if a.set in held])
    facts = {"encoder": encoder.name, "sets": " ".join(names), "held": " ".join(sorted(held)), "agreement": result}
    write_fitted(out, fit_roles(articles), facts)
    return result
