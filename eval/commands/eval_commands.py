"""The first word behind `linjian eval`, and where the command is."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

import typer

from assistant.commands.groups import LazyGroup

BAD_INPUT = 2
"""Exit status when a suite, truth file or page is at fault, as of wrong usage."""
_ROOM = "eval.commands"


class EvalCommands(LazyGroup):
    """Everything that measures, fits or trains."""

    places: ClassVar = {
        "run": f"{_ROOM}.run_commands:run", "compare": f"{_ROOM}.result_commands:compare",
        "report": f"{_ROOM}.result_commands:report", "same": f"{_ROOM}.result_commands:same",
        "list": f"{_ROOM}.result_commands:listing", "pages": f"{_ROOM}.result_commands:pages",
        "parts": f"{_ROOM}.component_commands:parts", "ablate": f"{_ROOM}.component_commands:ablate",
        "baselines": f"{_ROOM}.component_commands:baselines", "calibrate": f"{_ROOM}.fit_commands:calibrate",
        "calibrate-cases": f"{_ROOM}.fit_commands:calibrate_cases",
        "cases": f"{_ROOM}.case_commands:cases", "claims": f"{_ROOM}.claim_commands:claims",
        "train-entailment": f"{_ROOM}.claim_commands:train_entailment",
        "support": f"{_ROOM}.fit_commands:support", "train": f"{_ROOM}.training_commands:train",
        "train-roles": f"{_ROOM}.training_commands:train_roles",
        "train-case-space": f"{_ROOM}.training_commands:train_case_space",
        "train-forms": f"{_ROOM}.training_commands:train_forms",
        "average": f"{_ROOM}.training_commands:average", "training-suite": f"{_ROOM}.training_commands:training_suite",
        "load": f"{_ROOM}.load_commands:load", "check-time": f"{_ROOM}.load_commands:check_time",
        "bench-index": f"{_ROOM}.load_commands:bench_index",
    }

    def invoke(self, ctx: Any) -> Any:
        """Run a command; an unreadable suite, truth file or page ends it with a status of its own."""
        from index.errors import ReadError

        try:
            return super().invoke(ctx)
        except ReadError as error:
            print(f"linjian: {error}", file=sys.stderr)
            return BAD_INPUT


evaluation = typer.Typer(
    cls=EvalCommands, help="Measure, fit and train.", callback=lambda: None, rich_markup_mode=None, add_completion=False)
