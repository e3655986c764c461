"""index: files -> articles -> passages -> search; imports nothing of ours."""

__all__ = [
    "cases",
    "catalog",
    "embedding",
    "errors",
    "files",
    "ingest",
    "maintenance",
    "messages",
    "pages",
    "progress",
    "search",
    "sqlite",
    "text",
    "types",
]
