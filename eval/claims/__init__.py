"""Claim verification: true and false claims about invented articles, and training on them."""

__all__ = ["claim_pairs", "edits", "measure_claims", "train_entailment"]
