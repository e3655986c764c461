"""Follow-up questions: what a question leaves unsaid is taken over from the turn before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.gazetteer import Gazetteer, stem_of
from assistant.question import language_of, wanted_of
from assistant.types import Turn
from index.width import half

_POINTS_BACK = re.compile(
    r"^(?:那|这|后来|然后|还有|另外|除了|都有|具体|为啥|为什么|怎么样|结果|最后|一共|总共|花了|多少|几|什么时候|啥时候|谁|哪)|"
    r"他们|她们|它们|这个|那个|那些|这些|这样|那样|那边|这边|这里|那里|该|其中|除此|上面|刚才|前面|[他她它](?!人|处|乡)|此事|那条|"
    r"了没|了吗|后了"
)
_POINTS_BACK_EN = re.compile(
    r"\b(?:it|its|they|them|their|that|this|those|these|he|she|his|her|there|then|also|else|too)\b|^(?:and|what about|how about)\b", re.I
)
_STANDS_ALONE = re.compile(r"哪些(?:社区|地方|街道|小区|村)|其他社区|别的社区|有没有(?:社区|地方|哪)|哪个社区")
_SAME_OF_ANOTHER = re.compile(r"^(?:那|那么)?.{2,14}呢\??$|^(?:what|how) about\b", re.I)
_SHORT = 12
"""Characters up to which a question for a number, name or date that names no place is taken for a follow-up."""


def unsaid(question: str, history: Sequence[Turn], gazetteer: Gazetteer) -> str:
    """Return the context that `question` needs from the last turn to stand alone, "" when it needs none."""
    if not history:
        return ""
    text, last = half(question).strip(), history[-1]
    earlier = last.question.strip().rstrip("?\uff1f\u3002 ")
    if gazetteer.find(text):
        return _without_places(earlier, gazetteer) if _SAME_OF_ANOTHER.search(text) else ""
    if _STANDS_ALONE.search(text) or not _leans_on_the_last(text):
        return ""
    # The answer's place belongs to the context only where the earlier question named none and the answer named one.
    answered = gazetteer.find(half(last.answer_gist))
    if answered and not gazetteer.find(half(earlier)):
        return f"{gazetteer.narrowest(answered)} {earlier}"
    return earlier


def _leans_on_the_last(text: str) -> bool:
    if language_of(text) == "en":
        return bool(_POINTS_BACK_EN.search(text))
    return bool(_POINTS_BACK.search(text)) or len(text) <= _SHORT and wanted_of(text) is not None


def _without_places(earlier: str, gazetteer: Gazetteer) -> str:
    """Return the earlier question without its places: the new one puts its own in their stead."""
    text = earlier
    for name in (name for mention in gazetteer.find(half(earlier)) for name in mention):
        text = text.replace(name, "").replace(stem_of(name), "")
    return text.strip()
