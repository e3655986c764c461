"""Claim verification: does a passage carry a sentence that a language model wrote?

Two questions, and both must be answered yes. Facts: every number, date, name, place and quoted title of the claim stands in
the premise (`missing_facts`; 三千二百元 is 3200元). Content: a logistic model says how likely the premise carries the claim,
by what the two share and by what a network makes of them when it reads them side by side (entailment.py). The weights stand
in `weights/verification.toml`, fitted by `linjian eval support` on claims that it had to tell apart (after the idea of Tang
et al. 2024, MiniCheck: check each sentence against the documents it cites).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from assistant.verify.contradictions import contradictions, opposed
from assistant.verify.entailment import Entailment, EntailmentReader, Hypothesis
from assistant.verify.premise import NO_TERM, Premise, Statement
from assistant.weights.logistic import LogisticModel
from assistant.weights.weights import WEIGHTS, read_fitted
from index.text.normalize import fold
from index.text.numbers import numbers_in, stands_in
from index.text.places import stem_of
from index.types import Span

FITTED = WEIGHTS / "verification.toml"
PLAIN = WEIGHTS / "plain_verification.toml"
"""The rule for an encoder that nothing was fitted to; it looks at no cosine."""
BOUND = 8.0
"""Logits beyond this are cut."""
NEAREST = 3
"""Sentences that are read where claim and premise share no words; else the nearest one beside those that do."""


@dataclass(frozen=True, slots=True)
class Verification:
    """How far a premise carries a claim: `probability` in [0, 1], the facts it lacks or contradicts, its carrying sentences,
    and the ranges of the claim's characters that it does not say.

    When it lacks a fact, nothing else is looked at: the probability is 0 and there are no sentences.
    """

    probability: float
    missing: tuple[str, ...]
    sentences: tuple[int, ...]
    is_entailed: bool
    unsaid: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class SameLanguage:
    """Features of a claim in its premise's language; what is not said otherwise is a share of the claim.

    `characters` and `bigrams` stand in the sentences that carry it or around the premise, `first` in the best sentence,
    `everywhere` anywhere in the premise; `run` is the longest common stretch. `cosine` is the best sentence's, on the
    encoder's scale; `opposed` is 1.0 when the two speak of the same with opposite sense. `words_missing` are its content
    words, `elsewhere` its numbers, that are not there.
    """

    characters: float
    bigrams: float
    first: float
    everywhere: float
    words_missing: float
    run: float
    cosine: float
    opposed: float
    elsewhere: float


@dataclass(frozen=True, slots=True)
class AcrossLanguages:
    """Features of a claim in another language: the best cosine, and how many numbers and names could be compared."""

    cosine: float
    facts: float
    names: float


@dataclass(frozen=True, slots=True)
class CosineZero:
    """Which cosine counts as 0, by the premise's language and across languages, and the factor for what is above it."""

    zh: float
    en: float
    across: float
    slope: float


@dataclass(frozen=True, slots=True)
class Readings:
    """What the network makes of claim and premise, as logits cut at ±BOUND: `carried`, and `unsaid` of the worst token."""

    carried: float
    unsaid: float


