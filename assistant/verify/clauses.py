"""A claim without the clauses that its premise does not carry: what is left is checked again, and told if it is carried."""

from __future__ import annotations

import re
from collections.abc import Sequence

import rjieba

from index.types import Span

SHORTEST = 8
"""Characters that what is left must have, to say something."""
_CLAUSE = re.compile(r"(?:[^，,；;]|(?<=\d),(?=\d{3}))+(?:[，,；;]+|\Z)")
_END = re.compile(r"[，,；;、\s]+\Z")


def carried_part(claim: str, unsaid: Sequence[Span]) -> str:
    """Return the claim without the clauses that hold one of the ranges `unsaid`; "" where the first clause does, which names
    what the others are about, or where nothing can be left out."""
    clauses = [(m.start(), m.end()) for m in _CLAUSE.finditer(claim)]
    kept = [(start, end) for start, end in clauses if not any(a < end and start < b for a, b in unsaid)]
    if not kept or kept[0][0] or len(kept) == len(clauses) or not _says_something(claim, kept):
        return ""
    left = _END.sub("", "".join(claim[start:end] for start, end in kept))
    final = claim[-1] if claim[-1] in "。.!！" else ""
    left += final if not left.endswith(final) else ""
    return left if len(left) >= SHORTEST else ""


def _says_something(claim: str, kept: Sequence[Span]) -> bool:
    """Tell whether what is left is a sentence: 虽然没有物业 leads to what is gone, 在街道的支持下 tells no deed."""
    tags = [tag for _, tag in rjieba.tag("".join(claim[start:end] for start, end in kept)) if tag[:1] not in ("x", "w")]
    leads = len(kept) == 1 and tags[:1] == ["c"]
    return bool(tags) and not leads and not (len(kept) == 1 and tags[0] == "p" and tags[-1] == "f")
