"""A logistic regression whose weights carry the names of the features that they weigh."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class LogisticModel:
    """`terms` are (which of the feature objects, name of its field, weight)."""

    bias: float
    terms: tuple[tuple[int, str, float], ...]

    @classmethod
    def of(cls, weights: Mapping[str, float], *kinds: type) -> LogisticModel:
        """Return the model of `weights` ("bias" is added as it is) over feature dataclasses of these kinds, in this order.

        ValueError names a weight whose feature none of them has; so does TypeError for what is no number.
        """
        place = {name: i for i, kind in enumerate(kinds) for name in feature_names(kind)}
        for name in weights:
            if name != "bias" and name not in place:
                near = difflib.get_close_matches(name, place, 1)
                raise ValueError(f"there is no feature {name!r}" + (f"; is {near[0]!r} meant?" if near else ""))
        terms = tuple((place[name], name, float(weight)) for name, weight in weights.items() if name != "bias")
        return cls(float(weights.get("bias", 0.0)), terms)

    @property
    def weights(self) -> dict[str, float]:
        """The weights by name, the bias first."""
        return {"bias": self.bias} | {name: weight for _, name, weight in self.terms}

    def probability(self, *features: object) -> float:
        """Return the probability in [0, 1]; `features` are of the kinds that the model is over, in their order."""
        return 1 / (1 + math.exp(-sum((weight * getattr(features[i], name) for i, name, weight in self.terms), self.bias)))


def feature_names(kind: type) -> list[str]:
    """Return the names of a feature dataclass: its fields that are floats."""
    return [field.name for field in fields(kind) if field.type == "float"]


def named_features(*features: object | None) -> dict[str, float]:
    """Return the values of all the feature objects by name; None has none."""
    return {name: getattr(one, name) for one in features if one is not None for name in feature_names(type(one))}
