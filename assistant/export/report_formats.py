"""The files that a report comes as."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.export.report_pdf import as_pdf
from assistant.export.report_text import as_markdown
from assistant.export.report_word import as_docx
from assistant.export.types import Report


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """`label` is what the button says, `media_type` what the browser is told, `write` makes the bytes."""

    label: str
    media_type: str
    write: Callable[[Report], bytes]


def _markdown(report: Report) -> bytes:
    return as_markdown(report).encode("utf-8", "replace")


REPORT_FORMATS = {
    "docx": ReportFormat("Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", as_docx),
    "pdf": ReportFormat("PDF", "application/pdf", as_pdf),
    "md": ReportFormat("Markdown", "text/markdown;charset=utf-8", _markdown),
}
"""By the ending of the file's name."""
