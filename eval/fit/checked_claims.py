"""Claims with their premises: what the fit of claim verification learns from, and what is seen of each pair."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.verify.contradictions import contradictions
from assistant.verify.premise import Premise, Statement
from assistant.verify.verify import (
    AcrossLanguages,
    CosineZero,
    Readings,
    SameLanguage,
    Verifier,
    crosses,
    hypothesis,
    readings_of,
)
from eval.claims.claim_pairs import ClaimGroup, is_held, read_claims
from eval.fit.calibrate import SAME_SPREAD
from index.embedding.encoder import Encoder
from index.embedding.vector_cache import open_vector_cache
from index.errors import ReadError
from index.text.sentences import sentence_bounds
from index.text.tokens import terms

PASSAGE = 450
CLAUSE = "clause"
"""Kind of the claims that were cut out of the articles: fitted, not reported."""
SETS = "sets"
"""The suite of the held-out sets."""
CHUNK = 512  # claims that are read between two lines of progress


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """One claim with its features against the passage of its evidence that carries most of it."""

    suite: str
    article: str
    kind: str
    claim: str
    supported: bool
    across: bool
    missing: bool
    features: SameLanguage | AcrossLanguages
    readings: Readings | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim's row, the passage of its evidence that shares most with it, and its cosine with each sentence of that."""

    suite: str
    row: dict
    statement: Statement
    premise: Premise
    cosines: list[float]


def read_folder(folder: Path, encoder: Encoder, cache: Path) -> list[Pair]:
    """Pair up every claim of a folder, vectors kept in `cache`; ReadError names file, line and field."""
    corpus = {row["id"]: row for row in _rows(folder / "corpus.jsonl", ("id", "text"))}
    claims = _rows(folder / "claims.jsonl", ("claim", "label", "evidence"))
    claims += _clauses({i for row in claims for i in row["evidence"]}, corpus)
    return _paired(folder.name, claims, [_likeliest(row, corpus, folder) for row in claims], encoder, cache)


def read_sets(data: Path, articles: Path, encoder: Encoder, cache: Path) -> list[Pair]:
    """Pair up the claims of the sets that the network has not learned from with the passages they were written to."""
    groups = [group for group in read_claims(data, articles) if is_held(group.set)]
    rows = [{"claim": p.claim, "label": "supported" if p.carried else "unsupported", "evidence": [p.article.id],
             "kind": p.category} for group in groups for p in group.pairs]
    return _paired(SETS, rows, [premise for g in groups for premise in [_passage_of(g)] * len(g.pairs)], encoder, cache)


def _passage_of(group: ClaimGroup) -> Premise:
    """Return the sentences of a group with those around them, as long as a passage is."""
    article, first, last = group.pairs[0].article, min(group.pairs[0].sentences), max(group.pairs[0].sentences) + 1
    while True:
        grown = (max(first - 1, 0), min(last + 1, len(article.sentences)))
        if grown == (first, last) or sum(map(len, article.sentences[slice(*grown)])) > PASSAGE:
            return Premise(article.sentences[first:last], article.heading, article.heading)
        first, last = grown


def _paired(suite: str, claims: Sequence[dict], premises: Sequence[Premise], encoder: Encoder, cache: Path) -> list[Pair]:
    texts = [*(row["claim"] for row in claims), *(s for premise in premises for s in premise.sentences)]
    with open_vector_cache(cache, encoder.name, encoder.dimension) as embeddings:
        embeddings.embed(texts, encoder, _progress)
        vectors = dict(zip(texts, embeddings.vectors(texts), strict=True))
    return [Pair(suite, row, Statement(row["claim"]), premise,
                 [float(vectors[s] @ vectors[row["claim"]]) for s in premise.sentences])
            for row, premise in zip(claims, premises, strict=True)]


