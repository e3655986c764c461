"""eval: measures the assistant; imports `assistant`, `index` and `prompts`; only the command line imports it."""

__all__ = [
    "baselines",
    "claims",
    "commands",
    "components",
    "datasets",
    "fit",
    "load_test",
    "metrics",
    "report",
    "run",
    "training",
]
