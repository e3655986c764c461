"""The history: a column with the visitor's conversations, to search, open, rename, delete, export; a drawer on a phone."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import gradio as gr

from assistant.auth.accounts.identity import caller_of
from assistant.chat.conversation import ConversationPane
from assistant.chat.page import Drawn, Page
from assistant.chat.state.history_sync import HistorySync
from assistant.chat.state.session import Session
from assistant.chat.views.history_view import conversation_list
from assistant.locales.loader import LANGUAGES, accepted_language, words
from assistant.storage.conversations import MOST_TURNS
from assistant.templates.environment import escape
from index.errors import NotFound
from index.types import Article

TOLD = """(...inputs) => {
  const get = (store, name) => { try { return store.getItem(name) || ""; } catch { return ""; } };
  let id = get(localStorage, "linjian-browser");
  if (!id) {
    id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
    try { localStorage.setItem("linjian-browser", id); } catch { /* then until the page is left */ }
  }
  const named = new URLSearchParams(location.hash.slice(1));
  const kept = named.has("article") ? "" : get(sessionStorage, "linjian-conversation");
  inputs[inputs.length - 1] = JSON.stringify({ browser: id, conversation: named.get("conversation") || kept,
    turn: Number(named.get("answer")) || 0, article: named.get("article") || "" });
  return inputs;
}"""
"""What a page that is loaded tells: which browser it is in, and what its address names, else which conversation this tab
showed before."""
_BROWSER = re.compile(r"[0-9a-f]{32}")


def owner_of(request: gr.Request, browser: str) -> str:
    """Return whose conversations a page shows: the caller's, or where nobody signs in, the browser's."""
    caller = caller_of(request.request.scope)
    if caller.kind != "local":
        return caller.id
    return f"browser:{browser}" if _BROWSER.fullmatch(browser) else f"browser:{secrets.token_hex(16)}"


class History:
    """The left column. Everything in it is drawn from the session; what is wished there comes in through a hidden box."""

    def __init__(self, page: Page, history_sync: HistorySync, conversation: ConversationPane, language: str) -> None:
        self._page, self._history_sync, self._conversation = page, history_sync, conversation
        text = words(language).chat
        self.told = gr.Textbox("", visible="hidden", elem_id="lj-told", label="told")
        self._wish = gr.Textbox("", visible="hidden", elem_id="lj-wish", label="wish")
        self._shown = gr.HTML("", elem_id="lj-shown", apply_default_css=False)
        with gr.Column(elem_id="lj-history", visible=False, min_width=0) as self._column:
            with gr.Row(elem_id="lj-history-head"):
                self._new = gr.Button(text["clear"], size="sm", elem_id="lj-new", variant="primary", min_width=80)
                self._close = gr.Button(text["close"], size="sm", elem_id="lj-history-close", min_width=60, scale=0)
            self._search = gr.Textbox("", label=text["search_history"], placeholder=text["search_history"], show_label=False,
                                      container=False, max_lines=1, elem_id="lj-history-search")
            self._list = gr.HTML("", elem_id="lj-conversations", apply_default_css=False)
            self._note = gr.HTML("", elem_id="lj-history-note", apply_default_css=False)

    def add_toggle(self, language: str) -> None:
        """Build the button that shows and hides the column, where it is called."""
        self._toggle = gr.Button(words(language).chat["history"], size="sm", elem_id="lj-history-toggle", min_width=60,
                                 scale=0, interactive=False)

    def components(self) -> Sequence[Any]:
        return [self._shown, self._column, self._new, self._close, self._search, self._list, self._note, self._toggle]

    def draw(self, session: Session) -> Drawn:
        text = words(session.language).chat
        note = "" if session.listed else text["not_found"] if session.searched else text["no_history"]
        return {
            self._column: gr.update(visible=session.history_open), self._new: text["clear"], self._close: text["close"],
            self._search: gr.update(placeholder=text["search_history"], label=text["search_history"]),
            self._list: conversation_list(session.listed, session.conversation, text, datetime.now().astimezone()),
            # address.js remembers the conversation, for when this tab is loaded anew, and scroll.js shows the question
            self._shown: f'<span data-conversation="{escape(session.conversation or "")}" data-jump="{session.jump}"></span>',
            self._note: f'<p class="lj-empty">{escape(note)}</p>',
            self._toggle: gr.update(value=text["history"], **session.awake()),
        }

    def wire(self) -> None:
        """Listen; every part of the page has been added."""
        on = self._page.on
        on([self._toggle.click], self._turned)
        on([self._close.click], self._turned)
        on([self._search.change], self._look, [self._search], trigger_mode="always_last")
        on([self._new.click], lambda session: self._history_sync.open(session, None))
        # Gradio tells of an `input` only when a key is pressed
        self._page.listen([self._wish.change], self._grant, [self._wish], trigger_mode="multiple")

    async def opened(self, session: Session, language: str, told: str, request: gr.Request) -> AsyncIterator[Drawn]:
        """Fill the session of a page that has been loaded: its language, its owner, what its address names or it showed before."""
        accepted = accepted_language(request.request.headers.get("accept-language", ""), session.language)
        session.language = language if language in LANGUAGES else accepted
        said = _read(told)
        session.owner, session.opened = owner_of(request, str(said.get("browser", ""))), True
        self._history_sync.list(session)
        # else an example was pressed faster than this came: that conversation stays, and is not kept
        if not session.entries:
            self._history_sync.open(session, str(said.get("conversation", "")))
            session.jump = _place(said.get("turn"))
        if article := str(said.get("article", "")):
            session.linked = self._article(article, session)
        yield self._page.draw(session, full=True)
        async for grown in self._conversation.follow(session):
            yield grown
        async for offered in self._conversation.look_for_offers(session):
            yield offered

    def _article(self, article_id: str, session: Session) -> Article | None:
        """Return the article that an address names: whoever may see this page may read every article of the index."""
        text = words(session.language).chat
        try:
            return self._conversation.answering.current().index.article(article_id)
        except NotFound:
            gr.Warning(text["gone_article"])
            return None

    async def _grant(self, session: Session, wish: str) -> AsyncIterator[Drawn]:
        """Open, rename or delete a conversation, as the page wishes; what is no wish does nothing.

        On a phone the drawer makes room for what is opened, in one event: drawings of two come in any order.
        """
        asked = _read(wish)
        conversation = str(asked.get("conversation", ""))
        match asked.get("wish"):
            case "rename":
                self._history_sync.rename(session, conversation, str(asked.get("title", "")))
            case "delete":
                self._history_sync.delete(session, conversation)
            case "open":
                session.history_open = session.history_open and not asked.get("narrow")
                if conversation != (session.conversation or ""):
                    self._history_sync.open(session, conversation)
                session.jump = _place(asked.get("turn"))
                yield self._page.draw(session)
                async for drawn in self._conversation.follow(session):
                    yield drawn
                return
        yield self._page.draw(session)

    def _turned(self, session: Session) -> None:
        session.history_open = not session.history_open
        if session.history_open:
            self._history_sync.list(session)

    def _look(self, session: Session, search: str) -> None:
        session.searched = search
        self._history_sync.list(session)


def _read(told: str) -> dict[str, Any]:
    """Return what a page tells as JSON; nothing of what is no object."""
    try:
        said = json.loads(told or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _place(turn: object) -> int:
    return turn if isinstance(turn, int) and 0 < turn <= MOST_TURNS else 0
