"""The weights of evidence and answerability, read from the files in `weights/` and checked when they are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.answer.answerability import AnswerabilityFeatures, BestReading, CosineScale
from assistant.answer.extractive import Cut, Cuts
from assistant.evidence.features import Features, Reading
from assistant.evidence.rerank import ReadingPlan
from assistant.question.forms import Form
from assistant.weights.logistic import LogisticModel
from assistant.weights.weights import WEIGHTS, read_fitted

FITTED, FITTED_RERANKED = WEIGHTS / "evidence.toml", WEIGHTS / "reranked.toml"
"""Fitted to the bundled encoder; the second also to what the bundled reranker says."""
PLAIN, PLAIN_RERANKED = WEIGHTS / "plain.toml", WEIGHTS / "plain_reranked.toml"
"""The rule for an encoder that nothing was fitted to: a few equal shares, set by hand, and no cosine's height."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of three logistic models, the probability from which a question is answered, and the cuts of the answer.

    `evidence` scores sentences for questions about one place, `cases` for questions after several (what makes a good
    sentence differs), `answerability` whether the articles answer a question at all. `encoder` and `reranker` are what they
    were fitted to ("" for none); `reading` says what the reranker is given, None where there is none.
    """

    encoder: str
    reranker: str
    threshold: float
    cosines: CosineScale
    cuts: Cuts
    evidence: LogisticModel
    cases: LogisticModel
    answerability: LogisticModel
    reading: ReadingPlan | None = None

    def for_form(self, form: Form) -> LogisticModel:
        """Return the model for sentences, by the form of the question."""
        return self.cases if form is Form.CASES else self.evidence

    @classmethod
    def load(cls, path: Path = FITTED) -> Calibration:
        """Read the weights; ReadError names the file and what is wrong with it."""
        return read_fitted(path, cls._of, "calibration", "linjian eval calibrate")

    @classmethod
    def for_encoder(cls, name: str, *, reranked: bool = False) -> Calibration:
        """Return the fitted weights when they were fitted to the encoder of this name, else those of the plain rule."""
        fitted = cls.load(FITTED_RERANKED if reranked else FITTED)
        return fitted if fitted.encoder == name else cls.load(PLAIN_RERANKED if reranked else PLAIN)

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> Calibration:
        reading = ReadingPlan(**data["reading"]) if "reading" in data else None
        sentence, whole = ((Features, Reading), (AnswerabilityFeatures, BestReading)) if reading else (
            (Features,), (AnswerabilityFeatures,))
        return cls(
            encoder=data["encoder"], reranker=data.get("reranker", ""), threshold=float(data["threshold"]),
            cosines=CosineScale(**data["cosines"]),
            cuts=Cuts(**{name: Cut(*cut) if isinstance(cut, list) else cut for name, cut in data["cuts"].items()}),
            evidence=LogisticModel.of(data["evidence"], *sentence), cases=LogisticModel.of(data["cases"], *sentence),
            answerability=LogisticModel.of(data["answerability"], *whole), reading=reading)

    def to_toml(self, comment: str) -> str:
        """Return the file's text; `comment` says where the weights come from."""
        lines = [*(f"# {line}" for line in comment.splitlines()), f"encoder = {json.dumps(self.encoder)}"]
        lines += [f"reranker = {json.dumps(self.reranker)}"] if self.reranker else []
        lines += [f"threshold = {self.threshold}", *_tables({
            "cosines": asdict(self.cosines), "cuts": {name: [*cut.values()] for name, cut in asdict(self.cuts).items()},
            **({"reading": asdict(self.reading)} if self.reading else {})})]
        for name, model in (("evidence", self.evidence), ("cases", self.cases), ("answerability", self.answerability)):
            lines += ["", f"[{name}]", *(f"{key} = {value:.4f}" for key, value in model.weights.items())]
        return "\n".join(lines) + "\n"


def encoder_notice(name: str) -> str | None:
    """Return what to say when nothing was fitted to the encoder of this name, None when the weights are its own."""
    fitted = Calibration.load().encoder
    if name == fitted:
        return None
    return (f"no weights were fitted to the encoder {name!r}: a plain rule chooses sentences and refuses questions, less "
            f"well. Fit weights (docs/evaluate.md), or set LINJIAN_ENCODER={fitted}")


def _tables(tables: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return tables of numbers, lists of numbers and one level of tables inside as lines of TOML."""
    lines: list[str] = []
    for name, rows in tables.items():
        lines += ["", f"[{name}]"]
        for key, value in rows.items():
            inside = isinstance(value, Mapping)
            lines.append(f"{key} = " + ("{ " + ", ".join(f"{k} = {json.dumps(v)}" for k, v in value.items()) + " }"
                                        if inside else json.dumps(value)))
    return lines
