"""SQLite files: opened, made and checked in one way, and named with the next command when they cannot be used.

A file holds the number of its schema as `user_version`. It is made for its owner alone (mode 0600; the logs that SQLite
keeps beside it take that over), in one transaction, however many processes begin at once.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from index.errors import DamagedIndex, StaleIndex, Unwritable

REBUILD = "Mend it: linjian index rebuild"
_MISSING = ("no such table", "no such column")
_UNREADABLE = "Could not decode to UTF-8"
_MALFORMED = "malformed database schema"
NOTED = "databases.txt"
"""Beside the databases that nothing can make again: their names, a line each, so that a check notices one that is gone."""


@dataclass(frozen=True, slots=True)
class Schema:
    """What a file is made of. `remedy` ends the message that it is damaged; a writer waits `wait` seconds for another.

    The name of a file that is `noted` is written down beside it.
    """

    version: int
    tables: str
    remedy: str
    pragmas: tuple[str, ...] = ("foreign_keys = ON",)
    wait: float = 10
    noted: bool = False


class Database:
    """A file that is opened for one call at a time, and made when first written. Threads and processes may share it.

    Both ways to open it raise DamagedIndex, StaleIndex (a newer release made it) or Unwritable, each naming the file.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        self.path, self._schema = path, schema

    @property
    def exists(self) -> bool:
        return self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that sees one state throughout; an empty one in memory while there is no file."""
        with self._opened() as db:
            db.execute("BEGIN")
            yield db
            db.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection in a transaction: all that the block does is stored when it ends, or nothing."""
        with self._opened(create=True) as db:
            db.execute("BEGIN IMMEDIATE")
            yield db  # closing the connection without a commit rolls back
            db.execute("COMMIT")

    @contextmanager
    def _opened(self, *, create: bool = False) -> Iterator[sqlite3.Connection]:
        with trouble_named(self.path, self._schema.remedy):
            path = self.path if create or self.exists else None
            with closing(connect(path, self._schema)) as db:
                make_tables(db, self._schema)
                yield db


def connect(path: Path | None, schema: Schema, *, shared: bool = False) -> sqlite3.Connection:
    """Open a file, or an empty database in memory; an absent file is made. `shared`: other threads may use the connection.

    Where the file's folder may only be read, so may the file. Raises StaleIndex when a newer release made it, and what
    SQLite and the system raise.
    """
    if path is not None:
        is_new = not path.exists()
        make_private(path)
        if is_new and schema.noted:
            note(path.parent, path.name)
    db = sqlite3.connect(address_of(path) if path else ":memory:", uri=path is not None, timeout=schema.wait,
                         isolation_level=None, check_same_thread=not shared)
    try:
        for pragma in schema.pragmas:
            db.execute(f"PRAGMA {pragma}")
        if (made_by := version_of(db)) > schema.version:
            raise StaleIndex(f"{str(path)!r} was made by a newer release (schema {made_by}, this one reads "
                             f"{schema.version}). Install that release again.")
    except BaseException:
        db.close()
        raise
    return db


def address_of(path: Path) -> str:
    """Return the address (a URI) under which SQLite opens a file: for reading alone where nothing may be made beside it.

    SQLite makes two files beside a database that keeps a log, even to read it. Where it cannot, a database that has no log
    lying there is whole as it is, and is read as if it never changed.
    """
    address = path.absolute().as_uri()
    if may_write(path.parent):
        return address
    return address + ("?mode=ro" if path.with_name(f"{path.name}-wal").exists() else "?immutable=1")


def may_write(path: Path) -> bool:
    """Tell whether this process may write to a file, or make files in a folder."""
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def make_tables(db: sqlite3.Connection, schema: Schema) -> None:
    """Make the tables of a schema, unless the file has them; it keeps a log from then on, which readers do not wait for."""
    if version_of(db) < schema.version:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN IMMEDIATE")
        if version_of(db) < schema.version:  # no other process was quicker
            for statement in schema.tables.split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {schema.version}")
        db.execute("COMMIT")


