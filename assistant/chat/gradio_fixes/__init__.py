"""Gradio mended from outside: what an event may take, what it redraws, and when a stream of events ends."""

__all__ = ["blocks", "inputs", "streams"]
