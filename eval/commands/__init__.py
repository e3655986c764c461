"""The commands of `linjian eval`."""

__all__ = [
    "case_commands",
    "claim_commands",
    "component_commands",
    "eval_commands",
    "fit_commands",
    "load_commands",
    "options",
    "result_commands",
    "run_commands",
    "training_commands",
]
