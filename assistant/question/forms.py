"""The forms of answers and the kinds of facts, and which of them a question asks for as the model of forms reads it."""

from __future__ import annotations

from enum import StrEnum

from assistant.question.form_model import FormReading


class Form(StrEnum):
    """What a good answer looks like."""

    CASES = "cases"
    """One case a community: which, what it did, what came of it."""
    COMPARE = "compare"
    """The same thing for each of the places named."""
    FACT = "fact"
    """One sentence that holds a number, name, date or place."""
    HOW = "how"
    """The sentences that tell how one community did it."""
    LIBRARY = "library"
    """What the articles are: which papers, from when to when, how many; or what this is."""
    CHAT = "chat"
    """Nothing is asked: a greeting, thanks."""


class Wanted(StrEnum):
    """The kind of thing a fact question asks for; ANY when nothing special."""

    NUMBER = "number"
    MONEY = "money"
    PERSON = "person"
    DATE = "date"
    PLACE = "place"
    TITLE = "title"
    ANY = "any"


_READ_AS = {"cases": Form.CASES, "how": Form.HOW, "list": Form.HOW, "compare": Form.CASES, "fact": Form.FACT}
_WANTED_AS = {kind.value: kind for kind in Wanted}
APART = 0.05
"""The probability of asking after a comparison from which a question that names several places sets them side by side."""
CLEAR = 0.6
"""The probability from which a fact of one kind is asked for; below it any sentence may hold it."""
SURE = 0.7
"""The probability from which a question is not about what the articles tell."""
NAMED = 0.15
"""What the probability of asking after cases counts in a question that names a town or what lies in one."""


def form_read(reading: FormReading, *, named: bool, several: bool) -> tuple[Form, Wanted]:
    """Return the likeliest form; a question that names a town or less mostly asks of it."""
    kind, likely = max(reading.wanted.items(), key=lambda pair: pair[1])
    wanted = _WANTED_AS.get(kind, Wanted.ANY) if likely >= CLEAR else Wanted.ANY
    if several and reading.forms.get("compare", 0.0) >= APART:
        return Form.COMPARE, wanted
    for form in (Form.LIBRARY, Form.CHAT):
        if reading.forms.get(form.value, 0.0) >= SURE:
            return form, Wanted.ANY
    totals: dict[Form, float] = {}
    for name, form in _READ_AS.items():
        counts = NAMED if named and form is Form.CASES else 1.0
        totals[form] = totals.get(form, 0.0) + counts * reading.forms.get(name, 0.0)
    form = max(totals, key=lambda one: totals[one])
    return form, wanted if form is Form.FACT else Wanted.ANY
