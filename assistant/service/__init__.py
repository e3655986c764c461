"""What every channel calls: one queue, answers computed in threads, the newest index, the news of an answer, HTTP errors."""

__all__: list[str] = []
