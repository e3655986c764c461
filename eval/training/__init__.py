"""Training the reranker: its data, the examples made from them, the validation, the loop."""

__all__ = [
    "attributes",
    "average",
    "case_texts",
    "examples",
    "rewording",
    "train",
    "train_case_space",
    "train_forms",
    "train_roles",
    "training_data",
    "training_suite",
    "validate",
]
