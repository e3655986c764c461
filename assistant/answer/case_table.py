"""An answer's statements laid out by case: which place, what it did, what came of it, and the sources."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.question.forms import Form
from assistant.types import Answer, Citation, Claim
from index.text.normalize import matching_form
from index.text.places import community_in

_OUTCOME = re.compile(
    r"(?:目前|如今|现在|至今|截至|累计|一年(?:后|来|下来)|半年(?:后|来)|[已早]经?(?:全部|完成|退出)|从[^,。]{1,12}[升降增减提涨]|"
    r"[升降增减提涨](?:到|至|为|了|高|加|少)|达(?:到)?\d|(?:收缴|满意|覆盖|入住|上座)率|再(?:也)?没有?|不再|解决了|投诉|结余|"
    r"节省|受益|惠及|服务.{0,6}人次)|\b(?:now|since then|so far|rose|fell|dropped|saved|increased|reduced)\b", re.I)
"""Words that tell what came of a measure, where a language model wrote the statement."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """What an answer says of one place: `done` are the statements of what it did, `outcome` those of what came of it."""

    place: str
    done: tuple[Claim, ...]
    outcome: tuple[Claim, ...]
    sources: tuple[Citation, ...]


def case_rows(answer: Answer) -> tuple[CaseRow, ...]:
    """Return the rows of a list of cases or a comparison; () where the answer is neither or tells of one place only."""
    if answer.refused or answer.form not in (Form.CASES, Form.COMPARE):
        return ()
    articles = {c.number: c.article_id for c in answer.citations}
    grouped: dict[str, list[Claim]] = {}
    for claim in answer.claims:
        if claim.supported:
            key = community_in(claim.place) or claim.place or " ".join(articles[n] for n in claim.citations)
            grouped.setdefault(key, []).append(claim)
    rows = tuple(_row(claims, answer) for claims in grouped.values())
    return rows if len(rows) > 1 else ()


def _row(claims: list[Claim], answer: Answer) -> CaseRow:
    place = min((claim.place for claim in claims), key=len)
    outcome = tuple(claim for claim in claims[1:] if (
        claim.role == "result" if claim.role else _OUTCOME.search(matching_form(claim.text))))
    cited = {number for claim in claims for number in claim.citations}
    return CaseRow(place, tuple(claim for claim in claims if claim not in outcome), outcome,
                   tuple(c for c in answer.citations if c.number in cited))
