"""The support check: does a passage carry a sentence that a language model wrote?

Two questions, and both must be answered yes. Facts: every number, date, name, place and quoted title of the claim stands in
the source (`missing_facts`; 三千二百元 is 3200元). Content: a logistic model over a few signals says how likely the source
carries the claim. The weights stand in `support.toml`, fitted by `python -m eval.support` on claims about news that it
had to tell apart (after the idea of Tang et al. 2024, MiniCheck: check each sentence against the documents it cites).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path

import rjieba

from assistant.claim_names import names_in
from assistant.contradictions import contradictions, opposed
from assistant.evidence import probability
from assistant.source import NO_TERM, Source, letters_of, pairs_of
from index.errors import ReadError
from index.text.language import language_of
from index.text.normalize import fold, matching_form
from index.text.numbers import numbers_in, stands_in
from index.text.places import stem_of

BUNDLED = Path(__file__).with_name("support.toml")


@dataclass(frozen=True, slots=True)
class Support:
    """How far a source carries a claim: `probability` in [0, 1], the facts it lacks or contradicts, its carrying sentences.

    When it lacks a fact, nothing else is looked at: the probability is 0 and there are no sentences.
    """

    probability: float
    missing: tuple[str, ...]
    sentences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SupportModel:
    """Weights of the two logistic models (claim in the source's language, and across languages), and their thresholds."""

    same: Mapping[str, float]
    across: Mapping[str, float]
    threshold: float
    threshold_across: float

    @classmethod
    def load(cls, path: Path = BUNDLED) -> SupportModel:
        """Read the weights; ReadError names the file and what is wrong with it."""
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(data["same"], data["across"], float(data["threshold"]), float(data["threshold_across"]))
        except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
            raise ReadError(f"support weights {str(path)!r}: {error!r}. Restore the file, or make it: "
                            "python -m eval.support") from error

    def check(self, claim: str, source: Source, cosines: Sequence[float]) -> Support:
        """Return how far `source` carries `claim`; `cosines` are those of the claim and each sentence of the source."""
        if missing := missing_facts(claim, source):
            return Support(0.0, missing, ())
        signals, carrying = support_signals(claim, source, cosines)
        across = crosses(claim, source)
        p = probability(signals, self.across if across else self.same)
        return Support(p, () if across else contradictions(claim, source, carrying), carrying)

    def carries(self, claim: str, source: Source, support: Support) -> bool:
        """Tell whether that is enough: no fact is missing and the content is carried."""
        threshold = self.threshold_across if crosses(claim, source) else self.threshold
        return not support.missing and support.probability >= threshold


def crosses(claim: str, source: Source) -> bool:
    """Tell whether claim and source are in different languages."""
    return (language_of(claim) == "zh") != source.chinese


def missing_facts(claim: str, source: Source) -> tuple[str, ...]:
    """Return the numbers, names, places and quoted words of `claim` that do not stand in `source`, as the claim has them."""
    across, text = crosses(claim, source), matching_form(claim)
    numbers = [(n, replace(n, unit="") if across and n.unit != "percent" else n) for n in numbers_in(text)]
    missing = [text[n.start:n.end] for n, sought in numbers if not stands_in(sought, source.numbers)]
    return tuple(dict.fromkeys([*missing, *(name for name in names_in(text) if not _named(name, source, across))]))


def _named(name: str, source: Source, across: bool) -> bool:
    folded = fold(name)
    if folded in source.everything or fold(stem_of(name)) in source.everything:
        return True
    return across and folded.isascii() and folded in source.pinyin


def support_signals(claim: str, source: Source, cosines: Sequence[float]) -> tuple[dict[str, float], tuple[int, ...]]:
    """Return the signals of the logistic model, and the indexes of the sentences that carry most of the claim."""
    letters, pairs = letters_of(claim), pairs_of(claim)
    best = max(cosines, default=0.0)
    if crosses(claim, source):
        first = max(range(len(cosines)), key=lambda i: cosines[i], default=0)
        facts = numbers_in(claim)
        return {"cosine": (best - 0.85) * 20, "facts": min(len(facts), 3) / 3,
                "names": min(len([n for n in names_in(claim) if _named(n, source, True)]), 2) / 2}, (first,)
    carrying = _carrying(pairs, source)
    around_letters, around_pairs = source.context
    held_letters = around_letters.union(*(source.letters[i] for i in carrying))
    held_pairs = around_pairs.union(*(source.pairs[i] for i in carrying))
    said = "".join(source.sentences[i] for i in carrying)
    return {
        "letters": _share(letters, held_letters),
        "pairs": _share(pairs, held_pairs),
        "first": _share(pairs, source.pairs[carrying[0]] | around_pairs) if carrying else 0.0,
        "everywhere": _share(letters, around_letters.union(*source.letters)),
        "words_missing": _words_missing(claim, source),
        "run": _longest_run(NO_TERM.sub("", fold(claim)), NO_TERM.sub("", fold(said))),
        "cosine": (best - (0.9 if source.chinese else 0.86)) * 20,
        "opposed": 1.0 if opposed(claim, said) else 0.0,
        "elsewhere": _elsewhere(claim, source, carrying),
    }, carrying


def _carrying(pairs: Sequence[str], source: Source) -> tuple[int, ...]:
    """Return up to three sentences, greedily: each must carry a tenth of the claim's character pairs that none before did."""
    left, chosen = set(pairs), []
    while left and len(chosen) < 3:
        gains = [len(left & held) for held in source.pairs]
        i = max(range(len(gains)), key=gains.__getitem__, default=-1)
        if i < 0 or chosen and gains[i] < max(2, 0.1 * len(set(pairs))):
            break
        chosen.append(i)
        left -= source.pairs[i]
    return tuple(chosen)


def _share(own: Sequence[str], held: frozenset[str]) -> float:
    return sum(one in held for one in own) / len(own) if own else 0.0


def _words_missing(claim: str, source: Source) -> float:
    """Return the share of the claim's content words of which the source holds no character pair, or no letter at all."""
    words = [fold(w) for w, tag in rjieba.tag(matching_form(claim)) if len(w) > 1 and tag[:1] in "nvaijlz" and not numbers_in(w)] \
        if source.chinese else [w for w in letters_of(claim) if len(w) > 3]
    text = source.everything
    gone = [w for w in words if w not in text and (w.isascii() or sum(c in text for c in w) < len(w) / 2 + 0.1)]
    return len(gone) / len(words) if words else 0.0


def _longest_run(claim: str, said: str) -> float:
    """Return the length of the longest common stretch, as a share of the claim."""
    match = SequenceMatcher(None, said, claim, autojunk=False).find_longest_match()
    return match.size / len(claim) if claim else 0.0


def _elsewhere(claim: str, source: Source, carrying: Sequence[int]) -> float:
    """Return the share of the claim's numbers that do not stand in the sentences that carry it, nor around the source."""
    numbers = numbers_in(claim)
    said = numbers_in(source.around + "\n" + "".join(source.sentences[i] for i in sorted(carrying)))
    return sum(not stands_in(n, said) for n in numbers) / len(numbers) if numbers else 0.0
