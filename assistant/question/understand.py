"""Understand a question: its language, the form of answer it asks for, its content words and the places it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import rjieba

from assistant.question.coverage import CONTEXT_WEIGHT, Unit, units_of
from assistant.question.form_model import FormReading
from assistant.question.form_patterns import PLAINLY, SIDE_BY_SIDE, asks_how, form_by_patterns
from assistant.question.forms import Form, Wanted, form_read
from assistant.question.gazetteer import Gazetteer
from assistant.question.measures import Measure, asked_measure
from index.search.glossary import Glossary, Match
from index.text.language import is_han, language_of
from index.text.normalize import HAN, fold, matching_form
from index.text.places import TOWN, level_of, stem_of
from index.text.tokens import STOP_WORDS, terms


@dataclass(frozen=True, slots=True)
class Question:
    """A standalone question, understood.

    `words` are its content words and `runs` its unbroken stretches of them; `mentions` are the known places it names (each a
    tuple of all that the mention can mean), `topics` the glossary topics it touches. `context` are content words that a
    follow-up question takes over from the turn before it.
    """

    text: str
    language: str
    form: Form
    wanted: Wanted
    words: tuple[str, ...]
    runs: tuple[str, ...]
    mentions: tuple[tuple[str, ...], ...]
    topics: tuple[Match, ...]
    near_topics: tuple[Match, ...] = ()
    """Topics that share a telling word with the question, where it uses none of their wordings."""
    measure: Measure | None = None
    """What the figure that is asked for counts or measures; None where that is not said, or no figure is asked for."""
    asks_how: bool = False
    """The question asks how it was done, not only where or whether."""
    beside: float = 0.0
    """The probability that it is not about community work, as the model of forms has it; 0 without one."""
    one_story: bool = False
    """It asks after cases, worded like a question about one of them."""
    context: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    """Words that it may mean where it has a typo."""
    foreign: tuple[str, ...] = ()
    """Places that it names and no article does."""
    units: tuple[Unit, ...] = ()
    """What a sentence should speak of to answer it."""

    places: tuple[str, ...] = field(init=False)
    """All names that its mentions of places can mean."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", tuple(name for mention in self.mentions for name in mention))

    @property
    def is_vague(self) -> bool:
        """It asks after cases and names nothing that they might be about: 怎么办, 小区的事."""
        return self.form is Form.CASES and self.language == "zh" and not (self.units or self.places or self.foreign)

    def weighed(self, rarity: Callable[[str], float]) -> Question:
        """Return the question with its units; `rarity` is the inverse document frequency of a lexical term."""
        # Words of an English question are not in Chinese articles; only its numbers can be.
        words = self.words if self.language == "zh" else [w for w in self.words if not w.isalpha()]
        own, context = ([w for w in group if not any(fold(w) in place for place in self.places)]
                        for group in (words, (*self.context, *self.meant)))
        return replace(self, units=units_of(self.topics, self.near_topics, own, context, rarity))

    def about(self, mention: tuple[str, ...], rarity: Callable[[str], float]) -> Question:
        """Return the question about one of its places alone: which was built earlier is then when it was built."""
        own = {form for name in mention for form in (name, stem_of(name))}
        others = [form for other in self.mentions if other != mention for name in other for form in (name, stem_of(name))
                  if form not in own]
        text, words = self.text, self.words
        for other in others:
            text = text.replace(other, " ")
            words = tuple(word for word in words if word not in other)
        for more, plain in PLAINLY:
            text = more.sub(plain, text)
        return replace(self, text=text, words=words, runs=words, mentions=(mention,)).weighed(rarity)

    def lexical_terms(self) -> dict[str, float]:
        """Return the lexical terms of the content words, and of the glossary's other wordings at a lower weight."""
        weights = {term: CONTEXT_WEIGHT for word in (*self.context, *self.meant) for term in terms(word)}
        for matches, weight in ((self.near_topics, NEAR_WEIGHT), (self.topics, SYNONYM_WEIGHT)):
            for match in matches:
                for wording in match.topic.zh:
                    weights |= dict.fromkeys(terms(wording), weight)
        for run in self.runs:
            weights |= dict.fromkeys(terms(run), 1.0)
        return weights

    def query(self) -> dict[str, Any]:
        """Return what `SearchIndex.search` is asked."""
        return {"query": self.text, "also": self.wordings(), "words": self.lexical_terms()}

    def wordings(self) -> list[str]:
        """Return other wordings to search by: for a question in English, the glossary's Chinese for its topics.

        For Chinese questions other wordings only blurred the vector (measured, see eval/LOG.md).
        """
        if self.language == "zh" or not self.topics:
            return []
        return [" ".join([*self.places, *(w for match in self.topics for w in match.topic.zh[:3])])]


