"""Questions completed: what a follow-up leaves unsaid is taken over from the turn before it, and typos are seen through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import rjieba

from assistant.question.form_model import FormModel, FormReading
from assistant.question.form_patterns import wanted_of
from assistant.question.forms import Form
from assistant.question.gazetteer import Gazetteer, foreign_places
from assistant.question.spelling import respelt
from assistant.question.understand import Question, continued, understand
from assistant.types import Turn
from index.search.engine import SearchIndex
from index.search.glossary import Glossary
from index.text.language import language_of
from index.text.normalize import fold, matching_form
from index.text.places import stem_of

_POINTS_BACK = re.compile(
    r"^(?:那|这(?!个|周|月|年|几?天)|后来|然后|还有|另外|除了|都有|具体)|他们|她们|它们|这样|那样|那边|这边|这里|那里|其中|除此|上面|刚才|前面|"
    r"(?<![吉其])[他她它](?!人|处|乡)|此事|那条|了没|了吗|后了"
)
"""Nothing but the turn before can be meant."""
_LEANS = re.compile(r"^(?:为啥|为什么|怎么样|结果|最后|一共|总共|花了|多少|几|什么时候|啥时候|谁|哪|(?:效果|成效|反响|费用|资金|经费|成本)\S{2})|这个|那个|那些|这些|该")
"""The turn before can be meant, unless the question names things of its own."""
_ASKS_US = re.compile(r"^(?:请问)?[你您](?!们(?:社区|小区|街道))")
_POINTS_BACK_EN = re.compile(
    r"\b(?:it|its|they|them|their|he|she|his|her|there|then|also|else|too)\b|^(?:and|what about|how about)\b|"
    r"(?:^|\b(?:about|after|before|of|is|are|was|were|did|does|do|for|with|in|to|on|like|by|from)\s+)(?:that|this|those|these)\b", re.I
)
_OF_ANY_MEASURE = re.compile(
    "部门|政府|单位|公司|机构|居民|住户|业主|群众|村民|人员|干部|社区|街道|小区|时间|原因|标准|费用|资金|经费|成本|数字|数据|材料|情况|内容|"
    "方式|方法|办法|问题|困难|效果|结果|经验|项目|制度|规定|名字|地方|地点|地址|[几哪户].*"
)
"""Things that can be asked of whatever was done: they name no subject."""
_STANDS_ALONE = re.compile(r"哪些(?:社区|地方|街道|小区|村)|其他社区|别的社区|有没有(?:社区|地方|哪)|哪个社区|哪[里儿]有")
_SAME_OF_ANOTHER = re.compile(r"^(?:那|那么)?.{2,14}呢\??$|^(?:what|how) about\b", re.I)
_NOUNS = frozenset(("n", "nr", "nrt", "nrfg", "ns", "nt", "nz", "eng"))
_ASKS_ON = re.compile(r"^[^你您]{1,6}呢\??$")
"""What sounds like small talk to whom the turn before is unknown: 后来呢, 资金呢."""
_SHORT = 12
"""Characters up to which a question for a number, name or date that names no place is taken for a follow-up."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What it takes to understand a question about the articles of an index; `nearest` passages say what a turn was
    about."""

    index: SearchIndex
    glossary: Glossary
    gazetteer: Gazetteer
    nearest: int = 10
    forms: FormModel | None = None
    """Tells the form of a question; None for an encoder that none was fitted to: then patterns do."""

    def of(self, question: str, history: Sequence[Turn] = ()) -> Question:
        """Return the question understood, completed from the conversation where it does not stand alone."""
        asked = matching_form(question)
        meant = respelt(asked, self.index.is_printed)
        foreign = () if meant or self.gazetteer.find(asked) else foreign_places(asked, self.gazetteer, self.index.is_printed)
        alone = understand(asked, self.glossary, self.gazetteer, meant, foreign, self._reading(asked))
        context = context_needed(asked, history, self.gazetteer)
        if not context and _goes_on(alone):
            context = _earlier(history)
        if context and not self._begins_anew(alone, context, history[-1]):
            if alone.form is Form.CHAT:  # 后来呢, read without what came before
                alone = understand(asked, self.glossary, self.gazetteer, meant, foreign, self._reading(f"{context} {asked}"))
            alone = continued(alone, context, self.glossary, self.gazetteer)
        return alone.weighed(self.index.rarity)

    def _reading(self, asked: str) -> FormReading | None:
        return self.forms and self.forms.read(asked, self.index.encoder.encode_query([asked.strip()])[0])

    def _begins_anew(self, question: Question, context: str, last: Turn) -> bool:
        """Tell whether a question names things that neither the last turn nor what is printed about it speaks of."""
        things = subjects(question)
        if not things:
            return False
        printed = (f"{r.passage.heading} {r.passage.text}" for r in self.index.search(context, self.nearest))
        return not speaks_of(" ".join([last.question, last.answer_gist, *printed]), things)


def context_needed(question: str, history: Sequence[Turn], gazetteer: Gazetteer) -> str:
    """Return the context that `question` (halfwidth) needs from the last turn to stand alone, "" when it needs none."""
    if not history:
        return ""
    text, last, earlier = question.strip(), history[-1], _earlier(history)
    if gazetteer.find(text):
        return _without_places(earlier, gazetteer) if _SAME_OF_ANOTHER.search(text) else ""
    if _STANDS_ALONE.search(text) or not _leans_on_the_last(text):
        return ""
    # The answer's place belongs to the context only where the earlier question named none and the answer named one.
    answered = gazetteer.find(matching_form(last.answer_gist))
    if answered and not gazetteer.find(matching_form(earlier)):
        return f"{gazetteer.narrowest(answered)} {earlier}"
    return earlier


def _earlier(history: Sequence[Turn]) -> str:
    return history[-1].question.strip().rstrip("?\uff1f\u3002 ") if history else ""


def _goes_on(question: Question) -> bool:
    """Tell whether a question names neither thing nor place (别的地方怎么做的), or no more than one small word (资金呢)."""
    if question.language == "en" or question.form is Form.LIBRARY:
        return False
    named = question.words or question.topics or question.mentions or question.foreign
    return bool(_ASKS_ON.search(question.text)) or question.form is not Form.CHAT and not named


def subjects(question: Question) -> tuple[str, ...]:
    """Return the things that a follow-up names of its own; none where it clearly points back or stays with community work.

    They are its nouns, but for those that any measure has. Whether it goes on with the last turn ("which company won the
    tender?") or begins anew ("which film won the prize?"), they tell.
    """
    text = question.text
    if question.language == "en" or question.topics or _POINTS_BACK.search(text):
        return ()
    return tuple(word for word, tag in rjieba.tag(text) if tag in _NOUNS and len(word) > 1 and word in question.words
                 and not _OF_ANY_MEASURE.fullmatch(word))


def speaks_of(said: str, things: Sequence[str]) -> bool:
    """Tell whether half of the things or more stand in what was said."""
    folded = fold(said)
    return 2 * sum(fold(thing) in folded for thing in things) >= len(things)


def _leans_on_the_last(text: str) -> bool:
    if language_of(text) == "en":
        return bool(_POINTS_BACK_EN.search(text))
    if _ASKS_US.search(text):
        return False
    return bool(_POINTS_BACK.search(text) or _LEANS.search(text)) or len(text) <= _SHORT and wanted_of(text) is not None


def _without_places(earlier: str, gazetteer: Gazetteer) -> str:
    """Return the earlier question without its places: the new one puts its own in their stead."""
    text = earlier
    for name in (name for mention in gazetteer.find(matching_form(earlier)) for name in mention):
        text = text.replace(name, "").replace(stem_of(name), "")
    return text.strip()
