"""Fit the weights of the evidence, answerability and verification models."""

__all__ = ["calibrate", "calibrate_cases", "checked_claims", "fit_verification"]
