"""Published versions of the index: derived from the catalog, never changed, and searched."""

__all__ = ["case_index", "engine", "facets", "filters", "glossary", "lexical", "shards", "vectors", "versions"]
