"""POST /api/v1/verify: claims of anybody checked against passages of anybody, or against articles of the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from assistant.api.types import PRINTED, Given, Name, Span, Taken
from assistant.service.answering import Answers
from assistant.verify.attribution import Attribution
from assistant.verify.claim_check import CheckedText, CitedClaim, checked_article
from index.types import Passage

MOST_CLAIMS, MOST_PASSAGES, MOST_ARTICLES = 50, 50, 10
LONGEST_CLAIM, LONGEST_PASSAGE, LONGEST_HEADING = 1000, 4000, 300

Number = Annotated[int, Field(ge=1, le=MOST_PASSAGES)]


class ClaimTaken(Taken):
    """A sentence to be checked."""

    text: str = Field(min_length=1, max_length=LONGEST_CLAIM, pattern=PRINTED)
    cited: list[Number] = Field([], max_length=MOST_PASSAGES, description=(
        "numbers, from 1, of the passages sent that it names, which are looked at first; others count for nothing"))


class PassageTaken(Taken):
    """A text that may carry claims."""

    text: str = Field(min_length=1, max_length=LONGEST_PASSAGE, pattern=PRINTED)
    heading: str = Field("", max_length=LONGEST_HEADING, description="what is printed around it: headline, place, date")


class VerifyTaken(Taken):
    """Claims, and what they are checked against: passages that are sent along, articles of the index, or both."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [
        {"required": [name], "properties": {name: {"minItems": 1}}} for name in ("passages", "articles")], "examples": [
        {"claims": [{"text": "居民每户每月交30元。", "cited": [1]}],
         "passages": [{"text": "大家商定，每户每月交20元，账目每季度贴出来。", "heading": "青槐社区"}]}]})

    claims: list[ClaimTaken] = Field(min_length=1, max_length=MOST_CLAIMS)
    passages: list[PassageTaken] = Field([], max_length=MOST_PASSAGES)
    articles: list[Name] = Field([], max_length=MOST_ARTICLES, description="ids of articles of the index")

    @model_validator(mode="after")
    def _complete(self) -> VerifyTaken:
        if not self.passages and not self.articles:
            raise ValueError("give passages or articles that the claims are checked against")
        return self


class SourceShape(Given):
    """A text that carries a claim: the number, from 1, of a passage that was sent, or a passage of the index."""

    passage: int | None
    passage_id: str | None
    article_id: str | None
    quote: str = Field(description="the sentences that carry it")


class VerifiedShape(Given):
    """What of a claim is carried."""

    text: str
    supported: bool = Field(description="all of it is carried")
    carried: str = Field(description='what of it is carried: all, some of its clauses, or ""')
    support: float = Field(ge=0, le=1)
    unsaid: list[Span] = Field(description="ranges of its characters that no text says, where that is known")
    sources: list[SourceShape]


class VerificationShape(Given):
    """The claims in their order, checked."""

    index_version: str
    claims: list[VerifiedShape]


@dataclass(frozen=True, slots=True)
class _Source:
    text: CheckedText
    number: int | None = None
    passage: Passage | None = None

    def shape(self, sentences: Sequence[int]) -> SourceShape:
        return SourceShape(passage=self.number, passage_id=self.passage and self.passage.id,
                           article_id=self.passage and self.passage.article_id,
                           quote="".join(self.text.premise.sentences[i] for i in sorted(sentences)))


def verify(assistant: Answers, asked: VerifyTaken) -> VerificationShape:
    """Check the claims; NotFound when an article is not in the index."""
    checker = assistant.checker
    sources = [_Source(checker.text(one.text, one.heading), number=n) for n, one in enumerate(asked.passages, start=1)]
    for article in dict.fromkeys(asked.articles):
        sources += [_Source(text, passage=passage) for passage, text in checked_article(assistant.index, article)]
    sent = len(asked.passages)
    claims = [CitedClaim(claim.text, tuple(n - 1 for n in claim.cited if n <= sent)) for claim in asked.claims]
    found = checker.check(claims, [source.text for source in sources])
    return VerificationShape(index_version=assistant.index.version, claims=[
        _verified(claim.text, one, sources) for claim, one in zip(asked.claims, found, strict=True)])


def _verified(text: str, found: Attribution, sources: Sequence[_Source]) -> VerifiedShape:
    return VerifiedShape(
        text=text, supported=found.is_carried and found.text == text, carried=found.text if found.is_carried else "",
        support=round(found.support, 4), unsaid=[list(span) for span in found.unsaid],
        sources=[sources[i].shape(sentences) for i, sentences in sorted(found.sentences.items())])
