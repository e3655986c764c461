"""Databases are their owner's alone. Run: python -m pytest -q tests/index/test_sqlite.py"""

import stat
from pathlib import Path

from index.sqlite import Database, Schema


def test_a_database_of_an_older_release_is_narrowed_when_it_is_opened(tmp_path: Path) -> None:
    old = tmp_path / "access.sqlite"
    schema = Schema(1, "CREATE TABLE names (name TEXT)", "Move it away.")
    with Database(old, schema).writing() as db:
        db.execute("INSERT INTO names VALUES ('anna')")
    for file in (old, tmp_path / "access.sqlite-wal"):
        file.touch()
        file.chmod(0o644)
    with Database(old, schema).reading() as db:
        assert db.execute("SELECT name FROM names").fetchall() == [("anna",)]
        assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
