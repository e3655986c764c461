"""Follow-up questions: what a question leaves unsaid is taken over from the turn before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.question import find_places, language_of
from assistant.types import Turn
from index.width import half

_POINTS_BACK = re.compile(
    r"^(?:那|这|后来|然后|还有|另外|除了|都有|具体|为啥|为什么|怎么样|结果|最后|一共|总共|花了|多少|几|什么时候|啥时候|谁|哪)|"
    r"他们|她们|它们|这个|那个|那些|这些|这样|那样|那边|这边|这里|那里|该|其中|除此|上面|刚才|前面|[他她它](?!人|处|乡)|此事|那条"
)
_POINTS_BACK_EN = re.compile(r"\b(?:it|its|they|them|their|that|this|those|these|he|she|his|her|there|then|also|else|too)\b|^(?:and|what about|how about)\b", re.I)
_STANDS_ALONE = re.compile(r"哪些(?:社区|地方|街道|小区|村)|其他社区|别的社区|有没有(?:社区|地方|哪)|哪个社区")
_SHORT = 10
"""Characters up to which a question that names no place is taken for a follow-up."""


def unsaid(question: str, history: Sequence[Turn], known_places: Sequence[str]) -> str:
    """Return the context that `question` needs from the last turn to stand alone, "" when it needs none."""
    if not history:
        return ""
    text, last = half(question).strip(), history[-1]
    if find_places(text, known_places) or _STANDS_ALONE.search(text):
        return ""
    zh = language_of(text) == "zh"
    if not (_POINTS_BACK if zh else _POINTS_BACK_EN).search(text) and len(text) > (_SHORT if zh else 4 * _SHORT):
        return ""
    context = last.question.strip().rstrip("?？。 ")
    places = [p for p in find_places(half(last.answer_gist), known_places) if p not in context]
    # The answer's place belongs to the context only where the earlier question named none and the answer named one.
    if places and not find_places(half(context), known_places):
        context = f"{places[0]} {context}"
    return context
