"""Linjian as parts of other people's programs."""

__all__: list[str] = []
