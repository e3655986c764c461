"""Citations: do they find the gold evidence, are they literal, and do they support what they are cited for (ALCE)?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

from assistant.types import Answer, Citation
from eval.datasets.types import EvalCase, Gold, overlaps
from eval.metrics.text_metrics import MARKER, plain_text, squeeze
from index.text.normalize import fold
from index.text.sentences import sentence_bounds
from index.text.tokens import terms
from index.types import text_at

NEAR = 120
"""Characters between a citation and the gold quote that it may stand beside."""
SIDE_BY_SIDE = ("multi-community", "comparison")
_BORDERLINE = re.compile(r"BORDERLINE: ([^(;]+)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Judge(Protocol):
    """Says whether a text supports a claim. `name` is stored with every result: the figures mean nothing without it."""

    name: str

    def supports(self, claim: str, cited: str) -> bool: ...


class TermJudge:
    """The judge that needs no model: the cited text holds 80% of the claim's terms and each of its numbers."""

    name = "terms: the cited text holds 80% of the claim's terms and all its numbers"
    SHARE = 0.8

    def supports(self, claim: str, cited: str) -> bool:
        claimed, held = set(terms(claim)), set(terms(cited))
        numbers = set(_NUMBER.findall(fold(cited)))
        return (
            bool(claimed)
            and len(claimed & held) >= self.SHARE * len(claimed)
            and set(_NUMBER.findall(fold(claim))) <= numbers
        )


def evidence_recall(case: EvalCase, answer: Answer, texts: Mapping[str, str]) -> float:
    """Return the share of the gold quotes that some citation overlaps."""
    return sum(_cited(case.evidence, answer, texts)) / len(case.evidence)


def first_citation(case: EvalCase, answer: Answer) -> float:
    """Return 1 when the sentence cited first holds a wording of one of the answers, white space and case aside, else 0."""
    said = squeeze(answer.citations[0].quote) if answer.citations else ""
    return float(any(squeeze(wording) in said for group in case.groups for wording in group if squeeze(wording)))


def case_recall(case: EvalCase, answer: Answer, texts: Mapping[str, str]) -> float | None:
    """Return the share of the communities with a gold quote of which one is cited; None where one place is asked about."""
    if case.type not in SIDE_BY_SIDE:
        return None
    by_community: dict[str, bool] = defaultdict(bool)
    for gold, found in zip(case.evidence, _cited(case.evidence, answer, texts), strict=True):
        by_community[gold.community] |= found
    return sum(by_community.values()) / len(by_community)


def evidence_precision(case: EvalCase, answer: Answer, texts: Mapping[str, str]) -> float | None:
    """Return the share of the citations that overlap a gold quote or stand within 120 characters of one.

    None without citations. Places after "BORDERLINE:" in the notes of a question count neither way.
    """
    doubtful = [name.strip()[-4:] for name in _BORDERLINE.findall(case.notes) if name.strip()]
    judged = [c for c in answer.citations if not any(name in (c.place or "") for name in doubtful)]
    if not judged:
        return None
    return sum(any(_near(c, gold, texts) for gold in case.evidence) for c in judged) / len(judged)


def grounded(answer: Answer, texts: Mapping[str, str]) -> float | None:
    """Return the share of the citations whose quote is the file's text at their place; None without citations."""
    if not answer.citations:
        return None
    real = [
        c.file in texts and bool(squeeze(c.quote)) and squeeze(text_at(texts[c.file], c.spans)) == squeeze(c.quote)
        for c in answer.citations
    ]
    return sum(real) / len(real)


def citation_recall(answer: Answer, judge: Judge) -> float | None:
    """Return ALCE's citation recall (Gao et al. 2023): the share of statements that their citations support together."""
    said = [] if answer.refused else statements(answer)
    return sum(_joint(text, cited, judge) for text, cited in said) / len(said) if said else None


def citation_precision(answer: Answer, judge: Judge) -> float | None:
    """Return ALCE's citation precision (Gao et al. 2023): the share of citations that are needed.

    A citation counts when its statement is supported and it either supports it alone or is missed by the others.
    """
    needed: list[bool] = []
    for text, cited in [] if answer.refused else statements(answer):
        supported = _joint(text, cited, judge)
        for i, quote in enumerate(cited):
            rest = [*cited[:i], *cited[i + 1 :]]
            needed.append(supported and (judge.supports(text, quote) or not _joint(text, rest, judge)))
    return sum(needed) / len(needed) if needed else None


def statements(answer: Answer) -> list[tuple[str, list[str]]]:
    """Return each statement of the answer with the quotes it cites: its claims, else its sentences with their markers."""
    quotes = {c.number: c.quote for c in answer.citations}
    if answer.claims:
        return [
            (MARKER.sub("", claim.text), [quotes[n] for n in claim.citations if n in quotes]) for claim in answer.claims
        ]
    # a marker behind the full stop belongs to the sentence before it
    text = re.sub(r"([\u3002!?\uff01\uff1f.])((?:\[\d+\])+)", r"\2\1", answer.text)
    said = [text[a:b] for a, b in sentence_bounds(text)] if plain_text(answer) else []
    found = [
        (MARKER.sub("", s), [quotes[n] for n in map(int, re.findall(r"\[(\d+)\]", s)) if n in quotes]) for s in said
    ]
    return [(s, cited) for s, cited in found if terms(s)]


def _joint(text: str, cited: Sequence[str], judge: Judge) -> bool:
    return bool(cited) and judge.supports(text, "\n".join(cited))


def _cited(evidence: Sequence[Gold], answer: Answer, texts: Mapping[str, str]) -> list[bool]:
    return [any(overlaps(gold, c.file, c.spans, texts.get(c.file, "")) for c in answer.citations) for gold in evidence]


def _near(citation: Citation, gold: Gold, texts: Mapping[str, str]) -> bool:
    if citation.file != gold.file or not gold.quote:
        return False
    places = [(m.start() - NEAR, m.end() + NEAR) for m in re.finditer(re.escape(gold.quote), texts.get(gold.file, ""))]
    return any(min(b, end) > max(a, start) for a, b in citation.spans for start, end in places)
