"""Score how pages are taken apart: articles, headlines, what is kept out of the text, joins, places of sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from eval.datasets.page_truth import TrueArticle, TruePlace
from index.errors import ReadError
from index.files.load import read_source
from index.pages.articles import read_articles
from index.text.normalize import simplified
from index.text.places import level_of
from index.types import Article, Sentence, Source

_PROSE = 30
"""Characters from which a line with a full stop is text by anybody's judgement."""


@dataclass(frozen=True, slots=True)
class Tally:
    """So many right of so many."""

    right: int = 0
    total: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.total + other.total)

    @property
    def share(self) -> float | None:
        return round(self.right / self.total, 4) if self.total else None


@dataclass(frozen=True, slots=True)
class PageScore:
    """What was right on one page (or, added up, on several).

    `boundaries` counts articles that begin on a true line twice, of the found and the true articles together: its share
    is the F1 of the articles' first lines. `kept_out` counts noise lines (captions, labels, section heads, credits,
    whatever stands outside the articles) of which no passage holds a character, `text_kept` lines of prose that are in a
    passage, `joins` pieces of broken paragraphs that are one paragraph again, `places` sentences whose place is right.
    """

    boundaries: Tally = Tally()
    headlines: Tally = Tally()
    kept_out: Tally = Tally()
    text_kept: Tally = Tally()
    joins: Tally = Tally()
    places: Tally = Tally()

    def __add__(self, other: PageScore) -> PageScore:
        return PageScore(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that was wrong, with the line it stands on."""

    file: str
    line: int
    what: str
    wanted: str
    got: str


METRICS = {
    "boundary_f1": "boundaries", "headline_accuracy": "headlines", "noise_kept_out": "kept_out", "text_kept": "text_kept",
    "joins_repaired": "joins", "place_accuracy": "places",
}
"""Name of a metric in the JSON: the tally it is the share of."""

_ABSENT = {
    "headlines": "the truth names no headline", "boundaries": "the truth lists no article",
    "kept_out": "the truth lists no noise lines, and nothing stands outside the articles",
    "text_kept": "no true article holds a line of prose", "joins": "the truth lists no joins",
    "places": "the truth lists no sentence_places",
}


def score_pages(truth: Sequence[TrueArticle], folder: Path) -> tuple[dict[str, PageScore], list[Miss]]:
    """Score the pages that `truth` names, read from `folder`; ReadError names a page that is not there."""
    files = sorted({article.file for article in truth})
    missing = [file for file in files if not (folder / file).is_file()]
    if missing:
        raise ReadError(f"{str(folder)!r} holds no page {missing[0]!r}. Say where the pages are: --pages DIR")
    scores, misses = {}, []
    for file in files:
        source = read_source(file, folder / file)
        scores[file], missed = score_page(source, read_articles(source), [a for a in truth if a.file == file])
        misses += missed
    return scores, misses


def score_page(source: Source, found: Sequence[Article], truth: Sequence[TrueArticle]) -> tuple[PageScore, list[Miss]]:
    """Score the articles `found` on one page against its true ones."""
    page = _PageRow(source)
    misses: list[Miss] = []

    def judge(right: bool, line: int, what: str, wanted: str, got: str) -> Tally:
        if not right:
            misses.append(Miss(source.file, line, what, wanted, got))
        return Tally(int(right), 1)

    got = {page.line_of(article.start): article for article in found}
    want = {article.start: article for article in truth}
    boundaries = Tally(2 * len(got.keys() & want.keys()), len(found) + len(want))
    lost, extra = sorted(want.keys() - got.keys()), sorted(got.keys() - want.keys())
    misses += [Miss(source.file, n, "article", want[n].headline or "", "not found") for n in lost]
    misses += [Miss(source.file, n, "article", "none begins here", got[n].title) for n in extra]
    headlines = _total(
        judge(_bare(got[n].title) == _bare(a.headline), n, "headline", a.headline, got[n].title)
        if n in got else Tally(0, 1)
        for n, a in want.items() if a.headline is not None
    )
    paragraphs = [{n for s in p.sentences for span in s.spans for n in page.lines_of(span)}
                  for article in found for p in article.paragraphs]
    held = set().union(*paragraphs)
    kept_out = _total(judge(n not in held, n, "kept out", "not in a passage", page.shown(n)) for n in page.noise(truth))
    kept = "".join(s.text for article in found for p in article.paragraphs for s in p.sentences)
    text_kept = _total(judge(n in held or page.line(n) in kept, n, "text kept", "in a passage", page.shown(n))
                       for n in page.prose(truth))
    joins = _total(
        judge(any(set(join) <= p for p in paragraphs), join[0], "join", "-".join(map(str, join)), page.shown(join[0])[-12:])
        for article in truth for join in article.joins
    )
    sentences = [s for article in found for p in article.paragraphs for s in p.sentences]
    places = _total(
        judge(s is not None and _same_place(s.chain, place.chain), place.line, "place", "".join(place.chain) or "(none)",
              (s.place or "(none)") if s else "(no sentence here)")
        for article in truth for place in article.sentence_places for s in page.sentences_at(place, sentences)
    )
    return PageScore(boundaries, headlines, kept_out, text_kept, joins, places), sorted(misses, key=lambda m: m.line)


def as_json(scores: dict[str, PageScore], misses: Sequence[Miss]) -> dict[str, Any]:
    """Return what `linjian eval pages --json` prints: the metrics, their counts, a row a page, the misses."""
    whole = sum(scores.values(), PageScore())
    out: dict[str, Any] = {name: getattr(whole, tally).share for name, tally in METRICS.items()}
    out["reasons"] = {name: _ABSENT[tally] for name, tally in METRICS.items() if out[name] is None}
    out["counts"] = {name: asdict(getattr(whole, tally)) for name, tally in METRICS.items()}
    out["pages"] = [
        {"file": file} | {name: getattr(score, tally).share for name, tally in METRICS.items()}
        | {"counts": {name: asdict(getattr(score, tally)) for name, tally in METRICS.items()}}
        for file, score in scores.items()
    ]
    out["misses"] = [asdict(miss) for miss in misses]
    return out


def as_table(scores: dict[str, PageScore], misses: Sequence[Miss]) -> str:
    """Return a table with a line a page and one for all, and every miss, to be read in a terminal."""
    rows = [*scores.items(), ("all pages", sum(scores.values(), PageScore()))]
    width = max(len(name) for name, _ in rows)
    heads = ("boundary F1", "headline", "kept out", "text kept", "joins", "place")
    lines = [" ".join([" " * width, *(f"{head:>15}" for head in heads)])]
    for name, score in rows:
        cells = (_cell(getattr(score, tally), counts=tally != "boundaries") for tally in METRICS.values())
        lines.append(" ".join([f"{name:<{width}}", *(f"{cell:>15}" for cell in cells)]))
    if misses:
        lines += ["", f"{len(misses)} missed:"]
        lines += [f"  {m.file}:{m.line}  {m.what}: wanted {m.wanted or '(none)'}; got {m.got or '(none)'}" for m in misses]
    return "\n".join(lines)


def _cell(tally: Tally, *, counts: bool) -> str:
    if tally.share is None:
        return "-"
    return f"{tally.share:.3f}" + (f" {tally.right}/{tally.total}" if counts else "")


class _PageRow:
    """Lines of one page's text, from 1."""

    def __init__(self, source: Source) -> None:
        self._text = source.text
        self._lines = source.text.split("\n")

    def line(self, number: int) -> str:
        return self._lines[number - 1].strip() if number <= len(self._lines) else ""

    def shown(self, number: int) -> str:
        line = self.line(number)
        return line if len(line) <= 40 else f"{line[:39]}…"

    def line_of(self, offset: int) -> int:
        return self._text.count("\n", 0, offset) + 1

    def lines_of(self, span: tuple[int, int]) -> range:
        return range(self.line_of(span[0]), self.line_of(span[1] - 1) + 1)

    def noise(self, truth: Sequence[TrueArticle]) -> list[int]:
        """Lines that are named as noise, and those outside all articles; blank ones left out."""
        inside = {n for article in truth for n in range(article.start, article.end + 1)}
        named = set().union(*(article.noise_lines for article in truth))
        return [n for n in range(1, len(self._lines) + 1) if self.line(n) and (n in named or n not in inside)]

    def prose(self, truth: Sequence[TrueArticle]) -> list[int]:
        """Lines of true articles that are text beyond doubt."""
        return sorted({
            n for article in truth for n in range(article.start, article.end + 1)
            if n not in article.noise_lines and len(self.line(n)) >= _PROSE and re.search("[。\uff1b]", self.line(n))
        })

    def sentences_at(self, place: TruePlace, sentences: Sequence[Sentence]) -> list[Sentence | None]:
        """Return the sentences that `place` speaks of: [None] when the page has none there.

        Without a column these are the sentences that begin on the line, or else the one that goes on there.
        """
        low = sum(len(line) + 1 for line in self._lines[:place.line - 1])
        if place.column is None:
            high = low + len(self._lines[place.line - 1]) if place.line <= len(self._lines) else low
            begun = [s for s in sentences if low <= s.start < high]
            return [*begun] or [next((s for s in sentences if any(a <= low < b for a, b in s.spans)), None)]
        at = low + place.column - 1
        return [next((s for s in sentences if any(a <= at < b for a, b in s.spans)), None)]


def _same_place(got: tuple[str, ...], want: tuple[str, ...]) -> bool:
    """Tell whether the narrowest place is the same one and no wider place speaks against it.

    One of the two may know more of the places around it (江北区柳巷社区 and 柳巷社区 agree), never another one.
    """
    if not got or not want:
        return got == want
    got, want = tuple(map(simplified, got)), tuple(map(simplified, want))
    if got[-1] != want[-1]:
        return False
    around = {level_of(name): name for name in want}
    return all(around.get(level_of(name), name) == name for name in got)


def _bare(title: str) -> str:
    return re.sub(r"\s", "", title)


def _total(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, Tally())
