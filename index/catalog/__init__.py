"""Files, articles, passages and corrections in one SQLite database: the truth that all else is derived from."""

__all__ = ["catalog", "corrections", "fingerprints", "locking", "reprints", "rows", "schema"]
