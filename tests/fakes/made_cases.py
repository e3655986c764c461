"""A library of cases written by hand, without an index or a model: what the casebook is made of and asked about.

    library = MadeLibrary(told("a", "食堂开张", ("澄湖区", "桂花巷社区"), measure="社区办了食堂。", date="2024-06-18"))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.service.answering import Answering
from assistant.service.queue import Queue
from index.errors import NotFound
from index.types import Article, Case, CaseSentence, Paragraph, Sentence, SentenceRole
from tests.fakes.hash_encoder import HashEncoder

ROLES = {"need": SentenceRole.PROBLEM, "measure": SentenceRole.MEASURE, "result": SentenceRole.RESULT, "voice": SentenceRole.VOICE}


@dataclass(frozen=True)
class Told:
    """One case as it is told: the article's id, headline, newspaper and day, the place, and sentences with their roles."""

    article_id: str
    title: str
    chain: tuple[str, ...]
    sentences: tuple[tuple[str, SentenceRole], ...]
    source: str
    date: str


def told(article_id: str, title: str, chain: tuple[str, ...], *, source: str = "云泽晨报", date: str = "", **said: str) -> Told:
    """Return a case told by `said`: a sentence for each role, in their order; `result_2` is a second result."""
    sentences = tuple((text, ROLES[name.partition("_")[0]]) for name, text in said.items())
    return Told(article_id, title, chain, sentences, source, date)


class MadeCases:
    """The cases; `cosines` are those that every case has to each other, by row."""

    def __init__(self, cases: Sequence[Case], cosines: dict[int, float]) -> None:
        self._cases, self._cosines = cases, cosines

    def __len__(self) -> int:
        return len(self._cases)

    def all(self) -> list[Case]:
        return list(self._cases)

    def case(self, row: int) -> Case:
        return self._cases[row]

    def beside(self, rows: Sequence[int], k: int) -> dict[int, float]:
        near = sorted(((row, cosine) for row, cosine in self._cosines.items() if row not in rows), key=lambda pair: -pair[1])
        return dict(near[:k])


class MadeLibrary:
    """What the casebook asks of an index, and of an assistant: it finds the cases that hold the words, in their order."""

    def __init__(self, *rows: Told, version: str = "made-1", cosines: dict[int, float] | None = None,
                 encoder: object | None = None) -> None:
        self.version, self.encoder, self.index = version, encoder or HashEncoder(), self
        self._articles: dict[str, Article] = {}
        cases, numbers = list[Case](), Counter[str]()
        for row in rows:
            before = self._articles.get(row.article_id) or Article(
                row.article_id, f"{row.article_id}.txt", row.title, 0, 0, (), source=row.source, date=row.date)
            laid, at = [], before.end
            for text, role in row.sentences:
                laid.append(CaseSentence(f"{row.article_id}/{at}", Sentence(((at, at + len(text)),), text, row.chain), role))
                at += len(text)
            paragraph = Paragraph(tuple(one.sentence for one in laid))
            self._articles[row.article_id] = replace(before, end=at + 1, paragraphs=(*before.paragraphs, paragraph))
            numbers[row.article_id] += 1
            cases.append(Case(f"{row.article_id}#{numbers[row.article_id]}", row.article_id, row.chain, tuple(laid)))
        self.cases = MadeCases(cases, cosines or {})

    def add_article(self, article: Article) -> None:
        """Hold an article that tells no case."""
        self._articles[article.id] = article

    def articles(self) -> list[Article]:
        return list(self._articles.values())

    def article(self, article_id: str) -> Article:
        if article_id not in self._articles:
            raise NotFound(f"No article {article_id!r}.")
        return self._articles[article_id]

    def cases_for(self, words: str) -> list[Case]:
        return [case for case in self.cases.all() if any(words in s.sentence.text for s in case.sentences)]


def asked(library: MadeLibrary, queue: Queue | None = None) -> Answering:
    """Return what the channels ask, with the library behind it."""
    return Answering(lambda: library, queue or Queue(2))


def town() -> MadeLibrary:
    """Return a small town's cases: two cards of one article, cases of one place in one article, one without place or date."""
    return MadeLibrary(
        told("meal", "一碗热饭的距离", ("澄湖区", "和顺街道", "桂花巷社区"), date="2024-06-18", need="社区里独居老人多，吃饭难。",
             measure="社区办起老年食堂，午餐每份12元。", result="半年下来，来吃饭的老人从30人增加到146人。"),
        told("meal", "一碗热饭的距离", ("澄湖区", "和顺街道", "桂花巷社区"), date="2024-06-18",
             measure="行动不便的老人，志愿者把午餐送到家。", voice="“热乎！”张阿姨说。"),
        told("meal", "一碗热饭的距离", ("澄湖区", "永定街道"), date="2024-06-18", measure="街道给助餐点补贴。"),
        told("wires", "三百多根飞线落了地", ("南浦区", "文桥社区"), date="2024-11-02", source="沧原晚报", need="电动车飞线充电，险情不断。",
             measure="社区装了48个充电桩。", result="大家都说好。"),
        told("wires-2", "车棚里的新插座", ("鹿台区", "望塔社区"), date="2023-11-20", source="沧原晚报",
             measure="车棚里装了电动车充电桩。", result="2024年5月起再没有飞线。"),
        told("plain", "", (), source="", measure="大家坐下来，把话说完。"),
    )
