"""Fitted weights, each with the encoder it was fitted to, and how they are read."""

__all__ = ["logistic", "weights"]
