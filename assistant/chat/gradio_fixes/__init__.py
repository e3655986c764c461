"""Gradio mended from outside: what an event may take, what it redraws, whose a session is, when a stream of events ends."""

__all__ = ["blocks", "inputs", "page_sessions", "streams"]
