"""Files of every kind that is read: found, opened, and turned into text."""

__all__ = ["json_rows", "time_limit"]
