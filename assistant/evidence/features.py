"""Score every sentence of the retrieved passages as evidence for a question.

Each sentence gets a few features in [0, 1] or standardised over this question's candidates; a logistic model weighs them
into one score; the weights stand in `weights/evidence.toml`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.question.coverage import shares_beside
from assistant.question.forms import Wanted
from assistant.question.understand import Question
from assistant.weights.logistic import LogisticModel
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
class Features:
    """What the first look sees of a sentence; what is not said otherwise is a share or 1.0 for yes.

    `raw_cosine` is the encoder's cosine of sentence and question, `cosine_rank` the same in standard deviations from the
    mean of this question's candidates; `coverage` how much of the question the sentence speaks of, `beside` with its two
    neighbours, `context` with all its passage, `coverage_rank` as a share of the best candidate's; `passage` the score of
    its passage; `place` 1 about a place that the question names, -1 about another, 0 when none is named; `wanted` it holds
    the kind of thing asked for; `length` the logarithm of its characters over 40.
    """

    raw_cosine: float
    cosine_rank: float
    coverage: float
    beside: float
    topic: float
    action: float
    speech: float
    plan: float
    placed: float
    digits: float
    context: float
    passage: float
    place: float
    wanted: float
    length: float
    coverage_rank: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reranker says of a sentence: logits, scaled and bounded; a sentence beyond its budget has the lowest.

    `first_score` is what the sentence was worth before, `window_logit` whether its window answers, `best_logit` the best
    sentence of the window, `logit_behind` the distance to the best sentence of all. `span` is the short answer inside the
    sentence: (logit, first character, end).
    """

    first_score: float
    logit: float
    window_logit: float
    best_logit: float
    logit_behind: float = 0.0
    span: tuple[float, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence as evidence. `score` in [0, 1] is the model's probability that it answers; `features` are what it saw.

    `reading` is None until the reranker has been asked about the question.
    """

    sentence: Sentence
    passage: Passage
    article: Article
    score: float
    features: Features
    reading: Reading | None = None

    @property
    def first_score(self) -> float:
        """The score before the reranker was asked."""
        return self.reading.first_score if self.reading else self.score


def score_sentences(question: Question, retrieved: Sequence[Retrieved], model: LogisticModel) -> list[Evidence]:
    """Return all sentences of the retrieved passages as evidence, best first."""
    sentences = [(r, s) for r in retrieved for s in r.passage.sentences]
    evidence = [Evidence(sentence=s, passage=r.passage, article=r.article, score=model.probability(row), features=row)
                for (r, s), row in zip(sentences, features(question, retrieved), strict=True)]
    return sorted(evidence, key=lambda e: -e.score)


def features(question: Question, retrieved: Sequence[Retrieved]) -> list[Features]:
    """Return the features of each sentence, in the order of the passages."""
    cosines = np.array([c for r in retrieved for c in r.sentence_dense])
    if not len(cosines):
        return []
    middle, spread = float(cosines.mean()), float(cosines.std()) or 1.0
    topics = [fold(wording) for match in (*question.topics, *question.near_topics) for wording in match.topic.zh]
    rows: list[Features] = []
    for r in retrieved:
        heading = fold(f"{r.passage.heading} {r.article.subtitle}")
        folded = [fold(s.text) for s in r.passage.sentences]
        alone, beside, around = shares_beside(question.units, folded, fold(r.passage.text) + heading)
        for i, (sentence, cosine) in enumerate(zip(r.passage.sentences, r.sentence_dense, strict=True)):
            plain = matching_form(sentence.text)
            rows.append(Features(
                raw_cosine=cosine,
                cosine_rank=(cosine - middle) / spread,
                coverage=alone[i],
                beside=beside[i],
                topic=float(any(wording in folded[i] for wording in topics)),
                action=float(bool(_ACTION.search(plain))),
                speech=float(bool(_SPEECH.search(plain))),
                plan=float(bool(_PLAN.search(plain))),
                placed=float(bool(sentence.place)),
                digits=float(states_number(plain)),
                context=around,
                passage=r.score,
                place=_place_fit(question, sentence),
                wanted=float(holds_asked(question, sentence.text)),
                length=math.log(len(sentence.text) / 40),
            ))
    most = max(row.coverage for row in rows) or 1.0
    return [replace(row, coverage_rank=row.coverage / most) for row in rows]


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


def holds_asked(question: Question, text: str) -> bool:
    """Tell whether `text` holds what a question asks for: a figure of its measure where it names one, else the kind."""
    return question.measure.held_in(text) if question.measure else holds(question.wanted, text)


def _place_fit(question: Question, sentence: Sentence) -> float:
    """Return 1 when the sentence is about a place that the question names, -1 when about another, 0 when none is named."""
    if not question.places:
        return 0.0
    return 1.0 if any(name in sentence.place or name in simplified(sentence.text) for name in question.places) else -1.0
