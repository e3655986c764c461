"""Pages and pieces of pages as Jinja templates, every value escaped."""

__all__ = ["environment"]
