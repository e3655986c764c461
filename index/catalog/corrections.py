"""What librarians say of single articles in place of what was read off the page, kept in the table `corrections`.

A correction belongs to a text: when its page is read again, in whatever release and after whatever update, it goes to the
article that still is that text. One that fits no article is kept and waits (it is "orphaned"); it is never laid on another.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields

from index.catalog.fingerprints import SAME, printed_text, resemblance, same_article
from index.errors import NotFound, WrongCorrection
from index.text.dates import iso_date
from index.types import Article, Correction

LONGEST = 200
"""Characters that a corrected field may have."""
FIELDS = tuple(field.name for field in fields(Correction))
_GROWN = 0.5
"""Share of shingles in common from which an article under the same headline and date is the same one, edited."""
_ROW = f"number, file, coalesce(article_id, ''), {', '.join(FIELDS)}, as_read, text, made_by, made_at"


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored correction.

    `article_id` is the article that it is laid on, "" when it is orphaned. `read` is what the page said in its place, and
    `text` the article's text, when it was last recognised. `made_by` names who made it, `made_at` when (ISO, UTC).
    """

    number: int
    file: str
    article_id: str
    said: Correction
    read: Correction
    text: str
    made_by: str
    made_at: str

    @property
    def headline(self) -> str:
        """The headline by which a person knows the article, "" when it has none."""
        return (self.read.title if self.said.title is None else self.said.title) or ""


def checked(said: Correction) -> Correction:
    """Return what was said, tidied; WrongCorrection names the field at fault."""
    tidy: dict[str, str] = {}
    for name in FIELDS:
        if (value := getattr(said, name)) is None:
            continue
        value = " ".join(value.split())
        if len(value) > LONGEST:
            raise WrongCorrection(name, value, f"{len(value)} characters are too many, the limit is {LONGEST}.")
        if not value.isprintable():
            raise WrongCorrection(name, value, f"{value!a} has unprintable characters.")
        if name == "date" and value and not iso_date(value):
            raise WrongCorrection(name, value, f"{value!r} is no day. Write it like 2024-05-06.")
        tidy[name] = iso_date(value) if name == "date" else value
    return Correction(**tidy)


def as_read(article: Article) -> Correction:
    """Return what a correction of an article that has none would replace."""
    return Correction(article.title, article.source, article.date, article.place)


def merged(before: Correction, said: Correction, read: Correction) -> Correction:
    """Return a correction with what is newly said; what agrees with the page needs none."""
    values = {name: getattr(before, name) if getattr(said, name) is None else getattr(said, name) for name in FIELDS}
    return Correction(**{name: None if value == getattr(read, name) else value for name, value in values.items()})


def recognise(kept: Sequence[Kept], articles: Iterable[Article]) -> dict[str, Kept]:
    """Return, by the id of an article as it is read now, the correction that belongs to it; each goes to one at most."""
    pairs = []
    for n, article in enumerate(articles):
        text, read = printed_text(article), as_read(article)
        for one in kept:
            whole = one.text == text
            headed = bool(read.title) and (read.title, read.date) == (one.read.title, one.read.date)
            likeness = 1.0 if whole else resemblance(one.text, text)
            # Under its own headline an edited article may say other figures, but not be another form altogether.
            if whole or same_article(one.text, text) or headed and (
                    likeness >= SAME or same_article(one.text, text, least=_GROWN)):
                pairs.append((-likeness, not headed, one.article_id != article.id, n, one.number, article.id, one))
    found: dict[str, Kept] = {}
    for *_, article_id, one in sorted(pairs, key=lambda pair: pair[:-2]):
        if article_id not in found and one not in found.values():
            found[article_id] = one
    return found


class Corrections:
    """The corrections in a catalog's database; changes belong into its transactions."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def all(self) -> list[Kept]:
        """Return every correction, in the order of files and of making."""
        return self._select("TRUE")

    def of(self, file: str) -> list[Kept]:
        """Return the corrections of the articles of one file, the orphaned ones too."""
        return self._select("file = ?", file)

    def on(self, article_id: str) -> Kept | None:
        """Return the correction that is laid on an article, None when there is none."""
        return next(iter(self._select("article_id = ?", article_id)), None)

    def put(self, article: Article, said: Correction, made_by: str, made_at: str) -> None:
        """Store a correction of an article (as it is read), in place of the one on it."""
        self._db.execute("DELETE FROM corrections WHERE article_id = ?", (article.id,))
        if said != Correction():
            self._db.execute(
                f"INSERT INTO corrections (file, article_id, {', '.join(FIELDS)}, as_read, text, made_by, made_at) "
                "VALUES (?,?,?,?,?,?,?,?,?,?)",
                (article.file, article.id, *astuple(said), _packed(article), printed_text(article), made_by, made_at))

    def lay(self, file: str, found: Mapping[str, Kept], articles: Iterable[Article]) -> None:
        """Remember which articles (as they are read now) the corrections of a file are laid on; the others are orphaned."""
        self.release(file)
        self._db.executemany("UPDATE corrections SET article_id = ?, as_read = ?, text = ? WHERE number = ?", [
            (article.id, _packed(article), printed_text(article), found[article.id].number)
            for article in articles if article.id in found])

    def release(self, file: str) -> None:
        """Let the corrections of a file that goes wait for its return."""
        self._db.execute("UPDATE corrections SET article_id = NULL WHERE file = ?", (file,))

    def forget(self, number: int) -> Kept:
        """Delete a correction and return it; NotFound when there is none of that number."""
        found = self._select("number = ?", number)
        if not found:
            raise NotFound(f"There is no correction {number}. See what there is: linjian index corrections")
        self._db.execute("DELETE FROM corrections WHERE number = ?", (number,))
        return found[0]

    def laid(self) -> list[tuple]:
        """Return, for a digest, what is said of which article."""
        return self._db.execute(f"SELECT article_id, {', '.join(FIELDS)} FROM corrections WHERE article_id IS NOT NULL "
                                "ORDER BY article_id").fetchall()

    def _select(self, where: str, *values: object) -> list[Kept]:
        rows = self._db.execute(f"SELECT {_ROW} FROM corrections WHERE {where} ORDER BY file, number", values).fetchall()
        return [Kept(number, file, article_id, Correction(*said), Correction(*json.loads(read)), *rest)
                for number, file, article_id, *said, read, text, by, at in rows for rest in [(text, by, at)]]


def _packed(article: Article) -> str:
    return json.dumps(astuple(as_read(article)), ensure_ascii=False)
