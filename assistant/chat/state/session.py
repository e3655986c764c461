"""One visitor's conversation: what was asked, what is shown beneath it, which run may write to it; language and filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from assistant.answer.markdown import plain, without_markers
from assistant.chat.views.evidence_view import Sections, ShownEvidence
from assistant.question.limits import GIST, REMEMBERED_TURNS
from assistant.storage.types import Conversation
from assistant.types import Turn
from index.search.filters import Filters
from index.types import Article


@dataclass(frozen=True, slots=True)
class Entry:
    """One question, the filters it was asked with, and what is shown beneath it (Markdown); no evidence until answered.

    An entry that is `alone` was asked as it is written, without the conversation before it; `all_cases` lifts the limit.
    `turn` is its number in the store, None where nothing is kept.
    """

    question: str
    reply: str
    evidence: ShownEvidence | None = None
    running: bool = False
    filters: Filters = field(default_factory=Filters)
    alone: bool = False
    all_cases: bool = False
    turn: int | None = None


class Session:
    """Changed in place: a stopped run goes on in its thread for a while and must not write any more.

    No dataclass, because Gradio would send the fields of one to the page.
    """

    def __init__(self, entries: Iterable[Entry] = (), *, language: str = "zh") -> None:
        self.entries = list(entries)
        self.language = language
        self.filters = Filters()
        self.selected: int | None = None
        """How many articles pass the filters; None without any."""
        self.sections: Sections = {}
        """The evidence as it was drawn last: that of earlier answers seldom changes."""
        self.suggested: list[str] = []
        self.offers: list[str] = []
        """Questions to go on with, and to begin with where the page has no examples."""
        self.opened = False
        """Whether the page has been filled; what the visitor writes in sleeps until then."""
        self.runs = 0
        self.busy = False
        self.owner: str | None = None
        """Whose conversations these are; None until the page has said it, and then nothing is kept."""
        self.conversation: str | None = None
        self.listed: list[Conversation] = []
        self.searched = ""
        self.history_open = False
        """The owner's conversations as the history shows them, the words they were searched for, whether it is shown."""
        self.jump = 0
        """The question that the page is to show, by its place in the conversation; 0 for the last."""
        self.linked: Article | None = None
        """The article that the page's address names."""

    def begin(self, question: str, searching: str) -> int:
        """Add a question; return the number that lets its run write."""
        self.entries.append(Entry(question, f"*{searching}*", running=True, filters=self.filters))
        return self._begun()

    def begin_again(self, searching: str, *, alone: bool = False, all_cases: bool = False) -> int:
        """Ask the last question once more, in place of its answer."""
        last = self.entries[-1]
        self.entries[-1] = Entry(last.question, f"*{searching}*", running=True, filters=last.filters,
                                 alone=alone or last.alone, all_cases=all_cases, turn=last.turn)
        return self._begun()

    def resume(self) -> int:
        """Watch the last question, which is being answered already; return the number that lets its run write."""
        return self._begun()

    def drop(self) -> None:
        """Take back the last question: it is not answered."""
        self.busy = False
        self.entries.pop()

    def _begun(self) -> int:
        self.suggested = []
        self.jump = 0
        self.runs += 1
        self.busy = True
        return self.runs

    def write(self, run: int, entry: Entry) -> bool:
        """Replace the last entry; refuse when the run was stopped."""
        if run != self.runs or not self.busy:
            return False
        self.entries[-1] = entry
        self.busy = entry.running
        return True

    def stop(self, word: str) -> None:
        """End the run; what it has written so far stays, with `word` beneath."""
        if self.busy:
            self.busy = False
            last = self.entries[-1]
            self.entries[-1] = replace(last, reply=f"{last.reply}\n\n{plain(word)}", running=False)

    def clear(self) -> None:
        """Forget everything; a run on its way is ended."""
        self.busy = False
        self.runs += 1
        self.suggested = []
        self.jump = 0
        self.entries.clear()

    def history(self) -> tuple[Turn, ...]:
        """Return the last answered turns, each with the gist of its answer."""
        answered = [entry for entry in self.entries if entry.evidence][-REMEMBERED_TURNS:]
        return tuple(
            Turn(e.question, " ".join(without_markers(e.evidence.answer.text).split())[:GIST])
            for e in answered
        )

    def awake(self) -> dict[str, bool]:
        """Return what a drawing says to wake a component: in every one, lest it be lost; never to put it to sleep again."""
        return {"interactive": True} if self.opened else {}

    def evidence(self) -> list[ShownEvidence]:
        return [entry.evidence for entry in self.entries if entry.evidence]

    def messages(self) -> list[dict[str, str]]:
        """Return the conversation as the chatbot wants it."""
        return [
            {"role": role, "content": content}
            for entry in self.entries
            for role, content in (("user", plain(entry.question)), ("assistant", entry.reply))
        ]


def named(filters: Filters, text: Mapping[str, str]) -> list[str]:
    """Return each bound of the filters as people read it."""
    since, until = (text[word].format(month=day[:7]) if day else "" for word, day in (
        ("from_month", filters.since), ("to_month", filters.until)))
    return [name for name in (*filters.places, *filters.sources, since, until) if name]