SYNONYM_WEIGHT = 0.5
_FIGURES = (Wanted.NUMBER, Wanted.MONEY, Wanted.ANY)
NEAR_WEIGHT = 0.3

_WORDS_EN = re.compile(rf"[a-z]{{2,}}|\d+|[{HAN}]+")
_STOP_TAGS = {"x", "uj", "ul", "uz", "ug", "ud", "y", "p", "c", "r", "e", "o", "u", "d", "zg", "f", "ad", "q"}


def understand(text: str, glossary: Glossary, gazetteer: Gazetteer, meant: Sequence[str] = (),
               foreign: Sequence[str] = (), reading: FormReading | None = None) -> Question:
    """Return the question in its matching form understood: `meant` are words that it may mean by its typos, `foreign` the
    places in it that no article names, `reading` what the model of forms says of it (None: patterns tell its form)."""
    language, mentions, folded = language_of(text), gazetteer.find(text), fold(text)
    topics = tuple(glossary.find(" ".join([text, *meant])))
    several = _several(text, mentions, gazetteer)
    one_story = False
    if reading is not None:
        named = bool(foreign) or any(level_of(name) >= TOWN for mention in mentions for name in mention[:1])
        form, wanted = form_read(reading, named=named, several=several)
        one_story = form is Form.HOW and not named
        if one_story:
            form = Form.CASES  # whoever has done it may answer; where one case stands out, it is told alone
    else:
        form, wanted = form_by_patterns(text, folded, language, several=several)
    words, runs = _content(text) if language == "zh" else _content_en(text)
    return Question(
        text=text.strip(), language=language, form=form, wanted=wanted, words=tuple(words), runs=tuple(runs),
        mentions=tuple(mentions), topics=topics, near_topics=() if topics else tuple(glossary.near(words)),
        measure=asked_measure(text) if wanted in _FIGURES else None,
        asks_how=asks_how(folded, language), meant=tuple(meant), foreign=tuple(foreign),
        one_story=one_story, beside=reading.forms.get("other", 0.0) if reading else 0.0,
    )


def continued(question: Question, context: str, glossary: Glossary, gazetteer: Gazetteer) -> Question:
    """Return a follow-up question with what it leaves unsaid: the words and places of `context` count, its form does not."""
    context = matching_form(context)
    topics = question.topics or tuple(glossary.find(context))
    taken_over, _ = (_content if language_of(context) == "zh" else _content_en)(context)
    return replace(question, text=f"{context} {question.text}".strip(), topics=topics,
                   mentions=question.mentions or tuple(gazetteer.find(context)),
                   near_topics=() if topics else question.near_topics, context=tuple(taken_over))


def _several(text: str, named: list[tuple[str, ...]], gazetteer: Gazetteer) -> bool:
    """Tell whether the question sets places side by side: separate ones, or a part and its whole where it says so."""
    return gazetteer.apart(named) or len(named) > 1 and bool(SIDE_BY_SIDE.search(text))


def _content(text: str) -> tuple[list[str], list[str]]:
    """Return content words and runs; in a run neighbours stay together, so that 矛盾调解 still gives the term 盾调."""
    words: list[str] = []
    runs: list[str] = []
    joined = False
    for word, tag in rjieba.tag(text):
        if not terms(word) or word in STOP_WORDS["zh"] or word[0] in "哪啥咋" or tag in _STOP_TAGS and not (len(word) > 1 and is_han(word)):
            joined = False
            continue
        words.append(word)
        if joined:
            runs[-1] += word
        else:
            runs.append(word)
        joined = True
    return words, runs


def _content_en(text: str) -> tuple[list[str], list[str]]:
    words = [w for w in _WORDS_EN.findall(fold(text)) if w not in STOP_WORDS["en"]]
    return words, words
