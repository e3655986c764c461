"""An assistant without an index or a model, for the chat page: it knows four articles.

The words of a question choose what happens: 天气 is refused, 出错 raises an error for people, 崩溃 a bug,
慢 takes its time, 没完 ten minutes, 想想 ten before its first word, 恶意 cites the hostile article. A later question is
answered under a rewritten form.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from assistant.service.answering import Answering
from assistant.service.events import Subscriber
from assistant.service.queue import Queue
from assistant.types import Answer, Ask, Citation, Claim, Draft, Found, Turn
from index.errors import MissingIndex, NotFound
from index.search.facets import Facets, facets_of
from index.search.filters import Filters
from index.types import Article, Paragraph, Passage, Sentence

HOSTILE = (
    '<script>window.__pwned=1</script><img src=x onerror="window.__pwned=2">'
    "${window.__pwned=3}{{__pwned}}"
)
SPLIT = 170
"""Offset inside the sentence about the first year's income, which thus has two spans."""
HOSTILE_LINK = (
    "[点我](javascript:window.__pwned=4) ![图](http://example.com/leak.png) "
    "<a href='javascript:alert(1)'>x</a>"
)
FEES = "白天3~5元,夜间8~10元，*不含*电费"
"""Its marks would strike and slant it, were they obeyed."""
MIRRORED = "甲\u202e乙丙\u2066丁\u2069戊\u202c己。"
"""Holds marks that turn the direction of what follows."""
ENDLESS = "长" * 10_000

CHAINS = {
    "01_yunze_morning_A06.txt": ("澄湖区", "和顺街道", "桂花巷社区"),
    "04_cangyuan_evening_07.txt": ("东闸街道",),
    f"{HOSTILE}.txt": (HOSTILE,),
}
"""The place of each file, with those it lies in."""


def article(file: str, title: str, *paragraphs: tuple[str, ...], **printed: str) -> Article:
    """Lay sentences out one after another, as if the file held nothing else; #… is a section head."""
    at, section, built = 0, "", []
    for paragraph in paragraphs:
        if paragraph[0].startswith("#"):
            section = paragraph[0][1:]
            continue
        sentences = []
        for text in paragraph:
            sentences.append(Sentence(spans=((at, at + len(text)),), text=text, chain=CHAINS.get(file, ())))
            at += len(text)
        at += 1
        built.append(Paragraph(sentences=tuple(sentences), section=section))
    return Article(f"id-{file}", file, title, start=0, end=at, paragraphs=tuple(built), **printed)


def broken(whole: Article, at: int, gap: int) -> Article:
    """Return the article as if a photo caption of `gap` characters stood in its file at the offset `at`."""

    def moved(sentence: Sentence) -> Sentence:
        (start, end), = sentence.spans
        spans = ((start, end),) if end <= at else ((start + gap, end + gap),)
        return replace(sentence, spans=((start, at), (at + gap, end + gap)) if start < at < end else spans)

    paragraphs = (replace(p, sentences=tuple(map(moved, p.sentences))) for p in whole.paragraphs)
    return replace(whole, end=whole.end + gap, paragraphs=tuple(paragraphs))


