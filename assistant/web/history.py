"""The history: a column with the visitor's conversations, to search, open, rename, delete, export; a drawer on a phone."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Any

import gradio as gr

from assistant.export.report_formats import REPORT_FORMATS
from assistant.guard.caller import caller_of
from assistant.locales.loader import LANGUAGES, words
from assistant.store.conversations import LONGEST_TITLE
from assistant.templates.environment import escape, render
from assistant.web.desk import Desk, Drawn
from assistant.web.memory import Memory
from assistant.web.session import Session
from assistant.web.talk import Talk

TOLD = """(...inputs) => {
  const get = (store, name) => { try { return store.getItem(name) || ""; } catch { return ""; } };
  let id = get(localStorage, "linjian-browser");
  if (!id) {
    id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
    try { localStorage.setItem("linjian-browser", id); } catch { /* then until the page is left */ }
  }
  inputs[inputs.length - 1] = JSON.stringify({ browser: id, conversation: get(sessionStorage, "linjian-conversation") });
  return inputs;
}"""
"""What a page that is loaded tells: which browser it is in, and which conversation this tab showed before."""
NARROW = """(...inputs) => {
  inputs[inputs.length - 1] = innerWidth < 900 ? "narrow" : "";
  return inputs;
}"""
"""What a page tells that opens a conversation: whether the history covers it, as a drawer on a phone does."""
_BROWSER = re.compile(r"[0-9a-f]{32}")


def owner_of(request: gr.Request, browser: str) -> str:
    """Return whose conversations a page shows: the caller's, or where nobody signs in, the browser's."""
    caller = caller_of(request.request.scope)
    if caller.kind != "local":
        return caller.id
    return f"browser:{browser}" if _BROWSER.fullmatch(browser) else f"browser:{secrets.token_hex(16)}"


class History:
    """The left column. Everything in it is drawn from the session."""

    def __init__(self, desk: Desk, memory: Memory, talk: Talk, language: str) -> None:
        self._desk, self._memory, self._talk = desk, memory, talk
        text = words(language).chat
        self.told = gr.Textbox("", visible="hidden", elem_id="lj-told", label="told")
        self._shown = gr.HTML("", elem_id="lj-shown", apply_default_css=False)
        with gr.Column(elem_id="lj-history", visible=False, min_width=0) as self._column:
            with gr.Row(elem_id="lj-history-head"):
                self._new = gr.Button(text["clear"], size="sm", elem_id="lj-new", variant="primary", min_width=80)
                self._close = gr.Button(text["close"], size="sm", elem_id="lj-history-close", min_width=60, scale=0)
            self._search = gr.Textbox("", label=text["search_history"], placeholder=text["search_history"], show_label=False,
                                      container=False, max_lines=1, elem_id="lj-history-search")
            self._list = gr.Radio([], label=text["history"], show_label=False, container=False, elem_id="lj-conversations")
            self._note = gr.HTML("", elem_id="lj-history-note", apply_default_css=False)
            with gr.Column(visible=False, elem_id="lj-about", min_width=0) as self._about:
                self._saves = gr.HTML("", apply_default_css=False)
                with gr.Row():
                    self._rename = gr.Button(text["rename"], size="sm", elem_id="lj-rename", min_width=60)
                    self._delete = gr.Button(text["delete"], size="sm", elem_id="lj-delete", min_width=60)
                with gr.Row(visible=False) as self._naming:
                    self._title = gr.Textbox("", label=text["title_label"], max_length=LONGEST_TITLE, max_lines=1,
                                             elem_id="lj-title")
                    self._named = gr.Button(text["rename"], size="sm", min_width=60, elem_id="lj-named")
                with gr.Row(visible=False) as self._sure:
                    self._really = gr.Button(text["really_delete"], size="sm", variant="stop", elem_id="lj-really",
                                             min_width=100)
                    self._keep = gr.Button(text["cancel"], size="sm", min_width=60, elem_id="lj-keep")

    def add_toggle(self, language: str) -> None:
        """Build the button that shows and hides the column, where it is called."""
        self._toggle = gr.Button(words(language).chat["history"], size="sm", elem_id="lj-history-toggle", min_width=60,
                                 scale=0, interactive=False)

    def components(self) -> Sequence[Any]:
        return [
            self._shown, self._column, self._new, self._close, self._search, self._list, self._note, self._about,
            self._saves, self._rename, self._delete, self._naming, self._title, self._named, self._sure, self._really,
            self._keep, self._toggle,
        ]

    def draw(self, now: Session) -> Drawn:
        text, known = words(now.language).chat, {c.id: c.title for c in now.listed}
        note = "" if now.listed else text["not_found"] if now.searched else text["no_history"]
        return {
            self._column: gr.update(visible=now.history_open), self._new: text["clear"], self._close: text["close"],
            self._search: gr.update(placeholder=text["search_history"], label=text["search_history"]),
            self._list: gr.update(choices=[(title, own) for own, title in known.items()], label=text["history"],
                                  value=now.conversation if now.conversation in known else None),
            # history.js remembers the conversation for when this tab is loaded anew
            self._shown: f'<span data-conversation="{escape(now.conversation or "")}"></span>',
            self._note: f'<p class="lj-empty">{escape(note)}</p>',
            self._about: gr.update(visible=now.conversation is not None),
            self._saves: render("chat/saves_all.html", text=text, formats=REPORT_FORMATS),
            self._rename: text["rename"], self._delete: text["delete"],
            self._naming: gr.update(visible=now.asking == "rename"), self._sure: gr.update(visible=now.asking == "delete"),
            self._title: gr.update(label=text["title_label"]), self._named: text["rename"],
            self._really: text["really_delete"], self._keep: text["cancel"],
            self._toggle: gr.update(value=text["history"], **now.awake()),
        }

    def wire(self) -> None:
        """Listen; every part of the page has been added."""
        on = self._desk.on
        on([self._toggle.click], self._turned)
        on([self._close.click], self._turned)
        on([self._search.change], self._look, [self._search], trigger_mode="always_last")
        on([self._new.click], lambda now: self._memory.open(now, None))
        self._desk.listen([self._list.input], self._open, [self._list, self.told], js=NARROW)
        on([self._rename.click], self._name)
        on([self._named.click, self._title.submit], self._renamed, [self._title])
        on([self._delete.click], lambda now: setattr(now, "asking", "delete"))
        on([self._keep.click], lambda now: setattr(now, "asking", ""))
        on([self._really.click], self._deleted)

    async def opened(self, now: Session, language: str, told: str, request: gr.Request) -> AsyncIterator[Drawn]:
        """Fill the session of a page that has been loaded: its language, its owner, the conversation it showed before."""
        if language in LANGUAGES:
            now.language = language
        try:
            said = json.loads(told or "{}")
            browser, conversation = str(said.get("browser", "")), str(said.get("conversation", ""))
        except (ValueError, AttributeError):
            browser = conversation = ""
        now.owner, now.opened = owner_of(request, browser), True
        self._memory.list(now)
        if not now.entries:  # else an example was pressed faster than this came: that conversation stays, and is not kept
            self._memory.open(now, conversation)
        yield self._desk.draw(now, full=True)
        async for grown in self._talk.follow(now):
            yield grown
        async for offered in self._talk.look_for_offers(now):
            yield offered

    async def _open(self, now: Session, conversation: str | None, narrow: str) -> AsyncIterator[Drawn]:
        """Show a conversation; on a phone the drawer makes room for it, in one event: drawings of two come in any order."""
        now.history_open = now.history_open and not narrow
        if conversation and conversation != now.conversation:
            self._memory.open(now, conversation)
            yield self._desk.draw(now)
            async for drawn in self._talk.follow(now):
                yield drawn
        else:
            yield self._desk.draw(now)

    def _turned(self, now: Session) -> None:
        now.history_open, now.asking = not now.history_open, ""
        if now.history_open:
            self._memory.list(now)

    def _look(self, now: Session, search: str) -> None:
        now.searched = search
        self._memory.list(now)

    def _name(self, now: Session) -> Drawn:
        now.asking = "rename"
        return {self._title: gr.update(value=next((c.title for c in now.listed if c.id == now.conversation), ""))}

    def _renamed(self, now: Session, title: str) -> None:
        now.asking = ""
        self._memory.rename(now, title)

    def _deleted(self, now: Session) -> None:
        now.asking = ""
        self._memory.delete(now)
