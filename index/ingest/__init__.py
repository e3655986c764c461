"""Add, update and remove files, one writer at a time."""

__all__ = ["corpus", "import_report", "other_news", "uploads", "watch"]
