"""The history: a column with the visitor's conversations, to search, open, rename, delete, export; a drawer on a phone."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Any

import gradio as gr

from assistant.auth.accounts.identity import caller_of
from assistant.chat.conversation import ConversationPane
from assistant.chat.page import Drawn, Page
from assistant.chat.state.history_sync import HistorySync
from assistant.chat.state.session import Session
from assistant.export.report_formats import REPORT_FORMATS
from assistant.locales.loader import LANGUAGES, words
from assistant.storage.conversations import LONGEST_TITLE
from assistant.templates.environment import escape, render

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

    def __init__(self, page: Page, history_sync: HistorySync, conversation: ConversationPane, language: str) -> None:
        self._page, self._history_sync, self._conversation = page, history_sync, conversation
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

    def draw(self, session: Session) -> Drawn:
        text, known = words(session.language).chat, {c.id: c.title for c in session.listed}
        note = "" if session.listed else text["not_found"] if session.searched else text["no_history"]
        return {
            self._column: gr.update(visible=session.history_open), self._new: text["clear"], self._close: text["close"],
            self._search: gr.update(placeholder=text["search_history"], label=text["search_history"]),
            self._list: gr.update(choices=[(title, own) for own, title in known.items()], label=text["history"],
                                  value=session.conversation if session.conversation in known else None),
            # history.js remembers the conversation for when this tab is loaded anew
            self._shown: f'<span data-conversation="{escape(session.conversation or "")}"></span>',
            self._note: f'<p class="lj-empty">{escape(note)}</p>',
            self._about: gr.update(visible=session.conversation is not None),
            self._saves: render("chat/saves_all.html", text=text, formats=REPORT_FORMATS),
            self._rename: text["rename"], self._delete: text["delete"],
            self._naming: gr.update(visible=session.asking == "rename"), self._sure: gr.update(visible=session.asking == "delete"),
            self._title: gr.update(label=text["title_label"]), self._named: text["rename"],
            self._really: text["really_delete"], self._keep: text["cancel"],
            self._toggle: gr.update(value=text["history"], **session.awake()),
        }

    def wire(self) -> None:
        """Listen; every part of the page has been added."""
        on = self._page.on
        on([self._toggle.click], self._turned)
        on([self._close.click], self._turned)
        on([self._search.change], self._look, [self._search], trigger_mode="always_last")
        on([self._new.click], lambda session: self._history_sync.open(session, None))
        self._page.listen([self._list.input], self._open, [self._list, self.told], js=NARROW)
        on([self._rename.click], self._name)
        on([self._named.click, self._title.submit], self._renamed, [self._title])
        on([self._delete.click], lambda session: setattr(session, "asking", "delete"))
        on([self._keep.click], lambda session: setattr(session, "asking", ""))
        on([self._really.click], self._deleted)

    async def opened(self, session: Session, language: str, told: str, request: gr.Request) -> AsyncIterator[Drawn]:
        """Fill the session of a page that has been loaded: its language, its owner, the conversation it showed before."""
        if language in LANGUAGES:
            session.language = language
        try:
            said = json.loads(told or "{}")
            browser, conversation = str(said.get("browser", "")), str(said.get("conversation", ""))
        except (ValueError, AttributeError):
            browser = conversation = ""
        session.owner, session.opened = owner_of(request, browser), True
        self._history_sync.list(session)
        # else an example was pressed faster than this came: that conversation stays, and is not kept
        if not session.entries:
            self._history_sync.open(session, conversation)
        yield self._page.draw(session, full=True)
        async for grown in self._conversation.follow(session):
            yield grown
        async for offered in self._conversation.look_for_offers(session):
            yield offered

    async def _open(self, session: Session, conversation: str | None, narrow: str) -> AsyncIterator[Drawn]:
        """Show a conversation; on a phone the drawer makes room for it, in one event: drawings of two come in any order."""
        session.history_open = session.history_open and not narrow
        if conversation and conversation != session.conversation:
            self._history_sync.open(session, conversation)
            yield self._page.draw(session)
            async for drawn in self._conversation.follow(session):
                yield drawn
        else:
            yield self._page.draw(session)

    def _turned(self, session: Session) -> None:
        session.history_open, session.asking = not session.history_open, ""
        if session.history_open:
            self._history_sync.list(session)

    def _look(self, session: Session, search: str) -> None:
        session.searched = search
        self._history_sync.list(session)

    def _name(self, session: Session) -> Drawn:
        session.asking = "rename"
        return {self._title: gr.update(value=next((c.title for c in session.listed if c.id == session.conversation), ""))}

    def _renamed(self, session: Session, title: str) -> None:
        session.asking = ""
        self._history_sync.rename(session, title)

    def _deleted(self, session: Session) -> None:
        session.asking = ""
        self._history_sync.delete(session)
