"""Sentences found, scored as evidence for the question, and scored again by the reranker."""

__all__ = [
    "case_candidates",
    "cross_encoders",
    "endpoints",
    "features",
    "latency_budget",
    "network",
    "place_filter",
    "rerank",
    "reranker",
    "year_filter",
]
