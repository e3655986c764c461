"""What is said, and how it is written down."""

__all__ = ["plain_text", "reference"]
