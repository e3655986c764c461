"""Pages written in a test, read as a text file is."""

from index.pages.articles import read_articles
from index.types import Article, Source, text_at


def read(*lines: str) -> list[Article]:
    """Return the articles of a page; each sentence stands where it says."""
    text = "\n".join(lines)
    articles = read_articles(Source(file="page.txt", path="page.txt", text=text, sha256="0", encoding="utf-8"))
    for article in articles:
        assert all(text_at(text, s.spans) == s.text for p in article.paragraphs for s in p.sentences)
    return articles
