"""Which passages carry a claim: those that it cites, else the likeliest; of several clauses, those that are carried.

A passage is looked at as a `Premise` with the cosines of the claim and each of its sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.verify.clauses import carried_part
from assistant.verify.premise import Premise, Statement
from assistant.verify.verify import Verifier
from index.types import Span

LIKELIEST = 3
"""Passages that are looked at beside those cited."""


@dataclass(frozen=True, slots=True)
class Held:
    """A premise that a claim may be held against, and the cosines of the claim and its sentences."""

    premise: Premise
    cosines: Sequence[float]


@dataclass(frozen=True, slots=True)
class Attribution:
    """What of a claim is carried (all of it, or some of its clauses), how sure that is in [0, 1], and by which sentences of
    which passages, by their numbers; by none when it is not carried."""

    text: str
    support: float
    sentences: Mapping[int, tuple[int, ...]]
    unsaid: tuple[Span, ...] = ()

    @property
    def is_carried(self) -> bool:
        return bool(self.sentences)


def attribute(claim: str, cited: Sequence[int], held: Sequence[Held], verifier: Verifier) -> Attribution:
    """Return which of the passages carry a claim; `cited` are numbers of those that it names itself.

    Where only some of its clauses are carried, the others are left out.
    """
    whole = _attributed(claim, cited, held, verifier)
    if whole.is_carried or not (part := carried_part(claim, whole.unsaid)):
        return whole
    found = _attributed(part, cited, held, verifier)
    return found if found.is_carried else whole


def _attributed(claim: str, cited: Sequence[int], held: Sequence[Held], verifier: Verifier) -> Attribution:
    statement = Statement(claim)
    best, unsaid = -1.0, ()
    for group in (cited, [i for i in _likeliest(statement, held) if i not in cited]):
        verified = verifier.verify(statement, [(held[i].premise, held[i].cosines) for i in group])
        good = [(one.probability, i, one.sentences) for i, one in zip(group, verified, strict=True) if one.is_entailed]
        if good:
            most = max(good)[0]
            return Attribution(claim, most, {i: s for p, i, s in good if group is cited or p == most})
        for one in verified:
            if one.probability > best:
                best, unsaid = one.probability, one.unsaid
        if group is cited and len(cited) > 1:
            joint = _jointly(claim, cited, held, verifier)
            if joint.is_carried:
                return joint
            best = max(best, joint.support)
    return Attribution(claim, max(best, 0.0), {}, unsaid)


def _jointly(claim: str, cited: Sequence[int], held: Sequence[Held], verifier: Verifier) -> Attribution:
    """Check a claim against all the passages it cites, taken together."""
    premises = [held[i].premise for i in cited]
    joined = Premise(tuple(s for one in premises for s in one.sentences), " ".join(one.around for one in premises),
                     premises[0].heading)
    [verified] = verifier.verify(Statement(claim), [(joined, [c for i in cited for c in held[i].cosines])])
    if not verified.is_entailed:
        return Attribution(claim, verified.probability, {})
    owner = [(i, s) for i in cited for s in range(len(held[i].premise.sentences))]
    carrying: dict[int, tuple[int, ...]] = {}
    for at in verified.sentences:
        i, sentence = owner[at]
        carrying[i] = tuple(sorted({*carrying.get(i, ()), sentence}))
    return Attribution(claim, verified.probability, carrying)


def _likeliest(statement: Statement, held: Sequence[Held]) -> list[int]:
    """Return the few passages that most likely carry a claim: by shared terms and by meaning."""
    own = statement.terms
    return sorted(range(len(held)), reverse=True, key=lambda i: (
        len(own & held[i].premise.terms) / max(len(own), 1) + max(held[i].cosines, default=0.0)))[:LIKELIEST]
