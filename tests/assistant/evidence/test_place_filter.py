"""A fact about another place is no answer. Run: python -m pytest -q tests/assistant/evidence/test_place_filter.py"""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.evidence.place_filter import about_place, place_asked
from assistant.question.followup import Understanding
from index.text.tokens import terms
from index.types import Paragraph, Retrieved
from tests.fakes.made_answers import GLOSSARY, LIUAN, PLACES, SHIQIAO, TINGYU, ask, best_first, found, scored


def article(*texts: str, file: str, chain: tuple[str, ...] = (), title: str = "题") -> Retrieved:
    """Return a found passage that is the whole of its article."""
    hit = found(*texts, file=file, chain=chain, title=title)
    return replace(hit, article=replace(hit.article, paragraphs=(Paragraph(hit.passage.sentences),)))


CANTEEN = scored(article("食堂一顿饭8元。", file="a.txt", chain=TINGYU), 0.5)
OTHERS = scored(article("食堂一顿饭12元。", file="b.txt", chain=SHIQIAO), 0.9)
HEADED = scored(article("食堂开张。", "一顿饭10元。", file="c.txt", title="听雨社区的新食堂"), 0.4, 0.3)
TOLD = scored(article("听雨的老人有了食堂。", "一顿饭9元。", file="d.txt"), 0.2, 0.1)
ALL = best_first(CANTEEN, OTHERS, HEADED, TOLD)


@pytest.mark.parametrize(("question", "names"), [
    pytest.param("听雨社区的食堂一顿饭多少钱?", ("听雨社区",), id="a fact"),
    pytest.param("柳岸街道听雨社区怎么办食堂?", ("听雨社区",), id="the narrower of two"),
    pytest.param("听雨社区和石桥镇的食堂哪个贵?", (), id="a comparison has two"),
    pytest.param("除了听雨社区,哪些社区有食堂?", (), id="a list may tell of others"),
    pytest.param("东湖市的食堂一顿饭多少钱?", (), id="a city is not named by its own articles"),
    pytest.param("食堂一顿饭多少钱?", (), id="none"),
])
def test_the_place_that_an_answer_must_be_about(question: str, names: tuple[str, ...]) -> None:
    assert place_asked(ask(question)) == names


def test_only_articles_that_speak_of_the_place_are_evidence() -> None:
    kept = about_place(ask("听雨社区的食堂一顿饭多少钱?"), ALL)
    assert {e.article.file for e in kept} == {"a.txt", "c.txt"}
    assert kept == [e for e in ALL if e in kept], "the order stays"


def test_without_a_place_all_is_evidence() -> None:
    assert about_place(ask("食堂一顿饭多少钱?"), ALL) == ALL


def test_a_part_of_the_place_is_in_it() -> None:
    assert place_asked(ask("柳岸街道的食堂一顿饭多少钱?")) == (LIUAN[-1],)
    assert CANTEEN[0] in about_place(ask("柳岸街道的食堂一顿饭多少钱?"), ALL)


def test_a_place_that_no_article_names_has_no_evidence() -> None:
    question = replace(ask("金梧桐社区的食堂一顿饭多少钱?"), foreign=("金梧桐社区",))
    assert about_place(question, ALL) == []


class Printed:
    """An index of which only the words are known."""

    def __init__(self, text: str) -> None:
        self.is_printed = set(terms(text)).__contains__

    def rarity(self, term: str) -> float:
        return 1.0


@pytest.mark.parametrize(("text", "printed", "foreign"), [
    pytest.param("海宁路街道金梧社区的食堂多少钱?", "食堂", ("海宁路街道", "金梧社区"), id="nowhere"),
    pytest.param("听雨社区的食堂多少钱?", "食堂", (), id="known"),
    pytest.param("听雨那边的食堂多少钱?", "食堂", (), id="known by its stem"),
    pytest.param("老旧小区怎么装电梯?", "电梯", (), id="no name at all"),
    pytest.param("永康社区怎么装电梯?", "永康路的电梯", (), id="its stem is printed"),
    pytest.param("听雨村的食堂多少钱?", "听雨社区的食堂", ("听雨村",), id="its stem is another place's"),
    pytest.param("听雨小区的食堂多少钱?", "听雨小区的食堂", (), id="its stem is another place's and it is printed"),
])
def test_places_that_are_printed_nowhere(text: str, printed: str, foreign: tuple[str, ...]) -> None:
    assert Understanding(Printed(printed), GLOSSARY, PLACES).of(text).foreign == foreign
