"""Links in the head of a page that only some may see, each to a page of this server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import gradio as gr
from gradio.context import Context

from assistant.auth.accounts.identity import Caller, caller_of
from assistant.templates.environment import escape


@dataclass(frozen=True, slots=True)
class NavLink:
    """`path` is relative to the page; `shown` says to whom the link is of use, which keeps nobody out."""

    path: str
    label: str
    shown: Callable[[Caller], bool]


def add_nav_links(ways: Sequence[NavLink]) -> None:
    """Build the links into the head of the page that is being built; they come when the page has said who asks."""
    links = gr.HTML("", elem_id="lj-links", apply_default_css=False)

    def show(request: gr.Request) -> str:
        caller = caller_of(request.request.scope)
        return "".join(f'<a href="{escape(way.path)}">{escape(way.label)}</a>' for way in ways if way.shown(caller))

    gr.on([Context.root_block.load], show, None, links, show_progress="hidden", api_visibility="private")
