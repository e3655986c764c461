"""Training the reranker: its data, the examples made from them, the validation, the loop."""

__all__ = [
    "attributes",
    "average",
    "examples",
    "rewording",
    "train",
    "training_data",
    "training_suite",
    "validate",
]
