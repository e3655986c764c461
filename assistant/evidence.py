"""Score every sentence of the retrieved passages as evidence for a question.

Each sentence gets a few signals in [0, 1] or standardised over this question's candidates; a logistic model weighs them
into one score; the weights stand in `calibration.toml`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.coverage import coverage_of, question_units, said_in
from assistant.question import Question, Wanted
from index.text.dates import states_date
from index.text.normalize import fold, matching_form, simplified
from index.text.numbers import states_money, states_number
from index.text.people import speaks_of_a_person
from index.text.places import ADMINISTRATIVE
from index.types import Article, Passage, Retrieved, Sentence

_TITLE = re.compile(r"《[^》]+》|“[^”]{2,20}”")
_PLACE = re.compile(ADMINISTRATIVE)
_ACTION = re.compile(
    r"成立|建立|组建|设立|设置|打造|推出|推行|实行|探索|创新|开展|组织|引导|开设|建成|创建|搭建|签订|安装|更换|添置|改造|邀请|联合|制定|招募|提供|协商|投用|"
    r"发放|举办|实施|划分|整合|利用|定下|选出|通过|采用|请来|引来|改成|腾出"
)
_SPEECH = re.compile(r"^“|说。?$|(?:说|道|表示|称赞|感慨|感叹)[:,]?“")
_PLAN = re.compile(r"下一步|接下来|未来|将继续|计划|打算|今后")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence as evidence. `score` in [0, 1] is the model's probability that it answers; `signals` are what it saw."""

    sentence: Sentence
    passage: Passage
    article: Article
    score: float
    signals: dict[str, float]
    span: tuple[float, int, int] | None = None
    """The short answer the reader sees inside the sentence: (logit, first character, end); None when it was not read."""


def score_sentences(question: Question, retrieved: Sequence[Retrieved], rarity: Callable[[str], float],
                    weights: Mapping[str, float]) -> list[Evidence]:
    """Return all sentences of the retrieved passages as evidence, best first."""
    rows = signals(question, retrieved, rarity)
    evidence = [
        Evidence(sentence=s, passage=r.passage, article=r.article, score=probability(row, weights), signals=row)
        for (r, s), row in zip(((r, s) for r in retrieved for s in r.passage.sentences), rows, strict=True)
    ]
    return sorted(evidence, key=lambda e: -e.score)


def probability(signals: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return a logistic model's probability: signals without a weight do not count, "bias" counts once."""
    return 1 / (1 + math.exp(-sum(weight * (1.0 if name == "bias" else signals[name]) for name, weight in weights.items())))


def signals(question: Question, retrieved: Sequence[Retrieved], rarity: Callable[[str], float]) -> list[dict[str, float]]:
    """Return one row of signals a sentence, in the order of the passages."""
    cosines = np.array([c for r in retrieved for c in r.sentence_dense])
    if not len(cosines):
        return []
    middle, spread = float(cosines.mean()), float(cosines.std()) or 1.0
    units = question_units(question, rarity)
    topics = [fold(wording) for match in (*question.topics, *question.near_topics) for wording in match.topic.zh]
    rows: list[dict[str, float]] = []
    for r in retrieved:
        heading = fold(f"{r.passage.heading} {r.article.subtitle}")
        folded = [fold(s.text) for s in r.passage.sentences]
        *said, everything = said_in(units, *folded, fold(r.passage.text) + heading)
        covered = [coverage_of(units, here) for here in said]
        beside = [coverage_of(units, frozenset().union(*said[max(0, i - 1):i + 2])) for i in range(len(said))]
        around = coverage_of(units, everything)
        plain = [matching_form(s.text) for s in r.passage.sentences]
        for i, (sentence, cosine) in enumerate(zip(r.passage.sentences, r.sentence_dense, strict=True)):
            rows.append({
                "raw_cosine": cosine,
                "cosine_rank": (cosine - middle) / spread,
                "coverage": covered[i],
                "beside": beside[i],
                "topic": 1.0 if any(wording in folded[i] for wording in topics) else 0.0,
                "action": 1.0 if _ACTION.search(plain[i]) else 0.0,
                "speech": 1.0 if _SPEECH.search(plain[i]) else 0.0,
                "plan": 1.0 if _PLAN.search(plain[i]) else 0.0,
                "placed": 1.0 if sentence.place else 0.0,
                "digits": 1.0 if states_number(plain[i]) else 0.0,
                "context": around,
                "passage": r.score,
                "place": _place_fit(question, sentence),
                "wanted": 1.0 if holds(question.wanted, sentence.text) else 0.0,
                "length": math.log(len(sentence.text) / 40),
            })
    most = max(row["coverage"] for row in rows) or 1.0
    for row in rows:
        row["coverage_rank"] = row["coverage"] / most
    return rows


def holds(wanted: Wanted, text: str) -> bool:
    """Tell whether `text` holds the kind of thing that is wanted."""
    text = matching_form(text)
    match wanted:
        case Wanted.NUMBER:
            return states_number(text)
        case Wanted.MONEY:
            return states_money(text)
        case Wanted.DATE:
            return states_date(text)
        case Wanted.TITLE:
            return bool(_TITLE.search(text))
        case Wanted.PLACE:
            return bool(_PLACE.search(text))
        case Wanted.PERSON:
            return speaks_of_a_person(text)
    return True


def _place_fit(question: Question, sentence: Sentence) -> float:
    """Return 1 when the sentence is about a place that the question names, -1 when about another, 0 when none is named."""
    if not question.places:
        return 0.0
    return 1.0 if any(name in sentence.place or name in simplified(sentence.text) for name in question.places) else -1.0
