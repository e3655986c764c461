"""A page's text to labelled lines, articles, sentences with their places, and passages."""

__all__ = [
    "articles",
    "captions",
    "english",
    "headings",
    "headlines",
    "layout",
    "line_labels",
    "line_reasons",
    "masthead",
    "page_labels",
    "passages",
    "sentence_places",
]
