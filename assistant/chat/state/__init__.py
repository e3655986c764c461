"""A visitor's conversation while it is open: the session, answers on their way, and what is stored of them."""

__all__ = ["answer_stream", "answer_tasks", "history_sync", "session"]
