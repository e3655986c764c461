"""Texts to unit vectors, and those that were computed before."""

__all__ = ["batches", "e5", "embedding_text", "encoder", "fitted_weights", "int8", "precision", "vector_cache"]
