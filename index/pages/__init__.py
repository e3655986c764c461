"""What the lines of a newspaper page are, and the articles that they make."""

__all__ = ["line_reasons"]
