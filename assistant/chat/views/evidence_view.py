"""Turn answers and their articles into the HTML of the evidence panel (templates/chat); nothing is fetched here.

    panel      every answer of the conversation, one section each (only one shown), then the articles
    card       one passage with its cited sentences in <mark>
    dialog     one whole article, marked for every answer that cites it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby

from markupsafe import Markup

from assistant.answer.reference import PRINTED, Style, reference, reprints
from assistant.chat.views.highlight import Cited, anchor, mark, marked
from assistant.export.build_report import build_report
from assistant.export.report_formats import REPORT_FORMATS
from assistant.export.report_text import as_text
from assistant.locales.loader import Section
from assistant.storage.feedback import LONGEST_COMMENT
from assistant.storage.snapshot import ALSO_FOUND
from assistant.storage.types import Feedback, Reason, Snapshot, Verdict
from assistant.templates.environment import render
from assistant.types import Answer, Citation, Found
from index.types import Article, Passage, Sentence

CONTEXT = 2
"""Sentences shown before and after a cited one; the rest of a long passage is behind "whole article"."""


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """One answer with the passages and articles it names, as they were then; `key` numbers it.

    `kept` tells that it is in the store, where feedback on it is kept too.
    """

    key: int
    answer: Answer
    passages: Mapping[str, Passage]
    articles: Mapping[str, Article]
    kept: bool = False
    feedback: Feedback | None = None

    @staticmethod
    def of(key: int, snapshot: Snapshot, *, kept: bool = False, feedback: Feedback | None = None) -> ShownEvidence:
        return ShownEvidence(key, snapshot.answer, snapshot.passages, snapshot.articles, kept, feedback)


Sections = dict[int, tuple[ShownEvidence, Section, Markup, Markup]]
"""What was drawn of each answer, by its key, and what it was drawn from."""


def panel(conversation: Sequence[ShownEvidence], text: Section, drawn: Sections | None = None, *, waiting: bool = False,
          shown: int = 0, linked: Article | None = None) -> str:
    """Return the whole panel; the section of the answer `shown`, else the last one's, is shown at first.

    `waiting` is for an answer that is to come; `linked` is an article that stands beside those of the answers. `drawn` keeps what no other answer changes of a section, by its key, from one drawing to the next.
    """
    kept = {} if drawn is None else drawn
    for e in conversation:
        if e.key not in kept or kept[e.key][0] is not e or kept[e.key][1] is not text:
            kept[e.key] = (e, text, Markup(_facts(e, text)), Markup(_cards(e, text)))
    articles = {i: article for e in conversation for i, article in e.articles.items()}
    articles |= {linked.id: linked} if linked and linked.id not in articles else {}
    keys = [e.key for e in conversation]
    cited: dict[str, list[Cited]] = {}
    for evidence in conversation:
        for citation in evidence.answer.citations:
            cited.setdefault(citation.article_id, []).append((evidence.key, citation))
    return render("chat/panel.html", text=text, waiting=waiting, shown=shown if shown in keys else max(keys, default=0),
                  sections=[kept[e.key] for e in conversation],
                  articles=[Markup(dialog(article, cited.get(i, []), text)) for i, article in articles.items()])


def dialog(article: Article, cited: Sequence[Cited], text: Section) -> str:
    """Return the whole article, hidden until opened; the page lights the marks of the answer it came from."""
    where = partial(reference, style=Style(PRINTED, text))
    return render("chat/article.html", text=text, article=article, cited=cited, where=where, marked=marked)


def _facts(evidence: ShownEvidence, text: Section) -> str:
    answer = evidence.answer
    return render("chat/facts.html", text=text, key=evidence.key, answer=answer, copied=_copied(answer, text), formats=REPORT_FORMATS,
                  kept=evidence.kept, feedback=evidence.feedback, verdicts=Verdict, reasons=Reason, longest=LONGEST_COMMENT)


def _copied(answer: Answer, text: Section) -> str:
    """Return the plain text that the copy button copies: the answer and its numbered references."""
    return as_text(build_report([answer], language=text["code"], made=date.today())) if answer.citations else ""


def _cards(evidence: ShownEvidence, text: Section) -> str:
    """Return one card for each cited passage, in the order of the numbers, then what was found and not cited."""
    answer, by_passage = evidence.answer, dict[str, list[Citation]]()
    for citation in sorted(answer.citations, key=lambda c: c.number):
        by_passage.setdefault(citation.passage_id, []).append(citation)
    others = [found for found in answer.retrieved if found.passage_id not in by_passage][:ALSO_FOUND]
    return render("chat/cards.html", text=text, key=evidence.key, refused=answer.refused, marked=marked,
                  cards=[Markup(card(evidence, citations, text)) for citations in by_passage.values()],
                  others=[_found(evidence, found, text) for found in others])


def _found(evidence: ShownEvidence, found: Found, text: Section) -> tuple[Found, str, Sequence[Sentence], bool]:
    """Return a passage that was found: where it was printed, its sentences, and whether its article can be opened."""
    article, passage = evidence.articles.get(found.article_id), evidence.passages.get(found.passage_id)
    known = {"source": article.source, "date": article.date} if article else {"source": "", "date": ""}
    where = reference(found, Style(PRINTED, text), **known)
    return found, where, passage.sentences if passage else (), article is not None


def card(evidence: ShownEvidence, citations: Sequence[Citation], text: Section) -> str:
    """Return the card of one passage. The quotes stay even when the index no longer holds the passage."""
    first, key = citations[0], evidence.key
    passage, style = evidence.passages.get(first.passage_id), Style(PRINTED, text)
    body = _in_context(passage, [(key, c) for c in citations]) if passage else Markup()
    quotes = [mark(c.quote, [(key, c)], [anchor(key, c)]) for c in citations if f'id="{anchor(key, c)}"' not in body]
    return render("chat/card.html", text=text, key=key, citations=citations, printed=reference(first, style), body=body,
                  quotes=quotes, is_gone=first.article_id not in evidence.articles,
                  also=reprints(first.also_in, text["code"], style), back=anchor(key, first))


def _in_context(passage: Passage, cited: Sequence[Cited]) -> Markup:
    """Return the passage's cited sentences with those around them; … stands for what is left out."""
    hit = [
        any(start < s.end and s.start < end for _, c in cited for start, end in c.spans) for s in passage.sentences
    ]
    shown = [any(hit[max(0, at - CONTEXT) : at + CONTEXT + 1]) for at in range(len(hit))]
    parts = []
    for keep, run in groupby(zip(shown, passage.sentences, strict=True), key=lambda pair: pair[0]):
        sentences = [sentence for _, sentence in run]
        parts.append(marked(sentences, cited, anchors=True) if keep else Markup('<span class="lj-cut"> … </span>'))
    return Markup().join(parts) if any(shown) else Markup()
