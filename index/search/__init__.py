"""Published versions of the index: derived from the catalog, never changed, and searched."""

__all__ = ["engine", "facets", "filters", "glossary", "lexical", "shards", "vectors", "versions"]
