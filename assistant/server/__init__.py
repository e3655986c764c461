"""One web application out of all channels, and the process that serves it."""

__all__ = ["application", "connections", "serve"]
