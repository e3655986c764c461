"""Ask every question of a dataset and score the answers."""

__all__ = ["answerers", "answers", "corpora", "judges", "result", "run_suite"]
