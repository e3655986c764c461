"""Answers about the articles as a whole, out of the catalog and never out of an article: which, from when, how many on what.

The same words tell who the assistant is and what it can be asked.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.answer.answer_text import escaped
from assistant.question.forms import Form
from assistant.question.understand import Question
from index.search.engine import SearchIndex
from index.search.facets import Facets
from index.text.normalize import fold
from index.types import Article
from prompts.prompt_loader import phrases

NAMED = 8
"""Newspapers that are named, the largest first, and articles about a place."""
BEGINNING = 16
"""Characters that stand for the headline of an article that has none."""


def library_text(question: Question, index: SearchIndex) -> str:
    """Return what there is to say of the library, or to somebody who only greets or thanks, in the question's language."""
    words = phrases(question.language).library
    if question.form is Form.CHAT:
        return words["greeting"]
    facets = index.facets
    lines = [words["who"], words["holds"].format(articles=facets.articles, cases=len(index.cases)), *_papers(facets, words),
             *_months(facets, index, words), *_topics(question, index, words), *_places(question, index, words),
             words["ask"], words["add"]]
    return "\n\n".join(lines)


def _papers(facets: Facets, words: Mapping[str, str]) -> list[str]:
    named = [words["counted"].format(name=name, count=count) for name, count in facets.sources[:NAMED]]
    if not named:
        return []
    more = words["more_papers"].format(count=len(facets.sources) - NAMED) if len(facets.sources) > NAMED else ""
    return [words["papers"].format(papers=words["listed"].join(named)) + more]


def _months(facets: Facets, index: SearchIndex, words: Mapping[str, str]) -> list[str]:
    if not facets.months:
        return []
    latest, count = facets.months[-1]
    newest = max(article.date for article in index.articles())
    told = words["months"].format(first=facets.months[0][0], last=latest, count=count, newest=newest)
    return [told + (words["undated"].format(count=facets.undated) if facets.undated else "")]


def _topics(question: Question, index: SearchIndex, words: Mapping[str, str]) -> list[str]:
    """Return for each topic of the question how many articles speak of it in any of its wordings."""
    out = []
    for match in question.topics:
        wordings = [fold(w) for w in (*match.topic.zh, match.wording)]
        count = len({p.article_id for p in index.passages() if any(w in fold(p.text) for w in wordings)})
        name = (match.topic.zh if question.language == "zh" else match.topic.en)[0]
        out.append(words["topic"].format(topic=name, count=count))
    return out


def _places(question: Question, index: SearchIndex, words: Mapping[str, str]) -> list[str]:
    """Return for each place that the question names which articles speak of it, the newest first."""
    out = []
    for mention in question.mentions:
        speaking = {p.article_id for p in index.passages() if any(name in s.place for s in p.sentences for name in mention)}
        articles = sorted((index.article(i) for i in speaking), key=lambda a: a.date, reverse=True)
        titles = words["listed"].join(escaped(_title(article, words)) for article in articles[:NAMED])
        more = words["and_more"] if len(articles) > NAMED else ""
        out.append(words["place"].format(place=mention[0], count=len(articles), titles=titles) + more)
    return out


def _title(article: Article, words: Mapping[str, str]) -> str:
    """Return the headline with the day, or the beginning of what has none."""
    start = article.paragraphs[0].sentences[0].text[:BEGINNING] if article.paragraphs else ""
    title = f"《{article.title}》" if article.title else words["untitled"].format(start=start)
    return f"{title}{article.date}"
