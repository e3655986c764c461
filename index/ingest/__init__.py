"""Add, update and remove files, one writer at a time."""

__all__ = ["corpus", "import_report", "uploads", "watch"]
