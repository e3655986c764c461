"""Cases as a version stores them: JSON that names the sentences by passage and number, so that no text stands twice."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from index.types import Case, CaseSentence, Passage, SentenceRole


def pack_cases(cases: Sequence[Case], passages: Mapping[str, Passage]) -> bytes:
    """Return the cases of a shard; `passages` holds those of their sentences, by id."""
    number = {(p.id, s.start): n for p in passages.values() for n, s in enumerate(p.sentences)}
    rows = [{"id": case.id, "article": case.article_id, "chain": case.chain,
             "sentences": [[s.passage_id, number[s.passage_id, s.sentence.start], s.role] for s in case.sentences]}
            for case in cases]
    return json.dumps(rows, ensure_ascii=False).encode()


def unpack_cases(packed: bytes, passages: Mapping[str, Passage], article_id: str = "") -> list[Case]:
    """Return what `pack_cases` packed, or those of one article alone; ValueError or LookupError when it was damaged."""
    return [Case(id=row["id"], article_id=row["article"], chain=tuple(row["chain"]), sentences=tuple(
        CaseSentence(i, passages[i].sentences[n], SentenceRole(role)) for i, n, role in row["sentences"]))
        for row in json.loads(packed) if article_id in ("", row["article"])]