ARTICLES = (
    broken(article(
        "01_yunze_morning_A06.txt", "“没人管”的院子请来“自家管家”",
        ("本报讯（记者 林知远）纺机家属院建于1986年，6栋楼、168户，单位改制后十多年没有物业。",
         "垃圾堆在楼道口，路灯坏了一半，下水管一到雨天就倒灌。"),
        ("#一户二十元，账目贴上墙",),
        ("桂花巷社区党委书记李代霞挨家敲门，开了七次院落会。",
         "最后定下每户每月20元，低保家庭减半，全院6户低保户都照此办理。",
         "居民推选出5人自管小组，收支每季度贴在门洞里，谁都能查。"),
        ("头一年，自管小组共收入3.74万元，支出3.21万元，结余5300元。",
         "社区又争取到补助资金26万元，更换下水管道340米。"),
        ("#从“要我管”到“我来管”",),
        *((f"第{n}件小事也有了着落：{what}，从商量到办完只用了{n + 2}天。",
           "住户们说，事情不大，可有人应、有人跑，心里就踏实。")
          for n, what in enumerate(("楼道换声控灯", "车棚装充电桩", "台阶改成坡道", "花坛交人认种") * 4, 1)),
        kicker="家门口的治理", subtitle="和顺街道桂花巷社区探索院落自管", byline="记者 林知远 通讯员 周敏",
        source="云泽晨报", date="2024-06-18", place="澄湖区和顺街道桂花巷社区",
    ), SPLIT, 12),
    article(
        "04_cangyuan_evening_07.txt", "三栋孤楼“抱团”请物业",
        ("东闸街道把三栋单体楼并成一个片区，由国企物业兜底接管，首年服务费街道补一半。",
         "一年后收缴率从四成升到九成一，街道补贴已经退出。"),
        ("并在一起的不只是楼，还有三处各管各的门岗。",),
        source="沧原晚报", date="2023-11-02", place="东闸街道",
    ),
    article("08_nodate.html", "", ("社区引入信托制物业，钱进共有账户，每一笔都公开。",), place="怀化路社区"),
    article(f"{HOSTILE}.txt", HOSTILE, (HOSTILE, HOSTILE_LINK), source=HOSTILE, date="2024-01-01",
            byline=HOSTILE, place="{{place}}", kicker=HOSTILE_LINK),
    article("\u202etxt.怪异.html", MIRRORED, (f"{MIRRORED}{ENDLESS}",), source=MIRRORED, place=MIRRORED),
)
PASSAGES = {
    f"{number}-{n}": Passage(id=f"{number}-{n}", article_id=whole.id, sentences=paragraph.sentences)
    for number, whole in enumerate(ARTICLES) for n, paragraph in enumerate(whole.paragraphs)
}


def citation(number: int, passage_id: str, sentence: int) -> Citation:
    """Cite one sentence of a passage."""
    whole, cited = ARTICLES[int(passage_id[0])], PASSAGES[passage_id].sentences[sentence]
    return Citation(
        number=number, passage_id=passage_id, article_id=whole.id, title=whole.title,
        source=whole.source, date=whole.date, place=whole.place, file=whole.file,
        spans=cited.spans, quote=cited.text,
    )


def found(passage_id: str, score: float = 0.5) -> Found:
    """Name one passage as found."""
    passage, whole = PASSAGES[passage_id], ARTICLES[int(passage_id[0])]
    return Found(
        passage_id, whole.id, whole.title, whole.place, whole.file, passage.start, passage.end, score
    )


def answer(question: str, **changes: object) -> Answer:
    """Build an answer of four citations, three passages and two passages beside them; one claim has no evidence."""
    text = (
        "**澄湖区和顺街道桂花巷社区**：居民自管，每户每月20元，低保家庭减半[2]。"
        "收支每季度上墙，谁都能查[3]；头一年收入3.74万元、支出3.21万元，结余5300元[1]。\n\n"
        "**东闸街道**：三栋单体楼合成一个片区，请国企物业兜底，首年服务费街道补一半[4]。"
    )
    base = Answer(
        question=question, standalone_question=question, language="zh", text=text,
        claims=(Claim("两种办法都先把账目公开，再谈收费", (), 0.31, False),),
        citations=tuple(
            citation(n, *at) for n, at in enumerate((("0-2", 0), ("0-1", 1), ("0-1", 2), ("1-0", 0)), start=1)
        ),
        retrieved=tuple(map(found, ("0-1", "0-2", "1-0", "2-0", "1-1", "0-0", "0-3", "0-4", "0-5"))),
        model="extractive", index_version="fake", answerable=0.9,
        timings_ms={"embed": 9, "search": 4, "answer": 115},
    )
    return replace(base, **changes)


def cases(question: str, more: int) -> Answer:
    """Build an answer to "which communities": two cases, and a hostile third; `more` are held back."""
    told = [("0-1", 1), ("0-2", 0), ("1-0", 0), ("1-0", 1), ("3-0", 0)]
    cited = tuple(citation(n, *at) for n, at in enumerate(told, start=1))
    claims = tuple(Claim(c.quote, (c.number,), 1.0, True, c.place) for c in cited)
    listed = "\n".join(f"- **{c.place}**：{c.text}[{c.citations[0]}]" for c in claims)
    return answer(question, text=f"资料中有 3 个地方的做法：\n\n{listed}\n\n资料中没有写：时间。", claims=claims, citations=cited,
                  retrieved=(found("0-1"), found("2-0")), form="cases", more_cases=more)


