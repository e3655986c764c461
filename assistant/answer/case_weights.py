"""The weights of a list of cases, read from `weights/cases.toml` and checked when they are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.answer.case_cards import CardCut, CardModels, ToldFeatures
from assistant.evidence.case_candidates import CaseFeatures
from assistant.weights.logistic import LogisticModel
from assistant.weights.weights import WEIGHTS, read_fitted

FITTED, PLAIN = WEIGHTS / "cases.toml", WEIGHTS / "plain_cases.toml"
"""Fitted to the bundled encoder; the rule for an encoder that nothing was fitted to."""


@dataclass(frozen=True, slots=True)
class CaseWeights:
    """Which case answers, and what its card tells.

    `answers` gives a case's probability; it is shown from `bar` on, and to a question after one story only when it comes
    near the best (`alone`, a share of its probability). `sentences` and `card` choose what its card tells. `encoder` is what
    they were fitted to ("" for none).
    """

    encoder: str
    bar: float
    alone: float
    answers: LogisticModel
    card: CardCut
    sentences: CardModels

    @classmethod
    def load(cls, path: Path = FITTED) -> CaseWeights:
        """Read the weights; ReadError names the file and what is wrong with it."""
        return read_fitted(path, cls._of, "weights of cases", "linjian eval calibrate-cases")

    @classmethod
    def for_encoder(cls, name: str) -> CaseWeights:
        """Return the fitted weights when they were fitted to the encoder of this name, else those of the plain rule."""
        fitted = cls.load()
        return fitted if fitted.encoder == name else cls.load(PLAIN)

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> CaseWeights:
        told, ended = (LogisticModel.of(data[name], ToldFeatures) for name in ("told", "ended"))
        answers = LogisticModel.of(data["answers"], CaseFeatures)
        return cls(data["encoder"], float(data["bar"]), float(data["alone"]), answers, CardCut(**data["card"]),
                   CardModels(told, ended))

    def to_toml(self, comment: str) -> str:
        """Return the file's text; `comment` says where the weights come from."""
        lines = [*(f"# {line}" for line in comment.splitlines()), f"encoder = {json.dumps(self.encoder)}",
                 f"bar = {self.bar}", f"alone = {self.alone}", "", "[card]",
                 *(f"{name} = {value}" for name, value in asdict(self.card).items())]
        for name, model in (("answers", self.answers), ("told", self.sentences.told), ("ended", self.sentences.ended)):
            lines += ["", f"[{name}]", *(f"{key} = {value:.4f}" for key, value in model.weights.items())]
        return "\n".join(lines) + "\n"
