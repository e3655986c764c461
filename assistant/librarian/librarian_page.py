"""The librarian's page: upload, list, look into, correct, remove; `add_librarian` adds it to the application.

Every event goes through `_guarded`, which asks who sent it before anything is done: hiding the page is no lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import Context

from assistant.auth.accounts.identity import Role, caller_of
from assistant.chat.chat_page import launch_options
from assistant.chat.nav_links import NavLink
from assistant.librarian.actions import Drawn, LibrarianActions, Record, RequestContext
from assistant.librarian.librarian_view import notice
from assistant.locales.loader import LANGUAGES, words
from assistant.templates.environment import render
from index.catalog.corrections import FIELDS
from index.embedding.encoder import Encoder
from index.errors import LinjianError
from index.files.load import SUFFIXES
from index.ingest.uploads import Upload

logger = logging.getLogger(__name__)
_PROGRESS = gr.Progress()
"""As a default it is Gradio's sign that the handler wants to tell its progress."""


@dataclass(frozen=True, slots=True)
class Librarian:
    """What the page keeps: the index in `home`; `encoder` embeds what comes into it."""

    home: Path
    encoder: Encoder


def librarian_options() -> dict[str, Any]:
    """Return what the application needs besides the chat's `launch_options`: all style sheets in one."""
    sheet = files("assistant.librarian").joinpath("static", "librarian.css").read_text("utf-8")
    return {"css": f"{launch_options()['css']}\n{sheet}"}


def add_librarian(blocks: gr.Blocks, library: Librarian, language: str, record: Record | None = None) -> None:
    """Add the page to the application, at /library in `language` and at /library-LANGUAGE in each other.

    `record` is told of every change: who made it, what it was, and of what.
    """
    for spoken in LANGUAGES:
        with blocks.route(words(spoken).librarian["title"], _path(spoken, language), show_in_navbar=False):
            others = {_path(one, language): words(one).shared["language_name"] for one in LANGUAGES if one != spoken}
            build_librarian(library, spoken, others, record)


def link_to_librarian(language: str) -> NavLink:
    """Return the link to the page for the head of another one."""
    return NavLink({spoken: _path(spoken, language) for spoken in LANGUAGES},
                   {spoken: words(spoken).librarian["title"] for spoken in LANGUAGES}, lambda caller: caller.role >= Role.LIBRARIAN)


def _path(spoken: str, language: str) -> str:
    return "library" if spoken == language else f"library-{spoken}"


def build_librarian(library: Librarian, language: str, others: Mapping[str, str], record: Record | None = None) -> None:
    """Add the page to the Gradio page that is being built; `others` are addresses and names of it in other languages."""
    text = words(language).librarian
    actions = LibrarianActions(library.home, library.encoder, text, record)
    with gr.Row(elem_id="lj-header"):
        gr.HTML(render("librarian/head.html", text=text, others=others), apply_default_css=False)
    with gr.Column(elem_id="lj-library"):
        parts: dict[str, Any] = {"closed": _html()}
        with gr.Column(visible=False, elem_id="lj-library-page") as parts["desk"]:
            _lay_out_index(parts, text)
            with gr.Row(elem_id="lj-library-main"):
                with gr.Column(elem_id="lj-holdings", min_width=280):
                    _lay_out_list(parts, text)
                with gr.Column(elem_id="lj-holding", min_width=280):
                    _lay_out_article(parts, text)
    _wire(parts, actions, text)


def _html(name: str = "", **more: Any) -> gr.HTML:
    return gr.HTML("", elem_id=f"lj-{name}" if name else None, apply_default_css=False, **more)


def _lay_out_index(parts: dict[str, Any], text: dict[str, str]) -> None:
    with gr.Row(elem_id="lj-health-row"):
        parts["health"] = _html("health")
        parts["refresh"] = gr.Button(text["refresh"], size="sm", min_width=80, elem_id="lj-refresh")
        parts["check"] = gr.Button(text["check"], size="sm", min_width=100, elem_id="lj-check")
    parts["checked"] = _html("checked")
    with gr.Column(elem_id="lj-upload"):
        parts["files"] = gr.File(label=text["upload"], file_count="multiple", height=150, elem_id="lj-files")
        gr.HTML(f'<p>{text["upload_hint"].format(kinds=" ".join(SUFFIXES))}</p>', apply_default_css=False)
        parts["add"] = gr.Button(text["upload_add"], variant="primary", elem_id="lj-add")
    parts["outcomes"] = _html("outcomes")


