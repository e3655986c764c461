"""Answers and their evidence as HTML; everything from a question, an answer or an article is escaped here."""

__all__ = ["answer_view", "evidence_view", "highlight", "history_view"]
