"""Bounds on what a search may find: places, newspapers, dates."""

from __future__ import annotations

from dataclasses import dataclass

from index.types import Article, Passage


@dataclass(frozen=True, slots=True)
class Filters:
    """What may be found; empty means no bound.

    A passage passes when one of its sentences lies in one of `places`, its newspaper is one of `sources`, and its date (ISO)
    is neither before `since` nor after `until`: an article without a date passes no bound of time.
    """

    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def __bool__(self) -> bool:
        return bool(self.places or self.sources or self.since or self.until)

    def allow(self, article: Article, passage: Passage) -> bool:
        """Tell whether the passage of this article passes."""
        if self.sources and article.source not in self.sources:
            return False
        if (self.since or self.until) and not (article.date and self.since <= article.date <= (self.until or "9999")):
            return False
        return not self.places or any(name in self.places for s in passage.sentences for name in s.chain)


UNBOUNDED = Filters()
"""Everything may be found."""
