"""The widget: what IT staff put into a page of their own, and the page that runs inside its frame."""

__all__ = ["routes"]
