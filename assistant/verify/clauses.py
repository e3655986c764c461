"""A claim without the clauses that its premise does not carry: what is left is checked again, and told if it is carried."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.types import Span

SHORTEST = 8
"""Characters that what is left must have, to say something."""
_CLAUSE = re.compile(r"[^，,；;]+(?:[，,；;]+|\Z)")
_END = re.compile(r"[，,；;、\s]+\Z")


def carried_part(claim: str, unsaid: Sequence[Span]) -> str:
    """Return the claim without the clauses that hold one of the ranges `unsaid`; "" where the first clause does, which names
    what the others are about, or where nothing can be left out."""
    clauses = [(m.start(), m.end()) for m in _CLAUSE.finditer(claim)]
    kept = [(start, end) for start, end in clauses if not any(a < end and start < b for a, b in unsaid)]
    if not kept or kept[0][0] or len(kept) == len(clauses):
        return ""
    left = _END.sub("", "".join(claim[start:end] for start, end in kept))
    final = claim[-1] if claim[-1] in "。.!！" else ""
    left += final if not left.endswith(final) else ""
    return left if len(left) >= SHORTEST else ""
