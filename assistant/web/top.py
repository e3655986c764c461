"""The head of a page: its name, the links to the other pages, the switches of language and light."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from assistant.web.desk import Desk, Drawn
from assistant.web.marks import escape
from assistant.web.session import Session
from assistant.web.text import WORDS, words


class Top:
    """The title, what `links` builds, and two switches; the language chosen is remembered by the browser."""

    def __init__(self, desk: Desk, language: str, links: Callable[[], None]) -> None:
        self._desk = desk
        self.kept = gr.BrowserState("", storage_key="linjian-language", secret="not secret: a language")
        with gr.Row(elem_id="lj-top") as self.row:
            self._title = gr.HTML(title(language), apply_default_css=False)
            links()
            self._light = gr.HTML(light(language), elem_id="lj-light", apply_default_css=False)
            other = words(language)["other_language"]
            self._switch = gr.Button(other, size="sm", elem_id="lj-language", min_width=60, scale=0)

    def components(self) -> Sequence[Any]:
        return [self._title, self._light, self._switch, self.kept]

    def draw(self, now: Session) -> Drawn:
        return {self._title: title(now.language), self._light: light(now.language),
                self._switch: words(now.language)["other_language"]}

    def wire(self) -> None:
        """Listen; every part of the page has been added."""
        self._desk.on([self._switch.click], self._other, full=True)

    def _other(self, now: Session) -> Drawn:
        now.language = next(language for language in WORDS if language != now.language)
        return {self.kept: now.language}


def title(language: str) -> str:
    """Return the head in a language; chat.js gives the document that language."""
    text = words(language)
    return f'<h1 lang="{text["lang"]}">{text["title"]}</h1><p>{text["tagline"]}</p>'


def light(language: str) -> str:
    """Return the button for light and dark; chat.js makes it work."""
    word = escape(words(language)["light"])
    return f'<button type="button" title="{word}" aria-label="{word}"><span aria-hidden="true">\u25d0</span></button>'
