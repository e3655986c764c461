"""Results side by side, as tables and pages."""

__all__ = ["compare", "plots", "result_report", "same_answers"]
