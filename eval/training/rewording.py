"""Questions of the training data asked otherwise: as people type them, with a typo, or of something that is not answered."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from assistant.question.spelling import homophones
from eval.training.attributes import place_names
from eval.training.training_data import TrainingQuestion

# How street-office workers type, where encyclopaedia questions are written out.
_SPOKEN = (
    ("什么时候", "啥时候"), ("什么", "啥"), ("怎么样", "咋样"), ("怎么", "咋"), ("如何", "咋"), ("哪里", "哪儿"),
    ("为什么", "为啥"),
    ("是否", "是不是"), ("哪些", "哪些个"), ("何时", "什么时候"), ("是谁", "谁"),
)
_OPENINGS = ("请问", "问一下,", "想了解", "那个", "我想知道", "帮我查下", "")
_CLOSINGS = ("呢?", "啊", "呀?", "", "?", "吗", " 谢谢")


def spoken(question: str, chance: random.Random) -> str:
    """Return the question as it might be typed in a hurry."""
    for formal, casual in _SPOKEN:
        if formal in question and chance.random() < 0.7:
            question = question.replace(formal, casual, 1)
    question = re.sub("[?\uff1f]$", "", question)
    return chance.choice(_OPENINGS) + question + chance.choice(_CLOSINGS)


def misspelt(question: str, chance: random.Random) -> str:
    """Return the question with one character replaced by a homophone that is itself common."""
    places = [i for i, c in enumerate(question) if homophones(c)]
    if not places:
        return question
    at = chance.choice(places)
    return question[:at] + chance.choice(homophones(question[at])) + question[at + 1:]


def elsewhere(problem: TrainingQuestion, other: str) -> str:
    """Return the question asked about the place `other`, or "" when it names no place of its document."""
    for name in place_names(problem.document.place)[::-1]:
        if name in problem.question and name not in other:
            return problem.question.replace(name, other)
    return ""


def renamed(problem: TrainingQuestion, titles: Sequence[str], chance: random.Random) -> str:
    """Return the question asked about another thing, of like name and from `titles`, or another year or number of an event.

    The answer it had is then none. "" when the question names neither its document's title nor a year.
    """
    ways = []
    title, question, text = problem.document.heading, problem.question, "".join(problem.document.sentences)
    alike = [t for t in titles if title and t[-1] == title[-1] and t not in text and t not in question]
    if alike and len(title) > 1:
        ways.append(question.replace(title, chance.choice(alike)))
    if counted := _COUNTED.findall(question):
        at = chance.choice(counted)
        ways.append(question.replace(at, str(max(1, int(at) + chance.choice((-3, -2, -1, 1, 2, 3))))))
    ways = [way for way in ways if way != question]
    return chance.choice(ways) if ways else ""


_COUNTED = re.compile(r"(?<!\d)(?:(?:1\d|20)\d\d(?!\d)|\d{1,3}(?=月|日|届|世纪|年代|号|级|次))", re.ASCII)
"""Years, and the numbers of months, days, sessions and the like."""
