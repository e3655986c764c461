"""The index and the assistant for other people's chains."""

__all__ = ["langchain"]
