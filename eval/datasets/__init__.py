"""Questions, what they are asked about, and what counts as right; one module a format."""

__all__ = [
    "beir",
    "case_suite",
    "crud",
    "own",
    "page_truth",
    "rgb",
    "shorten",
    "squad",
    "suites",
    "types",
    "validation",
]