def make_private(path: Path) -> None:
    """Make an empty file that its owner alone may read, with its folder; from one that is there take others' rights.

    An earlier release made its files readable by everybody. Those of another owner stay as they are.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        return
    for file in (path, *(path.with_name(f"{path.name}-{log}") for log in ("wal", "shm"))):
        with suppress(OSError):
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & 0o077:
                file.chmod(mode & 0o700)


def note(home: Path, *names: str) -> None:
    """Write down the names of databases in `home` that nothing can make again, each once."""
    if new := [name for name in names if name not in noted(home)]:
        # Added to the end in one call, so that two processes that each make a database do not lose the other's name; the
        # line end comes first, so that a name that was cut off does not run into the next.
        with os.fdopen(os.open(home / NOTED, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "w", encoding="utf-8") as file:
            file.write("".join(f"\n{name}" for name in new))


def noted(home: Path) -> list[str]:
    """Return the names that were written down, sorted; one that was damaged is none."""
    try:
        lines = (home / NOTED).read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return sorted({line for line in lines if line.isprintable() and line == Path(line).name and line.endswith(".sqlite")})


def version_of(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


@contextmanager
def damage_named(path: Path, remedy: str = REBUILD) -> Iterator[None]:
    """Raise DamagedIndex, naming the file and what to do, for what can only come from a broken file."""
    try:
        yield
    except UnicodeDecodeError as error:
        if not _is_of_sqlite(error):
            raise
        raise DamagedIndex(f"{str(path)!r} is damaged ({_MALFORMED}). {remedy}") from error
    except sqlite3.DatabaseError as error:
        # Of its kinds only some speak of the file; the others are a full disk, a lock or a bug, and what is stored is sound.
        if type(error) is not sqlite3.DatabaseError and not str(error).startswith((*_MISSING, _UNREADABLE)):
            raise
        raise DamagedIndex(f"{str(path)!r} is damaged ({_plain(error)}). {remedy}") from error


@contextmanager
def trouble_named(path: Path, remedy: str) -> Iterator[None]:
    """As `damage_named`; Unwritable, naming the file, when the disk is full or its rights or locks are in the way."""
    try:
        with damage_named(path, remedy):
            yield
    except OSError as error:
        raise Unwritable(f"{str(path)!r} cannot be written: {error.strerror or error}. Look at the disk and its "
                         "rights.") from error
    except sqlite3.OperationalError as error:
        raise Unwritable(f"{str(path)!r} cannot be used: {error}. Look at the disk and its rights.") from error


def faults_in(db: sqlite3.Connection) -> list[str]:
    """Return what is wrong with a database by SQLite's own check, or with the texts in it; [] when it is whole."""
    found = [row[0] for row in db.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
    found += [f"a row of {row[0]} belongs to nothing" for row in db.execute("PRAGMA foreign_key_check")]
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    for table in tables if not found else ():
        try:
            for _ in db.execute(f'SELECT * FROM "{table}"'):
                pass  # reading a row decodes its texts
        except sqlite3.OperationalError as error:
            found.append(f"a row of {table} cannot be read: {_plain(error)}")
    return found


def faults_of(path: Path) -> list[str]:
    """Return what is wrong with a database file; [] when it is whole."""
    if not path.stat().st_size:
        return ["it is empty: what it held is lost"]
    try:
        with closing(sqlite3.connect(address_of(path), uri=True)) as db:
            return faults_in(db)
    except sqlite3.DatabaseError as error:
        return [_plain(error)]
    except UnicodeDecodeError as error:
        if not _is_of_sqlite(error):
            raise
        return [_MALFORMED]


def to_disk(path: Path) -> None:
    """Wait until a file or folder would survive a power cut."""
    if os.name == "nt" and path.is_dir():  # Windows opens no folders; it writes their entries at once
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_of_sqlite(error: UnicodeDecodeError) -> bool:
    """Tell whether it is SQLite's message about a damaged name that cannot be decoded: Python raises that in its place."""
    return error.object.startswith(_MALFORMED.encode())


def _plain(error: sqlite3.Error) -> str:
    """Return what SQLite says, without the text that it could not read."""
    return str(error).partition(" with text ")[0]