@dataclass(frozen=True, slots=True)
class Content:
    """Two logistic models with the probability from which a claim counts as carried: of claims in the premise's language,
    and of those in another."""

    same: LogisticModel
    across: LogisticModel
    threshold: float
    threshold_across: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim held against a premise: what it lacks there, what is seen of the two, the sentences that carry most of it, and
    those that are read with it."""

    missing: tuple[str, ...]
    features: SameLanguage | AcrossLanguages | None
    carrying: tuple[int, ...]
    read: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verifier:
    """Weights, the encoder whose cosines they were fitted to ("": none), and the network that reads, where there is one.

    `compared` decides without the network, `read` with it; None where nothing was fitted to it, and it is not asked.
    """

    encoder: str
    cosines: CosineZero
    compared: Content
    read: Content | None = None
    reader: EntailmentReader | None = None

    @classmethod
    def load(cls, path: Path = FITTED) -> Verifier:
        """Read the weights; ReadError names the file and what is wrong with it."""
        return read_fitted(path, cls._of, "verification weights", "linjian eval support")

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> Verifier:
        def content(part: Mapping[str, Any], *more: type) -> Content:
            return Content(LogisticModel.of(part["same"], SameLanguage, *more),
                           LogisticModel.of(part["across"], AcrossLanguages, *more), float(part["threshold"]),
                           float(part["threshold_across"]))

        read = content(data["read"], Readings) if "read" in data else None
        return cls(data["encoder"], CosineZero(**data["cosines"]), content(data["compared"]), read)

    @classmethod
    def for_encoder(cls, name: str, reader: EntailmentReader | None = None) -> Verifier:
        """Return the fitted weights when they were fitted to the encoder of this name, else those of the plain rule."""
        fitted = cls.load()
        return replace(fitted if fitted.encoder == name else cls.load(PLAIN), reader=reader)

    def verify(self, statement: Statement, premises: Sequence[tuple[Premise, Sequence[float]]]) -> list[Verification]:
        """Return how far each premise carries a statement; with each go the cosines of the statement and its sentences."""
        compared = [self.compare(statement, premise, cosines) for premise, cosines in premises]
        asked = [i for i, one in enumerate(compared) if one.features] if self.read else []
        entailed: list[Entailment | None] = [None] * len(compared)
        if self.reader and asked:
            texts = [hypothesis(statement, premises[i][0], compared[i]) for i in asked]
            for i, one in zip(asked, self.reader.read(texts), strict=True):
                entailed[i] = one
        return [self.judge(statement, premise, one, said)
                for (premise, _), one, said in zip(premises, compared, entailed, strict=True)]

    def compare(self, statement: Statement, premise: Premise, cosines: Sequence[float]) -> Comparison:
        """Return what is seen of a claim and a premise without reading them; nothing more is when the claim lacks a fact."""
        if missing := missing_facts(statement, premise):
            return Comparison(missing, None, (), ())
        features, carrying = self.features(statement, premise, cosines)
        near = sorted(range(len(cosines)), key=lambda i: -cosines[i])[:1 if carrying else NEAREST]
        return Comparison((), features, carrying, tuple(sorted({*carrying, *near})))

    def judge(self, statement: Statement, premise: Premise, compared: Comparison,
              entailed: Entailment | None) -> Verification:
        """Decide; `entailed` is what the network made of the two, None where it was not asked."""
        if compared.features is None:
            places = [(statement.matching.find(fact), len(fact)) for fact in compared.missing]
            unsaid = tuple((at, at + size) for at, size in places if at >= 0)
            return Verification(0.0, compared.missing, (), is_entailed=False, unsaid=unsaid)
        across = isinstance(compared.features, AcrossLanguages)
        content, more = (self.read, (readings_of(entailed),)) if self.read and entailed else (self.compared, ())
        model = content.across if across else content.same
        p = model.probability(compared.features, *more)
        denied = () if across else contradictions(statement, premise, compared.carrying)
        threshold = content.threshold_across if across else content.threshold
        at = statement.in_digits[1]
        unsaid = tuple((at[a], at[b - 1] + 1) for a, b, logit in entailed.unsaid if logit > 0) if entailed else ()
        return Verification(p, denied, compared.carrying, not denied and p >= threshold, unsaid)

    def features(self, statement: Statement, premise: Premise,
                 cosines: Sequence[float]) -> tuple[SameLanguage | AcrossLanguages, tuple[int, ...]]:
        """Return the features of the logistic model, and the indexes of the sentences that carry most of the claim."""
        best, zero = max(cosines, default=0.0), self.cosines
        if crosses(statement, premise):
            first = max(range(len(cosines)), key=lambda i: cosines[i], default=0)
            names = [name for name in statement.names if _named(name, premise, across=True)]
            return AcrossLanguages(cosine=(best - zero.across) * zero.slope, facts=min(len(statement.numbers), 3) / 3,
                                   names=min(len(names), 2) / 2), (first,)
        carrying = _carrying(statement.bigrams, premise)
        around_characters, around_bigrams = premise.context
        said = "".join(premise.sentences[i] for i in carrying)
        return SameLanguage(
            characters=_share(statement.characters, around_characters.union(*(premise.characters[i] for i in carrying))),
            bigrams=_share(statement.bigrams, around_bigrams.union(*(premise.bigrams[i] for i in carrying))),
            first=_share(statement.bigrams, premise.bigrams[carrying[0]] | around_bigrams) if carrying else 0.0,
            everywhere=_share(statement.characters, around_characters.union(*premise.characters)),
            words_missing=_words_missing(statement, premise),
            run=_longest_run(statement.folded, NO_TERM.sub("", fold(said))),
            cosine=(best - (zero.zh if premise.is_chinese else zero.en)) * zero.slope,
            opposed=float(opposed(statement, said)),
            elsewhere=_elsewhere(statement, premise, carrying),
        ), carrying

    def to_toml(self, comment: str) -> str:
        """Return the file's text; `comment` says where the weights come from."""
        lines = [*(f"# {line}" for line in comment.splitlines()), f'encoder = "{self.encoder}"', "", "[cosines]",
                 *(f"{name} = {value}" for name, value in asdict(self.cosines).items())]
        for name, content in (("compared", self.compared), *((("read", self.read),) if self.read else ())):
            lines += ["", f"[{name}]", f"threshold = {content.threshold}", f"threshold_across = {content.threshold_across}"]
            for part, model in (("same", content.same), ("across", content.across)):
                lines += ["", f"[{name}.{part}]", *(f"{key} = {value:.4f}" for key, value in model.weights.items())]
        return "\n".join(lines) + "\n"


