"""Pages on their way into the index: one writer at a time adds, updates and removes files."""

__all__ = ["originals"]
