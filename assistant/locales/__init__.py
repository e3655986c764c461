"""locales: every word that people read on a page, one TOML file a language."""

__all__ = ["index_words", "loader"]