def _lay_out_list(parts: dict[str, Any], text: dict[str, str]) -> None:
    parts["number"], parts["chosen"] = gr.State(0), gr.State(None)
    parts["words"] = gr.Textbox(label=text["search"], placeholder=text["search_hint"], max_lines=1, elem_id="lj-words")
    parts["count"] = _html("count")
    parts["choices"] = gr.Radio([], label=text["articles"], elem_id="lj-choices")
    with gr.Row():
        parts["previous"] = gr.Button(text["previous"], size="sm", interactive=False, elem_id="lj-previous")
        parts["next"] = gr.Button(text["next"], size="sm", interactive=False, elem_id="lj-next")
    with gr.Accordion(text["reprints"].format(count=0), open=False, elem_id="lj-reprints") as parts["reprints_head"]:
        parts["reprints"] = _html()
    kept = gr.Accordion(text["corrections"].format(count=0), open=False, elem_id="lj-corrections")
    with kept as parts["corrections_head"]:
        parts["corrections"] = _html()
        parts["forgettable"] = gr.Dropdown([], label=text["forget_pick"], elem_id="lj-forgettable")
        parts["forget"] = gr.Button(text["forget"], size="sm", elem_id="lj-forget")


def _lay_out_article(parts: dict[str, Any], text: dict[str, str]) -> None:
    parts["note"] = _html("note")
    with gr.Column(elem_id="lj-nothing-chosen") as parts["unopened"]:
        gr.HTML(f'<p class="lj-soft">{text["choose"]}</p>', apply_default_css=False)
    with gr.Column(visible=False) as parts["opened"]:
        gr.HTML(f'<h3>{text["facts"]}</h3>', apply_default_css=False)
        parts["facts"] = _html("facts")
        gr.HTML(f'<h3>{text["correct"]}</h3><p class="lj-soft">{text["correct_hint"]}</p>', apply_default_css=False)
        hints = {"date": text["date_hint"], "place": text["place_hint"]}
        for field in FIELDS:
            name = "headline" if field == "title" else field
            parts[f"field_{field}"] = gr.Textbox(label=text[name], placeholder=hints.get(field), max_lines=1,
                                                 elem_id=f"lj-field-{name}")
        parts["reach"] = gr.Radio([], label=text["reach"], elem_id="lj-reach")
        with gr.Row():
            parts["save"] = gr.Button(text["save"], variant="primary", elem_id="lj-save")
            parts["undo"] = gr.Button(text["undo"], elem_id="lj-undo")
            parts["remove"] = gr.Button(text["remove"], variant="stop", elem_id="lj-remove")
        parts["asking"], parts["asked"] = _html("asking"), gr.State(None)
        with gr.Row(visible=False) as parts["answers"]:
            parts["remove_yes"] = gr.Button(text["remove_yes"], variant="stop", elem_id="lj-remove-yes")
            parts["remove_no"] = gr.Button(text["remove_no"], elem_id="lj-remove-no")
        with gr.Accordion(text["structure"], open=True, elem_id="lj-structure"):
            parts["structure"] = _html()


