"""What a case is about, in one word of the glossary: the group whose topics its headline and sentences mention most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from index.search.glossary import Glossary

OTHER = ("其他", "Other")
"""The group of cases that mention none of the glossary."""
HEADLINE = 2
"""A topic of the headline counts as in so many sentences."""
Group = tuple[str, str]
"""The Chinese and the English name."""


def topic_of(title: str, sentences: Sequence[str], glossary: Glossary) -> Group:
    """Return the group that is mentioned most, of equal ones the one that is mentioned first."""
    counted: Counter[Group] = Counter()
    for text, weight in ((title, HEADLINE), *((text, 1) for text in sentences)):
        for match in glossary.find(text):
            if any(match.topic.group):
                counted[match.topic.group] += weight
    return counted.most_common(1)[0][0] if counted else OTHER
