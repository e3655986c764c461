"""All fitted numbers, as TOML files that name the encoder (and reranker) they were fitted to, and what reads them."""

from pathlib import Path

from assistant.weights.logistic import LogisticModel, feature_names, named_features

__all__ = ["WEIGHTS", "LogisticModel", "feature_names", "named_features"]

WEIGHTS = Path(__file__).parent