class FakeIndex:
    """Holds the articles above."""

    version = "fake"

    @property
    def facets(self) -> Facets:
        return facets_of({a.id: a for a in ARTICLES}, PASSAGES.values())

    def selected(self, filters: Filters) -> int:
        return len({p.article_id for p in PASSAGES.values() if filters.allow(self.article(p.article_id), p)})

    def article(self, article_id: str) -> Article:
        for whole in ARTICLES:
            if whole.id == article_id:
                return whole
        raise NotFound(f"no article {article_id!r}")

    def passage(self, passage_id: str) -> Passage:
        if passage_id not in PASSAGES:
            raise NotFound(f"no passage {passage_id!r}")
        return PASSAGES[passage_id]


class FakeAssistant:
    """Answers from the articles above and remembers what history it was given."""

    def __init__(self, *, hurried: bool = False) -> None:
        """One that is `hurried` takes no more time over 没完 and 想想 than over others; set `ended` to end those."""
        self.index, self._hurried, self.ended = FakeIndex(), hurried, threading.Event()
        self.histories: list[tuple[Turn, ...]] = []

    def suggest(self, answer: Answer, filters: Filters | None = None, *, go_on: Callable[[], bool]) -> list[str]:
        return ["东闸街道后来怎么样了？", HOSTILE] if "接着" in answer.question else []

    def starters(self, language: str) -> list[str]:
        return ["有哪些社区在“停车”方面有做法？"]

    def stream(self, input: Ask) -> Iterator[Draft | Answer]:
        question, history, filters = input.question, input.history, input.filters
        self.histories.append(history)
        if "出错" in question:
            raise MissingIndex("还没有索引：请先运行 <python -m index add>。")
        if "崩溃" in question:
            raise ZeroDivisionError("a bug")
        if "天气" in question:
            yield answer(
                question, text="资料中没有找到答案。", citations=(), claims=(),
                refused=True, refusal_reason="off_topic",
                retrieved=tuple(map(found, ("2-0", "1-0", "0-3"))),
            )
            return
        if not self._hurried and ("想想" in question or "没完" in question):
            for n in range(6000):
                yield Draft(f"第{n}句。" if "没完" in question else "")
                if self.ended.wait(0.1):
                    break
        done = answer(question)
        if "恶意" in question:
            done = replace(
                done, text=f"{FEES} {HOSTILE} {HOSTILE_LINK} ![1](http://example.com/a.png) [1]", claims=(),
                citations=(citation(1, "3-0", 0), citation(2, "3-0", 1)),
                retrieved=(found("3-0"), found("2-0")),
            )
        if "编号" in question:
            done = replace(done, text="装了座椅\\[1\\]二十把，**座椅\\[2\\]**十把。[1]", claims=(), citations=(citation(1, "1-0", 0),))
        if "怪异" in question:
            done = replace(done, text=f"{MIRRORED}{ENDLESS}[1]", claims=(), citations=(citation(1, "4-0", 0),),
                           retrieved=(found("4-0"),))
        if "哪些" in question:
            done = cases(question, more=0 if input.all_cases else 2)
        if "比较" in question:
            done = replace(cases(question, more=0), form="compare")
        if filters.places == (HOSTILE,):
            done = replace(done, refused=True, refusal_reason="nothing_selected", claims=(), citations=(), retrieved=(),
                           text="所选的地区、报纸或日期里没有报道，请放宽筛选。")
        if history:
            done = replace(done, standalone_question=f"{history[-1].question} {question}")
        pause = 0.3 if "慢" in question else 0.01
        time.sleep(pause * 3)
        for end in range(20, len(done.text), max(20, len(done.text) // 20)):
            yield Draft(done.text[:end])
            time.sleep(pause)
        yield done


def answering(assistant: FakeAssistant, *subscribers: Subscriber, at_once: int = 2) -> Answering:
    """Return what the channels ask, with the assistant behind it."""
    return Answering(lambda: assistant, Queue(at_once), subscribers=subscribers)
