"""What every channel calls: the queue, the limits, and an assistant that follows the index."""

__all__ = ["answering", "channels", "events", "history", "live", "problem_details", "queue"]
