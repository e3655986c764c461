"""Which stored articles are printings of one another, kept up to date in the tables `bands` and `alike` of the catalog.

A text that several articles print word for word is one row (its digest, `print`), so copies cost nothing to compare.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from index.catalog.fingerprints import Fingerprint, clusters, fingerprint, same_article
from index.types import Printing

_REPRINTED = ("print IN (SELECT print FROM alike) OR print IN (SELECT print FROM articles GROUP BY print "
              "HAVING count(*) > 1) OR reprint_of IS NOT NULL")


def compare(db: sqlite3.Connection, text: str, stored_text: Callable[[str], str]) -> Fingerprint:
    """Remember an article's text and which of the stored texts are the same article; return its fingerprint.

    `stored_text` returns the text of a digest that some stored article has.
    """
    printed = fingerprint(text)
    if db.execute("SELECT 1 FROM articles WHERE print = ?", (printed.digest,)).fetchone():
        return printed
    marks = ",".join("?" * len(printed.bands))
    near = db.execute(f"SELECT DISTINCT print FROM bands WHERE band IN ({marks})", printed.bands).fetchall()
    for (other,) in near:
        if same_article(text, stored_text(other)):
            db.executemany("INSERT INTO alike VALUES (?,?)", [(printed.digest, other), (other, printed.digest)])
    db.executemany("INSERT OR IGNORE INTO bands VALUES (?,?)", [(band, printed.digest) for band in printed.bands])
    return printed


def forget(db: sqlite3.Connection, digests: Sequence[str]) -> None:
    """Forget the texts that no article has any more."""
    for digest in digests:
        if not db.execute("SELECT 1 FROM articles WHERE print = ?", (digest,)).fetchone():
            db.execute("DELETE FROM bands WHERE print = ?", (digest,))
            db.execute("DELETE FROM alike WHERE print = ?", (digest,))
            db.execute("DELETE FROM alike WHERE other = ?", (digest,))


def mark(db: sqlite3.Connection) -> None:
    """Choose, of every article printed several times, the one to be searched: the longest, then the earliest.

    The choice depends on what is stored and not on the order in which it came.
    """
    copies = db.execute(f"SELECT print, length, id, reprint_of FROM articles WHERE {_REPRINTED} "
                        "ORDER BY print, date = '', date, file, n").fetchall()
    of_print: dict[str, list[str]] = {}
    for digest, _, article_id, _ in copies:
        of_print.setdefault(digest, []).append(article_id)
    alike: dict[str, set[str]] = {}
    for digest, other in db.execute("SELECT print, other FROM alike"):
        alike.setdefault(digest, set()).add(other)
    leader: dict[str, str | None] = {}
    for group in clusters({digest: length for digest, length, _, _ in copies}, alike):
        first, *others = [article_id for digest in group for article_id in of_print[digest]]
        leader |= {first: None} | dict.fromkeys(others, first)
    db.executemany("UPDATE articles SET reprint_of = ? WHERE id = ?", [
        (leader[article_id], article_id) for _, _, article_id, before in copies if leader[article_id] != before])


def printings(db: sqlite3.Connection, article_id: str | None = None) -> dict[str, tuple[Printing, ...]]:
    """Return the other printings of each article that has any, the searched one first; of one article and its like only."""
    where, values = "id IN (SELECT reprint_of FROM articles WHERE reprint_of IS NOT NULL) OR reprint_of IS NOT NULL", ()
    if article_id is not None:
        leader = db.execute("SELECT coalesce(reprint_of, id) FROM articles WHERE id = ?", (article_id,)).fetchone()
        where, values = "id = ? OR reprint_of = ?", leader * 2
    groups: dict[str, list[Printing]] = {}
    for leader, *printed in db.execute(
            f"SELECT coalesce(reprint_of, id), id, file, title, source, date FROM articles WHERE {where} "
            "ORDER BY reprint_of IS NOT NULL, date = '', date, file, n", values):
        groups.setdefault(leader, []).append(Printing(*printed))
    return {one.article_id: others for group in groups.values() for one in group
            if (others := tuple(other for other in group if other is not one))}
