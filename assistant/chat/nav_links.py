"""Links in the head of a page that only some may see, each to a page of this server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import gradio as gr
from gradio.context import Context

from assistant.auth.accounts.identity import Caller, caller_of
from assistant.locales.loader import words
from assistant.templates.environment import escape


@dataclass(frozen=True, slots=True)
class NavLink:
    """`paths` are relative to the page and `labels` what the link is called, each by language; `shown` says to whom it is of
    use, which keeps nobody out."""

    paths: Mapping[str, str]
    labels: Mapping[str, str]
    shown: Callable[[Caller], bool]


def add_nav_links(ways: Sequence[NavLink]) -> None:
    """Build the links into the head of the page that is being built; they come when the page has said who asks, in every
    language, and chat.js shows those of the page's."""
    links = gr.HTML("", elem_id="lj-links", apply_default_css=False)

    def show(request: gr.Request) -> str:
        caller = caller_of(request.request.scope)
        links = ((spoken, way) for way in ways if way.shown(caller) for spoken in way.labels)
        return "".join(f'<a href="{escape(way.paths[spoken])}" lang="{words(spoken).shared["lang"]}">'
                       f'{escape(way.labels[spoken])}</a>' for spoken, way in links)

    gr.on([Context.root_block.load], show, None, links, show_progress="hidden", api_visibility="private")
