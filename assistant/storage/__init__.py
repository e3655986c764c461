"""Conversations as they were, the evidence they stood on, and what people said of the answers."""

__all__ = ["conversations", "database", "feedback", "feedback_questions", "snapshot", "types"]
