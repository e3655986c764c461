"""What is wrong with the files of a suite."""

from __future__ import annotations

from eval.datasets.types import SuiteError
from index.files import json_rows


class SuiteFaults(json_rows.Faults):
    """Gathers the faults of a suite."""

    error = SuiteError
    hint = "See docs/evaluate.md for the layout."
