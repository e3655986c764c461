"""What of claims about pages is shown as supported: linjian eval claims PAGES CLAIMS

CLAIMS holds lines of `id`, `question`, `claim`, `supported` and `category`. A scripted language model answers the question
with the claim alone, citing the first passage it is shown; the assistant checks it as it checks any answer. Only a claim
that is shown whole counts as shown.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from assistant.assistant import Assistant
from assistant.evidence.reranker import Reranker
from assistant.llm.model import LanguageModel
from assistant.types import Ask
from assistant.verify.verify import Verifier
from eval.datasets.types import SuiteError
from index.embedding.encoder import Encoder
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """A claim, whether it is true of the pages, and whether it was shown as supported."""

    category: str
    claim: str
    supported: bool
    shown: bool


def measure_claims(pages: Path, claims: Path, encoder: Encoder, reranker: Reranker | None, verifier: Verifier,
                   home: Path) -> Iterator[ShownClaim]:
    """Yield each claim; SuiteError names a line that is none."""
    Corpus(home, encoder).add([pages])
    saying: list[str] = []
    chat = GenericFakeChatModel(messages=(AIMessage(saying.pop()) for _ in count()))
    assistant = Assistant(SearchIndex.open(home, encoder), reranker=reranker, verifier=verifier,
                          model=LanguageModel(chat, name="scripted"))
    for number, line in enumerate(claims.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            question, claim, supported = row["question"], row["claim"], bool(row["supported"])
        except (ValueError, KeyError, TypeError) as error:
            raise SuiteError(f"{str(claims)!r}, line {number}: {error!r}. A claim has question, claim and supported."
                             ) from error
        saying[:] = [f"{claim}[1]"]
        told = assistant.invoke(Ask(question)).claims
        yield ShownClaim(row.get("category", ""), claim, supported, any(c.supported and c.text == claim for c in told))


def shares(shown: list[ShownClaim]) -> dict[str, tuple[int, int]]:
    """Return by category, and over all true and all false ones, how many claims are shown and how many there are."""
    out: dict[str, list[bool]] = defaultdict(list)
    for one in shown:
        out["all that are true" if one.supported else "all that are false"].append(one.shown)
        out[one.category].append(one.shown)
    return {name: (sum(values), len(values)) for name, values in out.items()}
