"""Understand a question: its language, the form of answer it asks for, its content words and the places it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import rjieba

from assistant.question.coverage import CONTEXT_WEIGHT, Unit, units_of
from assistant.question.form_model import FormReading
from assistant.question.gazetteer import Gazetteer
from index.search.glossary import Glossary, Match
from index.text.language import is_han, language_of
from index.text.normalize import HAN, fold, matching_form
from index.text.places import TOWN, level_of, stem_of
from index.text.tokens import STOP_WORDS, terms


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
    asks_how: bool = False
    """The question asks how it was done, not only where or whether."""
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
        for more, plain in _PLAINLY:
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
NEAR_WEIGHT = 0.3

_CASES = re.compile(
    r"哪些|哪几|其他(?:社区|地方|街道|小区|地区|村|城市|县|区)|其它|别的(?:社区|地方|街道|小区|村)|别处|别人家|有没有|有无|有哪|各地|例子|案例|"
    r"哪里有|哪儿有|哪个社区|哪个地方|哪个街道|哪家社区|谁家|人家都|兄弟社区|都有谁|什么地方|哪些地方|有谁"
)
_CASES_EN = re.compile(
    r"\bother (?:communit|neighbou?rhood|place|district|street|village)|\bwhich (?:\w+ )?(?:communities|places|neighbou?rhoods|streets|villages|districts|towns)|"
    r"\b(?:any|some) (?:\w+ )?(?:examples?|cases?|communit|places?)|\bexamples? of|\bhow (?:did|do|have) (?:other|different|various)|\bare there\b|\bwhere (?:have|did|do|are)\b|\bhas any|\bhave any"
)
_SIDE_BY_SIDE = re.compile(r"各是|各有|分别是|相比|的比|对比|哪个更|谁更|\bcompare|\bversus\b")
_ENDS = r"(?=[些呢啊?\uff1f,\uff0c]|一些|一点|$)"
_EARLIER = re.compile(r"(?:哪一?个|哪家|哪边|谁)(\w{1,6}?)(?:得更?|更)?(?<!早)[早晚]" + _ENDS)
_CHEAPER = re.compile(r"(?:哪一?个|哪家|哪边|谁)(?:家|的)?(\w{0,6}?)(?:更|比较)?(?:便宜|(?<![宝珍名昂高尊可富])贵)" + _ENDS)
_PLAINLY = ((_EARLIER, r"\1是什么时候"), (_CHEAPER, r"\1多少钱"))
"""What is compared, and how it is asked of one place alone."""
_NUMBER = re.compile(
    r"多少|(?<!哪)几(?!乎|何|经)|多大|多久|多长|多高|多远|占比|比例|百分|总数|数量|规模|人数|户数|面积|几成|次数|多重|降了|涨了|增长|频率|年龄|多快"
)
_NUMBER_EN = re.compile(r"\bhow (?:many|much|old|long|large|big|often|far|tall)|\bwhat (?:share|percentage|percent|number|proportion)|\bby how\b|\bat least how")
_MONEY = re.compile(r"多少钱|花了|费用|收费|价格|价钱|(?<!哪)几块(?!玻璃|屏|牌|板|地|田)|几元|补贴|补助|补多少|工资|薪|经费|投入|投资|资金|捐|奖励|成本|租金|收入|一顿|便宜|贵")
_MANY_EN = re.compile(r"\bhow many (?!yuan|dollars)")
_MONEY_EN = re.compile(r"\bcost|\bprice|\bsalary|\bpay\b|\bpaid\b|\bmoney|\bfee\b|\bfunds?|\bspen[dt]|\bbudget|\byuan\b|\bincome")
_PERSON = re.compile(r"谁|叫什么(?!名字?的)|什么名字|姓名|哪位|叫啥|何人|名叫")
_PERSON_EN = re.compile(r"\bwho\b|\bwhose\b|\bname of the (?:person|secretary|director|head|resident)")
_DATE = re.compile(r"什么时候|何时|哪[一几]?年|哪[一几]?天|几月|几号|几点|多早|啥时候|哪个月|日期|时间是|" + _EARLIER.pattern)
_DATE_EN = re.compile(r"\bwhen\b|\bwhat (?:year|date|time|day|month)|\bsince when")
_PLACE = re.compile(r"在哪(?!些)|哪个(?:区|县|市|街道|镇|社区|小区|村|地方)|哪儿|哪里|什么地方|位于")
_PLACE_EN = re.compile(r"\bwhere\b|\bwhich (?:community|district|street|city|village|place|town)\b")
_TITLE = re.compile(r"(?:文件|方案|制度|模式|品牌|称号|工作法|机制|平台|队伍|奖|办法|活动|名称).{0,6}(?:叫|名)|叫(?:什么|啥)|什么(?:品牌|称号|模式|文件|制度|机制|平台|名堂)|评.{0,4}(?:几星|什么)")
_NEVER = re.compile(r"(?!)")
_WANTED = (
    (Wanted.DATE, _DATE, _DATE_EN), (Wanted.NUMBER, _NUMBER, _NUMBER_EN), (Wanted.TITLE, _TITLE, _NEVER),
    (Wanted.PERSON, _PERSON, _PERSON_EN), (Wanted.PLACE, _PLACE, _PLACE_EN),
)
_HOW = re.compile(r"怎么|如何|怎样|咋|办法|做法|措施|流程|步骤|几招|哪些措施|经验|啥招|什么招|干些?啥|做了什么|做些什么|干什么|哪几步|具体")
_HOW_EN = re.compile(r"\bhow\b(?! (?:many|much|old|long|large|big|often|far|tall))|\bwhat (?:did|does|do|has|have|measures|steps)|\bin what way")

_WORDS_EN = re.compile(rf"[a-z]{{2,}}|\d+|[{HAN}]+")
_STOP_TAGS = {"x", "uj", "ul", "uz", "ug", "ud", "y", "p", "c", "r", "e", "o", "u", "d", "zg", "f", "ad", "q"}


def understand(text: str, glossary: Glossary, gazetteer: Gazetteer, meant: Sequence[str] = (),
               foreign: Sequence[str] = (), reading: FormReading | None = None) -> Question:
    """Return the question in its matching form understood: `meant` are words that it may mean by its typos, `foreign` the
    places in it that no article names, `reading` what the model of forms says of it (None: patterns tell its form)."""
    language, mentions, folded = language_of(text), gazetteer.find(text), fold(text)
    topics = tuple(glossary.find(" ".join([text, *meant])))
    several = _several(text, mentions, gazetteer)
    if reading is not None:
        named = bool(foreign) or any(level_of(name) >= TOWN for mention in mentions for name in mention[:1])
        form, wanted = _form_read(reading, named=named, several=several)
    else:
        form, wanted = _form(text, folded, language, several=several)
    words, runs = _content(text) if language == "zh" else _content_en(text)
    return Question(
        text=text.strip(), language=language, form=form, wanted=wanted, words=tuple(words), runs=tuple(runs),
        mentions=tuple(mentions), topics=topics, near_topics=() if topics else tuple(glossary.near(words)),
        asks_how=bool((_HOW if language == "zh" else _HOW_EN).search(folded)), meant=tuple(meant), foreign=tuple(foreign),
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
    return gazetteer.apart(named) or len(named) > 1 and bool(_SIDE_BY_SIDE.search(text))


def wanted_of(text: str) -> Wanted | None:
    """Return what a question asks to be told (None when it asks for no such thing): money before number, as 多少钱 is
    both."""
    return _wanted(text, language_of(text))


def _wanted(text: str, language: str, folded: str = "") -> Wanted | None:
    zh = language == "zh"
    folded = text if zh else folded or fold(text)
    if zh and (_MONEY.search(folded) and _NUMBER.search(folded) or _CHEAPER.search(folded)):
        return Wanted.MONEY
    if not zh and _MONEY_EN.search(folded) and not _MANY_EN.search(folded):
        return Wanted.MONEY
    for kind, chinese, english in _WANTED:
        if (chinese if zh else english).search(folded):
            return kind
    return None


_READ_AS = {"cases": Form.CASES, "how": Form.HOW, "list": Form.HOW, "compare": Form.CASES, "fact": Form.FACT}
_WANTED_AS = {kind.value: kind for kind in Wanted}
SURE = 0.7
"""The probability from which a question is not about what the articles tell."""
NAMED = 0.15
"""What the probability of asking after cases counts in a question that names a town or what lies in one."""


def _form_read(reading: FormReading, *, named: bool, several: bool) -> tuple[Form, Wanted]:
    """Return the likeliest form; a question that names a town or less mostly asks of it."""
    wanted = _WANTED_AS.get(max(reading.wanted, key=lambda kind: reading.wanted[kind]), Wanted.ANY)
    if several:
        return Form.COMPARE, wanted
    for form in (Form.LIBRARY, Form.CHAT):
        if reading.forms.get(form.value, 0.0) >= SURE:
            return form, Wanted.ANY
    totals: dict[Form, float] = {}
    for name, form in _READ_AS.items():
        totals[form] = totals.get(form, 0.0) + reading.forms.get(name, 0.0) * (NAMED if named and form is Form.CASES else 1.0)
    form = max(totals, key=lambda one: totals[one])
    return form, wanted if form is Form.FACT else Wanted.ANY


def _form(text: str, folded: str, language: str, *, several: bool) -> tuple[Form, Wanted]:
    wanted, zh = _wanted(text, language, folded), language == "zh"
    if several:
        form = Form.COMPARE
    elif (_CASES if zh else _CASES_EN).search(folded):
        form = Form.CASES
    elif wanted in (Wanted.NUMBER, Wanted.MONEY, Wanted.DATE, Wanted.TITLE):
        form = Form.FACT
    elif (_HOW if zh else _HOW_EN).search(folded) or wanted is None:
        form = Form.HOW
    else:
        form = Form.FACT
    return form, wanted or Wanted.ANY


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