def check(pairs: Sequence[Pair], verifier: Verifier) -> list[CheckedClaim]:
    """Return the claims with their features; `missing` also when the premise says the contrary."""
    compared = [verifier.compare(pair.statement, pair.premise, pair.cosines) for pair in pairs]
    readings: list[Readings | None] = [None] * len(pairs)
    if verifier.reader:
        asked = [i for i, one in enumerate(compared) if one.features]
        for at in range(0, len(asked), CHUNK):
            rows = asked[at:at + CHUNK]
            _progress(at, len(asked))
            texts = [hypothesis(pairs[i].statement, pairs[i].premise, compared[i]) for i in rows]
            for i, one in zip(rows, verifier.reader.read(texts), strict=True):
                readings[i] = readings_of(one)
    out = []
    for pair, one, read in zip(pairs, compared, readings, strict=True):
        across, row = crosses(pair.statement, pair.premise), pair.row
        features, carrying = (one.features, one.carrying) if one.features else verifier.features(
            pair.statement, pair.premise, pair.cosines)
        missing = one.missing or not across and contradictions(pair.statement, pair.premise, carrying)
        out.append(CheckedClaim(pair.suite, row["evidence"][0], row.get("kind", ""), row["claim"],
                                row["label"] == "supported", across, bool(missing), features, read))
    return out


def cosine_zero(pairs: Sequence[Pair]) -> CosineZero:
    """Return where the best cosines of an encoder lie: their means, that of all where a language has none."""
    def mean(of: Callable[[Pair], bool]) -> float:
        return round(float(np.mean([b for b, pair in zip(best, pairs, strict=True) if of(pair)] or best)), 3)

    best = [max(pair.cosines, default=0.0) for pair in pairs]
    return CosineZero(
        zh=mean(lambda p: p.premise.is_chinese and not crosses(p.statement, p.premise)),
        en=mean(lambda p: not p.premise.is_chinese and not crosses(p.statement, p.premise)),
        across=mean(lambda p: crosses(p.statement, p.premise)), slope=round(SAME_SPREAD / max(float(np.std(best)), 1e-3), 1))


def _clauses(articles: set[str], corpus: dict[str, dict]) -> list[dict]:
    """Return a clause of some sentences as supported claims: a short one is verbatim too, and must pass."""
    rows = []
    for i in sorted(articles & corpus.keys()):
        for start, end in sentence_bounds(corpus[i]["text"])[:3]:
            clauses = [c for c in re.split(r"[,;\uff0c\uff1b]", corpus[i]["text"][start:end]) if len(c) >= 6]
            if len(clauses) > 1:
                rows.append({"claim": clauses[-1], "label": "supported", "evidence": [i], "kind": CLAUSE})
    return rows[:300]


def _likeliest(row: dict, corpus: dict[str, dict], folder: Path) -> Premise:
    """Return the passage of a claim's evidence that shares most terms with it."""
    passages = [premise for i in row["evidence"] if i in corpus for premise in _passages(corpus[i])]
    if not passages:
        raise ReadError(f"{str(folder)!r}: claim {row['claim']!r} names no evidence with text.")
    own = set(terms(row["claim"]))
    return max(passages, key=lambda premise: len(own & premise.terms))


def _progress(done: int, of: int) -> None:
    print(f"\rembedding {done}/{of}", end="" if done < of else "\n", file=sys.stderr, flush=True)


def _rows(path: Path, fields: Sequence[str]) -> list[dict]:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            lacking = [name for name in fields if name not in row]
        except (json.JSONDecodeError, TypeError) as error:
            raise ReadError(f"{str(path)!r}, line {number}: {error!r}.") from error
        if lacking:
            raise ReadError(f"{str(path)!r}, line {number}: field {lacking[0]!r} is missing.")
        rows.append(row)
    return rows


def _passages(row: dict) -> list[Premise]:
    """Return an article as premises of up to PASSAGE characters, as the index would cut it."""
    around = " ".join(row.get(name) or "" for name in ("title", "place", "date"))
    groups: list[list[str]] = [[]]
    for start, end in sentence_bounds(row["text"]):
        if groups[-1] and sum(map(len, groups[-1])) + end - start > PASSAGE:
            groups.append([])
        groups[-1].append(row["text"][start:end])
    return [Premise(tuple(group), around) for group in groups if group]
