"""Every word that the interface shows, one TOML file a language."""

__all__ = ["index_words", "loader"]
