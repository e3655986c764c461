"""Answers to take away: plain text, Markdown, Word and PDF."""

__all__ = ["report_formats"]
