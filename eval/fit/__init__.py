"""Fit the weights of the evidence, answerability and verification models."""

__all__ = ["calibrate", "fit_verification"]
