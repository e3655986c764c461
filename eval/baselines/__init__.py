"""Other frameworks on the same passages with the same embedding model, each in a process of its own."""

__all__ = [
    "haystack_baseline",
    "langchain_baseline",
    "llamaindex_baseline",
    "run_baselines",
    "txtai_baseline",
    "worker",
]
