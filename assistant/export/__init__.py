"""Answers to take away: plain text, Markdown, Word and PDF."""

__all__ = ["build_report", "pdf_lines", "report_formats", "report_pdf", "report_text", "report_word", "types"]
