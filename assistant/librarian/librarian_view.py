"""What the librarian's page shows: the templates of templates/librarian, and lines of plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from assistant.answer.reference import Style, reference
from assistant.locales.index_words import index_words
from assistant.locales.loader import Section
from assistant.templates.environment import render
from index.catalog.corrections import Kept
from index.catalog.rows import Holding
from index.ingest.import_report import Outcome
from index.maintenance.check import Checked
from index.maintenance.inventory import InventoryState, Opened
from prompts.prompt_loader import phrases

MOST_LINES, MOST_GROUPS = 1500, 50
NAME_OF = {"title": "headline", "source": "source", "date": "date", "place": "place"}
"""The word of each field of a correction."""
PRINTED = ("title", "source", "date", "file")


def notice(message: str, kind: str = "good") -> str:
    """Return one message; `kind` is good, bad or plain. "" gives an empty, silent place for the next."""
    return render("librarian/notice.html", message=message, kind=kind)


def draw(part: str, text: Section, **values: Any) -> str:
    """Return a part of the page: the template librarian/PART.html."""
    printed = partial(reference, style=Style(PRINTED, text))
    return render(f"librarian/{part}.html", text=text, notice=lambda *said: Markup(notice(*said)), fields=NAME_OF,
                  printed=printed, **values)


def health(state: InventoryState, text: Section) -> str:
    """Return the line about the index."""
    counts = {"files": state.files, "articles": state.articles, "reprints": state.reprints, "passages": state.passages}
    parts = [text["health_line"].format(**counts)]
    parts += [text[f"health_{name}"].format(count=count) for name, count in (
        ("corrections", state.corrections), ("orphaned", state.orphaned)) if count]
    return draw("health", text, state=state, held=phrases(text["code"]).separator.join(parts))


def faults(found: Checked, text: Section) -> str:
    """Return what a check found."""
    return draw("faults", text, faults=found.faults, lost=found.lost, most=MOST_GROUPS)


def outcomes(outcomes: Sequence[Outcome], text: Section) -> str:
    """Return what became of each file, and a summary."""
    def remark(outcome: Outcome) -> str:
        if outcome.message:
            return outcome.message.in_words(problems)
        return text["outcome_articles"].format(count=outcome.articles)

    problems = index_words(text["lang"])["file_problem"]
    counts = Counter(outcome.status for outcome in outcomes)
    named = text["counts_joined"].join(f"{text[f'outcome_{status}']} {count}" for status, count in counts.items())
    summary = text["upload_summary"].format(count=len(outcomes), counts=named)
    return draw("outcomes", text, outcomes=outcomes, summary=summary, failed=counts["failed"], remark=remark)


def choice(held: Holding, text: Section) -> str:
    """Return an article's line in the list: plain text."""
    marks = [text[key] for key, on in (("is_corrected", held.corrected), ("is_reprint", held.reprint)) if on]
    shown = "".join(c if c.isprintable() else " " for c in reference(held, Style(missing=text)))[:300]
    return f"{shown} [{' · '.join(marks)}]" if marks else shown


def facts(opened: Opened, text: Section) -> str:
    """Return what is known of the chosen article, with what was read where it is corrected."""
    return draw("facts", text, article=opened.article, kept=opened.kept, path=opened.path, added_at=opened.added_at)


def structure(opened: Opened, text: Section) -> str:
    """Return the lines of the article's page, each with what it was taken for and why."""
    return draw("structure", text, opened=opened, most=MOST_LINES, why=index_words(text["lang"])["line_reason"])


def reprints(groups: Sequence[Sequence[Holding]], text: Section) -> str:
    """Return the groups of articles that are printed several times, the searched one first."""
    return draw("reprints", text, groups=groups, most=MOST_GROUPS)


def corrections(kept: Sequence[Kept], text: Section) -> str:
    """Return every correction: article, what was read, what is said instead, who said it and when."""
    return draw("corrections", text, corrections=kept, label_of=partial(label_of, text=text))


def label_of(one: Kept, text: Section) -> str:
    """Return one line that names a correction: plain text."""
    return f"{one.number}. {one.headline or text['no_title']} · {one.file}"
