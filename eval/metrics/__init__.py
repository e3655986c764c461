"""What is measured of an answer, a ranking or a page, and with what confidence."""

__all__ = [
    "case_scores",
    "citations",
    "estimate",
    "metric_table",
    "page_scores",
    "ranking",
    "text_metrics",
]
