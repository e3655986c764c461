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
import rjieba

from assistant.coverage import coverage_of, question_units, said_in
from assistant.question import Question, Wanted
from index.terms import fold
from index.types import Article, Passage, Retrieved, Sentence
from index.width import half, simplified

_NUMBER = re.compile(
    r"\d|[一二三四五六七八九十百千万两半]+(?:余|多)?"
    r"(?:个|名|户|家|次|人|项|支|场|件|年|位|平方米|星|成|倍|番|岁|条|间|处|元|天|小时|分钟)"
)
_MONEY = re.compile(r"[\d一二三四五六七八九十百千万两]\s*(?:余|多)?[万亿千百]?(?:余|多)?[美欧日港]?(?:元|块)|免费|分文|半价")
_DATE = re.compile(
    r"\d{2,4}年|[〇零一二三四五六七八九十]{2,4}年|\d{1,2}月|\d{1,2}[日号]|去年|今年|前年|[上下]半年|周[一二三四五六日末]|"
    r"星期|[\d一二三四五六七八九十]+[点时](?!间)|年初|年底|[一二三四五六七八九十]月"
)
_TITLE = re.compile(r"《[^》]+》|“[^”]{2,20}”")
_PLACE = re.compile(r"(?:市|盟|区|县|旗|街道|镇|乡|苏木|社区|村|嘎查|小区)")
_PERSON_TITLE = re.compile(
    r"(?:书记|主任|居民|党员|队长|院长|负责人|志愿者|民警|大爷|大妈|阿姨|老人|经理|厂长|站长|网格员|医生|老师)"
)
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
        plain = [half(s.text) for s in r.passage.sentences]
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
                "digits": 1.0 if _NUMBER.search(plain[i]) else 0.0,
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
    text = half(text)
    match wanted:
        case Wanted.NUMBER:
            return bool(_NUMBER.search(text))
        case Wanted.MONEY:
            return bool(_MONEY.search(text))
        case Wanted.DATE:
            return bool(_DATE.search(text))
        case Wanted.TITLE:
            return bool(_TITLE.search(text))
        case Wanted.PLACE:
            return bool(_PLACE.search(text))
        case Wanted.PERSON:
            return any(tag in ("nr", "nrt", "nrfg") for _, tag in rjieba.tag(text)) or bool(_PERSON_TITLE.search(text))
    return True


def _place_fit(question: Question, sentence: Sentence) -> float:
    """Return 1 when the sentence is about a place that the question names, -1 when about another, 0 when none is named."""
    if not question.places:
        return 0.0
    return 1.0 if any(name in sentence.place or name in simplified(sentence.text) for name in question.places) else -1.0
