"""What every channel calls: one queue, answers computed in threads, the newest index, and the news of each answer."""

__all__: list[str] = []
