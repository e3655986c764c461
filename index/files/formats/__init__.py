"""Parsers: one module a format, each turning the bytes of a file into an `Extract`."""

__all__ = [
    "archive",
    "columns",
    "docx",
    "encoding",
    "extract",
    "html",
    "pdf",
    "pdf_characters",
    "plain",
    "records",
    "time_limit",
]
