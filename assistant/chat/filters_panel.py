"""The filters: which places, newspapers and months an answer may come from, with counts, and a chip for each that is set."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from assistant.chat.page import Drawn, Page
from assistant.chat.state.answer_stream import PageIndex
from assistant.chat.state.session import Session
from assistant.locales.loader import words
from index.search.filters import Filters

_INDENT = "\u2003"


class FiltersPanel:
    """Sits between the conversation and the box; what is chosen goes into the session's `Filters`."""

    def __init__(self, page: Page, index: Callable[[], PageIndex], language: str) -> None:
        self._page, self._index = page, index
        text, choices = words(language).chat, self._choices(language)
        self._chips = gr.CheckboxGroup([], label=text["chips"], show_label=False, container=False, visible=False,
                                       elem_id="lj-chips")
        with gr.Accordion(text["filters"], open=False, elem_id="lj-filters") as self._fold:
            with gr.Row():
                several = {"multiselect": True, "value": [], "min_width": 200}
                self._places = gr.Dropdown(choices["places"], label=text["places"], **several)
                self._sources = gr.Dropdown(choices["sources"], label=text["sources"], **several)
            with gr.Row():
                self._since = gr.Dropdown(choices["since"], label=text["since"], value="", min_width=120)
                self._until = gr.Dropdown(choices["until"], label=text["until"], value="", min_width=120)
            self._count = gr.HTML("", elem_id="lj-count", apply_default_css=False)

    def components(self) -> Sequence[Any]:
        return [self._chips, self._fold, self._places, self._sources, self._since, self._until, self._count]

    def draw(self, session: Session) -> Drawn:
        text, chosen = words(session.language).chat, session.filters
        chips = _chips(chosen, text)
        return {
            self._chips: gr.update(choices=chips, value=[value for _, value in chips], visible=bool(chips),
                                   label=text["chips"]),
            self._fold: gr.update(label=f"{text['filters']} · {_count(session)}" if chosen else text["filters"]),
            self._places: gr.update(value=list(chosen.places), label=text["places"]),
            self._sources: gr.update(value=list(chosen.sources), label=text["sources"]),
            self._since: gr.update(value=chosen.since[:7], label=text["since"]),
            self._until: gr.update(value=chosen.until[:7], label=text["until"]),
            self._count: f'<p role="status">{_count(session)}</p>',
        }

    def refresh(self, session: Session) -> Drawn:
        """Return the choices too, of the index as it is now: for a page that is opened or speaks another language."""
        choices, drawn = self._choices(session.language), self.draw(session)
        for component, name in ((self._places, "places"), (self._sources, "sources"), (self._since, "since"),
                                (self._until, "until")):
            drawn[component]["choices"] = choices[name]
        return drawn

    def wire(self) -> None:
        """Listen; every part of the page has been added."""
        chosen = [self._places, self._sources, self._since, self._until]
        self._page.on([c.input for c in chosen], self._choose, chosen)
        self._page.on([self._chips.input], self._keep, [self._chips])

    def _choose(self, session: Session, places: list[str], sources: list[str], since: str, until: str) -> None:
        self._bound(session, Filters(tuple(places), tuple(sources), f"{since}-01" if since else "", _last_day(until)))

    def _keep(self, session: Session, chips: list[str]) -> None:
        """Take away the filters whose chips were removed."""
        old = session.filters
        self._bound(session, Filters(
            tuple(p for p in old.places if f"place {p}" in chips), tuple(s for s in old.sources if f"source {s}" in chips),
            old.since if "since" in chips else "", old.until if "until" in chips else ""))

    def _bound(self, session: Session, filters: Filters) -> None:
        session.filters = filters
        session.selected = self._index().selected(filters) if filters else None

    def _choices(self, language: str) -> dict[str, list[tuple[str, str]]]:
        text, facets = words(language).chat, self._index().facets
        places: dict[str, str] = {}
        for place in facets.places:
            for depth, node in place.walk():
                places.setdefault(node.name, f"{_INDENT * depth}{node.name} ({node.count})")
        months = [(f"{month} ({count})", month) for month, count in facets.months]
        anytime = [(text["any_time"], "")]
        return {
            "places": [(label, name) for name, label in places.items()],
            "sources": [(f"{name} ({count})", name) for name, count in facets.sources],
            "since": anytime + months, "until": anytime + months[::-1],
        }


def _chips(filters: Filters, text: dict[str, str]) -> list[tuple[str, str]]:
    months = [(text[word].format(month=day[:7]), value) for word, value, day in (
        ("from_month", "since", filters.since), ("to_month", "until", filters.until)) if day]
    return [*((p, f"place {p}") for p in filters.places), *((s, f"source {s}") for s in filters.sources), *months]


def _count(session: Session) -> str:
    text = words(session.language).chat
    if session.selected is None:
        return text["all_articles"]
    return text["selected"].format(count=session.selected) if session.selected else text["none_selected"]


def _last_day(month: str) -> str:
    """Return the last day of a month (YYYY-MM) in ISO form; "" for ""."""
    return f"{month}-{monthrange(int(month[:4]), int(month[5:7]))[1]:02}" if month else ""
