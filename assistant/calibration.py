"""The fitted weights of the evidence and gate models: `calibration.toml`, written by `python -m eval.calibrate`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.question import Form
from index.errors import ReadError

BUNDLED = Path(__file__).with_name("calibration.toml")
READ = Path(__file__).with_name("calibration_reader.toml")
"""The weights for what the reader has read: its signals beside the others."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of three logistic models, each with a "bias", and the probability from which a question is answered.

    `evidence` scores sentences for questions about one place, `cases` for questions after several (what makes a good
    sentence differs), `gate` whether the articles answer a question at all.
    """

    evidence: Mapping[str, float]
    cases: Mapping[str, float]
    gate: Mapping[str, float]
    threshold: float

    def for_form(self, form: Form) -> Mapping[str, float]:
        """Return the weights for sentences, by the form of the question."""
        return self.cases if form is Form.CASES else self.evidence

    @classmethod
    def load(cls, path: Path = BUNDLED) -> Calibration:
        """Read the weights; ReadError names the file and what is wrong with it."""
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(evidence=data["evidence"], cases=data["cases"], gate=data["gate"], threshold=float(data["threshold"]))
        except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
            raise ReadError(f"calibration {str(path)!r}: {error!r}. Restore the file, or make it: "
                            "python -m eval.calibrate") from error

    def to_toml(self, comment: str) -> str:
        """Return the file's text; `comment` says where the weights come from."""
        lines = [*(f"# {line}" for line in comment.splitlines()), f"threshold = {self.threshold}"]
        for name, weights in (("evidence", self.evidence), ("cases", self.cases), ("gate", self.gate)):
            lines += ["", f"[{name}]", *(f"{key} = {value:.4f}" for key, value in weights.items())]
        return "\n".join(lines) + "\n"