def hypothesis(statement: Statement, premise: Premise, compared: Comparison) -> Hypothesis:
    """Return what the network reads of a claim and a premise: numbers in digits, as most are printed."""
    return Hypothesis(statement.in_digits[0], premise.heading, tuple(premise.in_digits[i] for i in compared.read))


def readings_of(entailed: Entailment) -> Readings:
    """Return the network's logits as features."""
    return Readings(*(max(-BOUND, min(BOUND, logit)) for logit in (entailed.carried, entailed.worst)))


def crosses(statement: Statement, premise: Premise) -> bool:
    """Tell whether claim and premise are in different languages."""
    return statement.is_chinese != premise.is_chinese


def missing_facts(statement: Statement, premise: Premise) -> tuple[str, ...]:
    """Return the numbers, names, places and quoted words of a claim that do not stand in `premise`, as the claim has
    them."""
    across, text = crosses(statement, premise), statement.matching
    numbers = [(n, replace(n, unit="") if across and n.unit != "percent" else n) for n in statement.numbers]
    missing = [text[n.start:n.end] for n, sought in numbers if not stands_in(sought, premise.numbers)]
    return tuple(dict.fromkeys([*missing, *(name for name in statement.names if not _named(name, premise, across=across))]))


def _named(name: str, premise: Premise, *, across: bool) -> bool:
    folded = fold(name)
    if folded in premise.everything or fold(stem_of(name)) in premise.everything:
        return True
    return across and folded.isascii() and folded in premise.pinyin


def _carrying(bigrams: Sequence[str], premise: Premise) -> tuple[int, ...]:
    """Return up to three sentences, greedily: each must carry a tenth of the claim's bigrams that none before did."""
    left, chosen = set(bigrams), []
    while left and len(chosen) < 3:
        gains = [len(left & held) for held in premise.bigrams]
        i = max(range(len(gains)), key=gains.__getitem__, default=-1)
        if i < 0 or chosen and gains[i] < max(2, 0.1 * len(set(bigrams))):
            break
        chosen.append(i)
        left -= premise.bigrams[i]
    return tuple(chosen)


def _share(own: Sequence[str], held: frozenset[str]) -> float:
    return sum(one in held for one in own) / len(own) if own else 0.0


def _words_missing(statement: Statement, premise: Premise) -> float:
    """Return the share of the claim's content words of which the premise holds no character pair, or no letter at all."""
    words = statement.words if premise.is_chinese else [word for word in statement.characters if len(word) > 3]
    text = premise.everything
    gone = [w for w in words if w not in text and (w.isascii() or sum(c in text for c in w) < len(w) / 2 + 0.1)]
    return len(gone) / len(words) if words else 0.0


def _longest_run(claim: str, said: str) -> float:
    """Return the length of the longest common stretch, as a share of the claim."""
    match = SequenceMatcher(None, said, claim, autojunk=False).find_longest_match()
    return match.size / len(claim) if claim else 0.0


def _elsewhere(statement: Statement, premise: Premise, carrying: Sequence[int]) -> float:
    """Return the share of the claim's numbers that do not stand in the sentences that carry it, nor around the premise."""
    said = numbers_in(premise.around + "\n" + "".join(premise.sentences[i] for i in sorted(carrying)))
    numbers = statement.numbers
    return sum(not stands_in(n, said) for n in numbers) / len(numbers) if numbers else 0.0