def _wire(parts: dict[str, Any], actions: LibrarianActions, text: dict[str, str]) -> None:
    """Tie each act of the desk to its trigger."""
    outputs = list(parts.values())

    def on(triggers: list[Any], act: Callable[..., Drawn], *inputs: str, busy: str = "", raw: bool = False) -> None:
        says = busy if busy in ("checked", "outcomes") else "note"
        gr.on(triggers, _guarded(act, parts, actions, text, says), [parts[name] for name in inputs], outputs,
              show_progress="full" if busy else "hidden", show_progress_on=parts[busy] if busy else None,
              preprocess=not raw, api_visibility="private", concurrency_limit=4, concurrency_id="library",
              # What only looks is done again for whoever presses on meanwhile; what changes something is done once.
              trigger_mode="once" if busy else "always_last")

    def show(request: gr.Request) -> dict[Any, Any]:
        """Open the page for a librarian; tell all others whom it is for."""
        if caller_of(request.request.scope).role < Role.LIBRARIAN:
            return {parts["closed"]: notice(text["forbidden"], "plain"), parts["desk"]: gr.update(visible=False)}
        return {parts["closed"]: "", parts["desk"]: gr.update(visible=True),
                **_guarded(actions.draw, parts, actions, text)(request, lambda *_, **__: None)}

    gr.on([Context.root_block.load], show, None, outputs, show_progress="hidden", api_visibility="private")
    at, place = ("words", "number"), ("chosen", "words", "number")
    on([parts["refresh"].click, parts["words"].submit], actions.draw, "words")
    on([parts["check"].click], actions.check, busy="checked")
    on([parts["previous"].click], lambda context, words, number: actions.turn(context, words, number - 1), *at)
    on([parts["next"].click], lambda context, words, number: actions.turn(context, words, number + 1), *at)
    on([parts["choices"].input], actions.open, "choices")
    on([parts["save"].click], actions.save, *place, "reach", *(f"field_{field}" for field in FIELDS), busy="note")
    on([parts["undo"].click], actions.undo, *place, busy="note")
    on([parts["remove"].click], actions.ask_removal, "chosen")
    on([parts["remove_no"].click], actions.keep)
    on([parts["remove_yes"].click], actions.remove, "asked", *at, busy="asking")
    on([parts["forget"].click], actions.forget, "forgettable", *at, busy="corrections")
    # Raw, because Gradio gives the name of a file without its brackets and quotes.
    on([parts["add"].click], lambda context, sent: actions.upload(context, _uploads(sent), ""),
       "files", busy="outcomes", raw=True)


def _guarded(act: Callable[..., Drawn], parts: dict[str, Any], actions: LibrarianActions, text: dict[str, str],
             says: str = "note") -> Callable[..., dict[Any, Any]]:
    """Return an event handler that refuses whoever is no librarian, acts, and draws what came of it.

    An error for people is shown in the part that `says` names.
    """

    def handle(request: gr.Request, progress: Callable[..., Any] = _PROGRESS, *values: Any) -> dict[Any, Any]:
        caller = caller_of(request.request.scope)
        if caller.role < Role.LIBRARIAN:
            raise gr.Error(text["forbidden"], print_exception=False)
        try:
            drawn = act(RequestContext(caller, lambda done, what: progress(done, desc=what)), *values)
        except gr.Error:
            raise
        except LinjianError as error:
            drawn = {says: notice(actions.told(error), "bad")}
        except Exception:
            # A bug: the log gets the traceback, and whoever waits a sentence instead of a page that stands still.
            logger.exception("the librarian's page failed")
            drawn = {says: notice(text["unexpected"], "bad")}
        return _updates(drawn, parts)

    return handle


def _updates(drawn: Drawn, parts: dict[str, Any]) -> dict[Any, Any]:
    """Return Gradio's updates of what is drawn."""
    out: dict[Any, Any] = {}
    for name, value in drawn.items():
        match name:
            case "choices" | "forgettable":
                out[parts[name]] = gr.update(choices=value, value=None)
            case "reach":
                out[parts[name]] = gr.update(choices=value, value=value[0][1])
            case "reprints_head" | "corrections_head":
                out[parts[name]] = gr.update(label=value)
            case "more":
                out[parts["previous"]], out[parts["next"]] = (gr.update(interactive=can) for can in value)
            case "opened":
                out[parts["opened"]], out[parts["unopened"]] = gr.update(visible=value), gr.update(visible=not value)
            case "undoable":
                out[parts["undo"]] = gr.update(interactive=value)
            case "asking":
                out[parts["asking"]], out[parts["answers"]] = value, gr.update(visible=bool(value))
            case _:
                out[parts[name]] = value
    return out


def _uploads(sent: Sequence[dict[str, Any]] | None) -> list[Upload]:
    """Return the files that Gradio received; that each lies in its folder of uploads was checked when the event came in."""
    return [Upload(file.get("orig_name") or Path(file["path"]).name, Path(file["path"])) for file in sent or ()]
