"""Fit the weights of the evidence, answerability and verification models."""

__all__ = ["calibrate", "calibrate_cases", "fit_verification"]
