"""The head of a page: its name, the links to the other pages, the switches of language and light."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from assistant.chat.page import Drawn, Page
from assistant.chat.state.session import Session
from assistant.locales.loader import LANGUAGES, words
from assistant.templates.environment import render


class Header:
    """The title, what `links` builds, and two switches; the language chosen is remembered by the browser."""

    def __init__(self, page: Page, language: str, links: Callable[[], None]) -> None:
        self._page = page
        self.kept = gr.BrowserState("", storage_key="linjian-language", secret="not secret: a language")
        with gr.Row(elem_id="lj-header") as self.row:
            self._title = gr.HTML(title(language), apply_default_css=False)
            links()
            self._light = gr.HTML(light(language), elem_id="lj-light", apply_default_css=False)
            other = words(_other(language)).shared["language_name"]
            self._switch = gr.Button(other, size="sm", elem_id="lj-language", min_width=60, scale=0)

    def components(self) -> Sequence[Any]:
        return [self._title, self._light, self._switch, self.kept]

    def draw(self, session: Session) -> Drawn:
        return {self._title: title(session.language), self._light: light(session.language),
                self._switch: words(_other(session.language)).shared["language_name"]}

    def wire(self) -> None:
        """Listen; every part of the page has been added."""
        self._page.on([self._switch.click], self._switched, full=True)

    def _switched(self, session: Session) -> Drawn:
        session.language = _other(session.language)
        return {self.kept: session.language}


def _other(language: str) -> str:
    return next(other for other in LANGUAGES if other != language)


def title(language: str) -> str:
    """Return the head in a language; chat.js gives the document that language."""
    return render("chat/title.html", text=words(language).chat)


def light(language: str) -> str:
    """Return the button for light and dark; chat.js makes it work."""
    return render("light.html", text=words(language).chat)
