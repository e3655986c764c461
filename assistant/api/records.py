"""Articles and passages as the API gives them: plain dicts in the shapes of `shapes.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from assistant.service.answering import Answers
from index.filters import Filters
from index.types import Article, Passage, Sentence

HEAD = ("id", "title", "kicker", "subtitle", "byline", "source", "date", "place", "file", "start", "end")


def find(assistant: Answers, query: str, k: int, filters: Filters) -> dict[str, Any]:
    """Return the best `k` passages, searched for as for an answer; `assistant` answers from one version of the index."""
    question, index = assistant.understand(query), assistant.index
    found = index.search(question.text, k, also=question.wordings(), words=question.lexical_terms(), filters=filters)
    return {"index_version": index.version,
            "results": [{**passage_record(r.passage, r.article), "score": round(r.score, 4)} for r in found]}


def passage_record(passage: Passage, article: Article) -> dict[str, Any]:
    """Return a PassageShape."""
    return {
        "id": passage.id, "article_id": article.id, "title": article.title, "source": article.source, "date": article.date,
        "place": passage.place or article.place, "file": article.file,
        "start": passage.start, "end": passage.end, "text": passage.text, "sentences": _sentences(passage.sentences),
    }


def article_record(article: Article) -> dict[str, Any]:
    """Return an ArticleShape."""
    paragraphs = [{"section": p.section, "sentences": _sentences(p.sentences)} for p in article.paragraphs]
    also_in = [asdict(printing) for printing in article.also_in]
    return {name: getattr(article, name) for name in HEAD} | {"paragraphs": paragraphs, "also_in": also_in}


def _sentences(sentences: Sequence[Sentence]) -> list[dict[str, Any]]:
    return [{"text": s.text, "spans": [list(span) for span in s.spans], "place": s.place} for s in sentences]
