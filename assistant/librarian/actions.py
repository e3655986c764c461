"""What a librarian does: each act changes or asks the index and returns what is to be drawn, by the name of the part."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.auth.accounts.identity import Caller
from assistant.librarian import librarian_view
from assistant.locales.index_words import index_words
from assistant.locales.loader import Section
from index.catalog.corrections import FIELDS, LONGEST
from index.embedding.encoder import Encoder
from index.errors import FileError, IndexLocked, LinjianError, NotFound, WrongCorrection
from index.ingest.corpus import Corpus
from index.ingest.uploads import Upload, receive
from index.maintenance import inventory
from index.maintenance.check import check
from index.types import Correction

ON_A_PAGE = 20
_TOLD_EVERY = 0.2
"""Seconds between two reports of progress: one a file would swamp the browser."""

Drawn = dict[str, Any]
"""New values of parts of the page, by name; what is not named stays."""
_UNASKED: Drawn = {"asking": "", "asked": None}
"""No question stands whether a file is to go."""
Record = Callable[[Caller, str, str], None]
"""Is told who changed what, and of what, when it is done."""
Report = Callable[[float, str], None]
"""Shows how much is done (0 to 1), and in words."""


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request: who sent it, and where progress is shown."""

    caller: Caller
    report: Report


class LibrarianActions:
    """The librarian's acts on the index in `home`; `encoder` embeds what comes into it, `text` are the page's words."""

    def __init__(self, home: Path, encoder: Encoder, text: Section, record: Record | None = None) -> None:
        self._home, self._corpus, self._text = home, Corpus(home, encoder), text
        self._record: Record = record or (lambda caller, what, about: None)

    def draw(self, context: RequestContext, words: str = "") -> Drawn:
        """Draw everything anew; the list shows what holds `words`."""
        return {**self._overview(), **self.turn(context, words, 0)}

    def turn(self, context: RequestContext, words: str, number: int) -> Drawn:
        """Show one page of the articles found, the nearest when there is none of that number (from 0)."""
        found = inventory.find(self._home, words)
        pages = max(1, -(-len(found) // ON_A_PAGE))
        number = min(max(number, 0), pages - 1)
        shown = found[number * ON_A_PAGE:(number + 1) * ON_A_PAGE]
        count = self._text["found"].format(count=len(found), page=number + 1, pages=pages)
        nothing = "" if found else self._text["found_none" if words.strip() else "empty"]
        return {"choices": [(librarian_view.choice(held, self._text), held.id) for held in shown], "number": number,
                "count": librarian_view.notice(nothing or count, "plain"), "more": (number > 0, number < pages - 1)}

    def open(self, context: RequestContext, article_id: str | None) -> Drawn:
        """Show one article: what is known of it, its fields to be corrected, how its page was read."""
        if not article_id:
            return {"chosen": None, "opened": False}
        opened = inventory.open_article(self._home, article_id)
        article = opened.article
        return {
            "chosen": article_id, "opened": True, "facts": librarian_view.facts(opened, self._text),
            **{f"field_{name}": getattr(article, name) for name in FIELDS},
            "reach": [(self._text[f"reach_{reach}"].format(count=count), reach) for reach, count in (
                ("article", 1), ("page", len(opened.page)), ("folder", len(opened.folder)))],
            "structure": librarian_view.structure(opened, self._text), "undoable": opened.kept is not None, "note": "", **_UNASKED,
        }

    def save(self, context: RequestContext, article_id: str | None, words: str, number: int, reach: str | None,
             *said: str) -> Drawn:
        """Keep what the fields say, where it differs from what the article says now.

        Newspaper and day are said of all articles within `reach` ("article", "page", "folder"), headline and place of this one.
        """
        if not article_id:
            return {}
        opened = inventory.open_article(self._home, article_id)
        fields = {name: value.strip() for name, value in zip(FIELDS, said, strict=True)}
        wanted = {article_id: Correction(**{name: value for name, value in fields.items() if value != getattr(opened.article, name)})}
        shared = Correction(source=fields["source"] or None, date=fields["date"] or None)
        others = {"page": opened.page, "folder": opened.folder}.get(reach or "", ())
        if shared != Correction():
            wanted |= {held.id: shared for held in others if held.id != article_id}
        wanted = {own: one for own, one in wanted.items() if one != Correction()}
        if not wanted:
            return {"note": librarian_view.notice(self._text["unchanged"], "plain")}
        self._corpus.correct_all(wanted, made_by=context.caller.id, progress=self._progress(context))
        for own, one in wanted.items():
            self._record(context.caller, "library correct", f"{own}: {', '.join(n for n in FIELDS if getattr(one, n) is not None)}")
        done = self._text["saved"] if len(wanted) == 1 else self._text["saved_all"].format(count=len(wanted))
        return self._after(context, article_id, words, number, done)

    def undo(self, context: RequestContext, article_id: str | None, words: str, number: int) -> Drawn:
        """Go back to what was read off the page."""
        kept = inventory.open_article(self._home, article_id).kept if article_id else None
        if kept is None:
            return {"note": librarian_view.notice(self._text["unchanged"], "plain")}
        self._corpus.forget(kept.number, self._progress(context))
        self._record(context.caller, "library undo", article_id)
        return self._after(context, article_id, words, number, self._text["undone"])

    def forget(self, context: RequestContext, number: str | None, words: str, page: int) -> Drawn:
        """Delete a correction by its number."""
        if not number:
            return {}
        self._corpus.forget(int(number), self._progress(context))
        self._record(context.caller, "library forget", number)
        return {**self._overview(), **self.turn(context, words, page), "opened": False, "chosen": None,
                "note": librarian_view.notice(self._text["forgotten"])}

    def ask_removal(self, context: RequestContext, article_id: str | None) -> Drawn:
        """Say what would be removed, and ask."""
        if not article_id:
            return {}
        opened = inventory.open_article(self._home, article_id)
        ask = self._text["remove_ask"].format(file=opened.article.file, count=len(opened.page))
        return {"asking": librarian_view.notice(ask, "bad"), "asked": article_id}

    def keep(self, context: RequestContext) -> Drawn:
        """Take the question back."""
        return dict(_UNASKED)

    def remove(self, context: RequestContext, asked: str | None, words: str, number: int) -> Drawn:
        """Remove the file of the article that was asked about: another one may have been opened since."""
        if not asked:
            return {}
        file = inventory.open_article(self._home, asked).article.file
        self._corpus.remove(file, progress=self._progress(context))
        self._record(context.caller, "library remove", file)
        return {**self._overview(), **self.turn(context, words, number), "opened": False, "chosen": None, **_UNASKED,
                "note": librarian_view.notice(self._text["removed"].format(file=file))}

    def upload(self, context: RequestContext, uploads: Sequence[Upload], words: str) -> Drawn:
        """Add the files that were sent."""
        if not uploads:
            return {"outcomes": librarian_view.notice(self._text["upload_nothing"], "plain")}
        told = receive(self._home, self._corpus, uploads, self._progress(context))
        self._record(context.caller, "library add", ", ".join(f"{one.file}: {one.status}" for one in told)[:2000])
        return {**self.draw(context, words), "outcomes": librarian_view.outcomes(told, self._text), "files": None}

    def check(self, context: RequestContext) -> Drawn:
        """Verify the whole home."""
        return {"checked": librarian_view.faults(check(self._home, self._progress(context)), self._text)}

    def told(self, error: LinjianError) -> str:
        """Return what is to be said of an error, in the words of the page."""
        match error:
            case IndexLocked():
                return self._text["locked"]
            case NotFound():
                return self._text["gone"]
            case WrongCorrection(field="date", value=value) if value.isprintable() and len(value) <= LONGEST:
                return self._text["wrong_date"].format(value=value)
            case WrongCorrection(field=field):
                return self._text["wrong_field"].format(field=self._text[librarian_view.NAME_OF[field]], limit=LONGEST)
            case FileError(message=message):
                return self._text["failed"].format(message=message.in_words(index_words(self._text["lang"])["file_problem"]))
        return self._text["failed"].format(message=error)

    def _after(self, context: RequestContext, article_id: str, words: str, number: int, done: str) -> Drawn:
        return {**self._overview(), **self.turn(context, words, number), **self.open(context, article_id),
                "note": librarian_view.notice(done)}

    def _overview(self) -> Drawn:
        kept, groups = inventory.corrections(self._home), inventory.reprint_groups(self._home)
        return {
            "health": librarian_view.health(inventory.state(self._home), self._text),
            "reprints": librarian_view.reprints(groups, self._text),
            "reprints_head": self._text["reprints"].format(count=len(groups)),
            "corrections": librarian_view.corrections(kept, self._text),
            "corrections_head": self._text["corrections"].format(count=len(kept)),
            "forgettable": [(librarian_view.label_of(one, self._text), str(one.number)) for one in kept],
        }

    def _progress(self, context: RequestContext) -> Callable[[str, int, int], None]:
        last = 0.0

        def tell(stage: str, done: int, total: int) -> None:
            nonlocal last
            if total and (done == total or time.monotonic() - last >= _TOLD_EVERY):
                last = time.monotonic()
                word = self._text[f"stage_{stage}" if stage in ("read", "embed") else "stage_check"]
                context.report(done / total, word.format(done=done, total=total))

        return tell
