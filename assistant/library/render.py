"""What the librarian's page shows, as HTML. All that comes from files is escaped here, once."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from assistant.locales.index_words import index_words
from index.corrections import FIELDS, Kept
from index.holdings import Opened, State
from index.outcomes import Outcome
from index.rows import Holding

MOST_LINES, MOST_GROUPS = 1500, 50
NAME_OF = {"title": "headline", "source": "source", "date": "date", "place": "place"}
"""The word of each field of a correction."""


def esc(text: object) -> str:
    """Return text that is shown as it stands, wherever it came from: no markup, no template, no reordering."""
    shown = "".join(c if c.isprintable() or c in "\n\u3000" else f"\\u{ord(c):04x}" for c in str(text))
    return html.escape(shown, quote=True).replace("{", "&#123;").replace("}", "&#125;").replace("$", "&#36;")


def notice(text: str, kind: str = "good") -> str:
    """Return one message; `kind` is good, bad or plain. "" gives an empty, silent place for the next."""
    return f'<p class="lj-note lj-{kind}" role="{"alert" if kind == "bad" else "status"}">{esc(text)}</p>' if text else ""


def health(now: State, text: Mapping[str, str]) -> str:
    """Return the line about the index."""
    parts = [text["health_line"].format(files=now.files, articles=now.articles, reprints=now.reprints,
                                        passages=now.passages)]
    if now.corrections:
        parts.append(text["health_corrections"].format(count=now.corrections))
    if now.orphaned:
        parts.append(text["health_orphaned"].format(count=now.orphaned))
    version = text["health_version"].format(version=now.version, built_at=now.built_at[:16].replace("T", " "),
                                            encoder=now.encoder) if now.version else text["health_none"]
    waiting = notice(text["health_waiting"], "bad") if now.waiting and now.files else ""
    held = ("；" if text["lang"] == "zh-CN" else "; ").join(parts)
    return f'<p>{esc(held)}</p><p class="lj-soft">{esc(version)}</p>{waiting}'


def faults(found: Sequence[str], text: Mapping[str, str]) -> str:
    """Return what a check found."""
    if not found:
        return notice(text["check_whole"])
    return (notice(text["check_faults"].format(count=len(found)), "bad")
            + "<ul>" + "".join(f"<li>{esc(fault)}</li>" for fault in found[:MOST_GROUPS]) + "</ul>")


def outcomes(told: Sequence[Outcome], text: Mapping[str, str]) -> str:
    """Return what became of each file, and a summary."""
    counts = Counter(outcome.status for outcome in told)
    line = "，" if text["lang"] == "zh-CN" else ", "
    summary = line.join(f"{text[f'outcome_{status}']} {count}" for status, count in counts.items())
    return (notice(text["upload_summary"].format(count=len(told), counts=summary), "bad" if counts["failed"] else "good")
            + '<ul class="lj-outcomes">' + "".join(_outcome(outcome, text) for outcome in told) + "</ul>")


def _outcome(outcome: Outcome, text: Mapping[str, str]) -> str:
    failed = outcome.status == "failed"
    remark = text["outcome_articles"].format(count=outcome.articles)
    if outcome.message:
        remark = outcome.message.in_words(index_words(text["lang"])["file_problem"])
    more = [text["outcome_reprint"].format(title=one.title or text["no_title"], other=_known(
        one.other.title, one.other.source, one.other.date, one.other.file)) for one in outcome.reprints]
    more += [text["outcome_orphaned"].format(title=title or text["no_title"]) for title in outcome.orphaned]
    return (f'<li class="lj-{"bad" if failed else "good"}"><b>{esc(text[f"outcome_{outcome.status}"])}</b> '
            f'<span class="lj-file">{esc(outcome.file)}</span> <span>{esc(remark)}</span>'
            + "".join(f'<br><span class="lj-soft">{esc(line)}</span>' for line in more) + "</li>")


def choice(held: Holding, text: Mapping[str, str]) -> str:
    """Return an article's line in the list: plain text."""
    marks = [text[key] for key, on in (("is_corrected", held.corrected), ("is_reprint", held.reprint)) if on]
    shown = _known(held.title or text["no_title"], held.source, held.date, held.place, held.file)
    shown = "".join(c if c.isprintable() else " " for c in shown)[:300]
    return f"{shown} [{' · '.join(marks)}]" if marks else shown


