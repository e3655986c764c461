"""Whether a question that a language model completed may stand in for the one that was asked."""

from __future__ import annotations

from assistant.question.gazetteer import Gazetteer
from assistant.verify.names import names_in
from index.text.language import language_of
from index.text.normalize import fold
from index.text.numbers import numbers_in, stands_in
from index.text.tokens import terms

LONGEST_QUESTION = 200
OWN_WORDS = 0.3
"""Share of its terms that a completed question may have from neither the question nor the conversation."""


def is_trusted(rewritten: str, question: str, known: str, gazetteer: Gazetteer) -> bool:
    if not rewritten or len(rewritten) > LONGEST_QUESTION or language_of(rewritten) != language_of(question):
        return False
    if not all(stands_in(n, numbers_in(known)) for n in numbers_in(rewritten)):
        return False
    if not all(stands_in(n, numbers_in(rewritten)) for n in numbers_in(question)):
        return False
    places = {name for mention in gazetteer.find(rewritten) for name in mention}
    allowed = {name for mention in gazetteer.find(known) for name in mention}
    kept = {name for mention in gazetteer.find(question) for name in mention}
    if not kept <= places or not places <= allowed:
        return False
    if any(fold(name) not in fold(known) for name in names_in(rewritten)):
        return False
    own, held = terms(rewritten), set(terms(known))
    return sum(term not in held for term in own) <= OWN_WORDS * len(own)
