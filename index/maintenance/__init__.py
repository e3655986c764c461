"""Verify, repair and list what the index holds."""

__all__ = ["check", "inventory", "originals", "repair"]