def facts(opened: Opened, text: Mapping[str, str]) -> str:
    """Return what is known of the chosen article, with what was read where it is corrected."""
    article = opened.article
    rows = [(text["headline"], article.title or text["no_title"], "title"), (text["source"], article.source, "source"),
            (text["date"], article.date, "date"), (text["place"], article.place, "place")]
    shown = ""
    for name, value, field in rows:
        read = getattr(opened.kept.read, field) if opened.kept and getattr(opened.kept.said, field) is not None else None
        note = f' <small>{esc(text["as_read"].format(value=read or text["unknown"]))}</small>' if read is not None else ""
        shown += f"<dt>{esc(name)}</dt><dd>{esc(value or text['unknown'])}{note}</dd>"
    for name, value in ((text["file"], article.file), (text["path"], opened.path), (text["added_at"], opened.added_at[:16]
                        .replace("T", " ")), (text["article_id"], article.id)):
        shown += f"<dt>{esc(name)}</dt><dd>{esc(value)}</dd>"
    also = "".join(f"<li>{esc(_known(o.title, o.source, o.date, o.file))}</li>" for o in article.also_in)
    shown += f"<dt>{esc(text['also_printed'])}</dt><dd><ul>{also}</ul></dd>" if also else ""
    return f'<dl class="lj-facts">{shown}</dl>'


def structure(opened: Opened, text: Mapping[str, str]) -> str:
    """Return the lines of the article's page, each with what it was taken for and why."""
    why = index_words(text["lang"])["line_reason"]
    rows = "".join(
        f'<tr class="lj-is-{line.label}"><td>{line.number}</td><td>{esc(text[f"label_{line.label}"])}</td>'
        f"<td>{esc(opened.text[line.start:line.end])}</td><td>{esc(why[line.reason])}</td></tr>"
        for line in opened.lines[:MOST_LINES])
    heads = "".join(f'<th scope="col">{esc(text[key])}</th>' for key in ("line", "label", "printed", "why"))
    more = len(opened.lines) - MOST_LINES
    unlisted = notice(text["lines_more"].format(count=more), "plain") if more > 0 else ""
    return (f'<div class="lj-scroll" tabindex="0" role="region" aria-label="{esc(text["structure"])}">'
            f'<table class="lj-lines"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{unlisted}</div>')


def reprints(groups: Sequence[Sequence[Holding]], text: Mapping[str, str]) -> str:
    """Return the groups of articles that are printed several times, the searched one first."""
    if not groups:
        return notice(text["reprints_none"], "plain")
    shown = "".join("<li>" + "<br>".join(
        esc(_known(h.title or text["no_title"], h.source, h.date, h.file))
        + (f' <small>{esc(text["reprints_searched"])}</small>' if n == 0 else "") for n, h in enumerate(group)) + "</li>"
        for group in groups[:MOST_GROUPS])
    more = len(groups) - MOST_GROUPS
    unlisted = notice(text["reprints_more"].format(count=more), "plain") if more > 0 else ""
    return f'<ul class="lj-groups">{shown}</ul>{unlisted}'


def corrections(kept: Iterable[Kept], text: Mapping[str, str]) -> str:
    """Return every correction: article, what was read, what is said instead, who said it and when."""
    shown = ""
    for one in kept:
        pairs = ((text[NAME_OF[f]], getattr(one.read, f), getattr(one.said, f)) for f in FIELDS)
        changes = [f"{name}: {read or text['unknown']} → {said or text['unknown']}" for name, read, said in pairs
                   if said is not None]
        waits = "" if one.article_id else f' <strong>{esc(text["correction_waits"])}</strong>'
        by = esc(_known(one.made_by, one.made_at[:16].replace("T", " ")))
        shown += (f'<li>{esc(label_of(one, text))}{waits}<br>' + "<br>".join(esc(c) for c in changes)
                  + f'<br><span class="lj-soft">{by}</span></li>')
    return f'<ul class="lj-groups">{shown}</ul>' if shown else notice(text["corrections_none"], "plain")


def label_of(one: Kept, text: Mapping[str, str]) -> str:
    """Return one line that names a correction: plain text."""
    return f"{one.number}. {one.headline or text['no_title']} · {one.file}"


def _known(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
