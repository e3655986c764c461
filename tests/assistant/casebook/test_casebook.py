"""The cards of a library, their topics, and that they are made once. Run: python -m pytest -q tests/assistant/casebook/test_casebook.py"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest

from assistant.casebook.case_topics import OTHER, topic_of
from assistant.casebook.casebook import Casebook, Casebooks
from assistant.casebook.facet_counts import FacetCounts
from index.search.glossary import Glossary, Match, Topic
from index.types import Article
from tests.fakes.made_cases import MadeLibrary, told, town

FOOD, WIRES = ("养老", "older people"), ("安全", "safety")
GLOSSARY = Glossary([Topic(("老年食堂", "助餐"), (), FOOD), Topic(("送餐",), (), FOOD), Topic(("飞线",), (), WIRES), Topic(("充电桩",), ())])


class CountingGlossary(Glossary):
    """Counts how often it is asked."""

    asked = 0

    def find(self, text: str) -> list[Match]:
        self.asked += 1
        return super().find(text)


def test_cases_of_one_place_in_one_article_are_one_card() -> None:
    book = Casebook(town(), GLOSSARY)
    cards = {card.id: card for card in book.cards}
    assert set(cards) == {"meal#1", "meal#3", "wires#1", "wires-2#1", "plain#1"}
    assert [s.sentence.text for s in cards["meal#1"].sentences][-1] == "行动不便的老人，志愿者把午餐送到家。"
    assert "热乎" not in "".join(s.sentence.text for s in cards["meal#1"].sentences)
    assert [card.number for card in book.of_article("meal")] == [1, 3]
    assert book.at_case["meal#2"] == book.at_case["meal#1"]


def test_the_newest_come_first_and_those_without_a_date_last() -> None:
    assert [card.article.id for card in Casebook(town(), GLOSSARY).cards] == ["wires", "meal", "meal", "wires-2", "plain"]


def test_two_cases_of_no_known_place_are_two_cards() -> None:
    library = MadeLibrary(told("a", "甲", (), measure="做。"), told("a", "甲", (), measure="再做。"))
    assert [card.id for card in Casebook(library, GLOSSARY).cards] == ["a#1", "a#2"]


@pytest.mark.parametrize(("title", "text", "topic"), [
    ("", "老年食堂里有送餐，也没有飞线。", FOOD),
    ("飞线落了地", "老年食堂也开了。", WIRES),
    ("", "飞线和老年食堂", WIRES),
    ("", "充电桩装好了。", OTHER),
    ("", "", OTHER),
], ids=["most topics", "headline", "first of equals", "no group", "nothing"])
def test_the_topic_of_a_case(title: str, text: str, topic: tuple[str, str]) -> None:
    assert topic_of(title, [text], GLOSSARY) == topic


def test_what_every_sentence_mentions_counts_more() -> None:
    assert topic_of("", ["飞线、", "老年食堂开了。", "老年食堂又开了。"], GLOSSARY) == FOOD


def test_the_groups_of_the_bundled_glossary_have_two_names() -> None:
    groups = {topic.group for _, topic in Glossary.load()._wordings}
    assert len(groups) == 20
    assert all(zh and en.isascii() for zh, en in groups)
    assert OTHER[0] not in {zh for zh, _ in groups}


def test_a_city_or_district_is_the_widest_place_and_a_lone_community_has_none() -> None:
    areas = {card.article.id: card.area for card in Casebook(MadeLibrary(
        told("a", "", ("云泽市", "澄湖区", "桂花巷社区"), measure="做。"), told("b", "", ("桂花巷社区",), measure="做。"),
        told("c", "", (), measure="做。")), GLOSSARY).cards}
    assert areas == {"a": "云泽市", "b": "", "c": ""}


def test_it_is_made_once_a_version_however_many_ask_at_once() -> None:
    glossary, library = CountingGlossary([Topic(("飞线",), (), WIRES)]), town()
    books = Casebooks(glossary)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(books.of, [library] * 32))
    once = glossary.asked
    assert len({id(book) for book in made}) == 1
    assert once == len(made[0]) + sum(len(card.sentences) for card in made[0].cards)
    newer = books.of(MadeLibrary(told("a", "甲", (), measure="做。"), version="made-2"))
    assert (newer.version, len(newer)) == ("made-2", 1)
    assert glossary.asked > once


def test_an_empty_library_has_no_cards() -> None:
    library = MadeLibrary()
    assert (len(Casebook(library, GLOSSARY)), Casebook(library, GLOSSARY).articles) == (0, 0)
    library.add_article(Article("x", "x.txt", "社论", 0, 1, ()))
    assert (len(Casebook(library, GLOSSARY)), Casebook(library, GLOSSARY).articles) == (0, 1)


def names() -> Iterator[tuple[list[list[str]], list[list[str]]]]:
    random = np.random.default_rng(7)
    for size in (0, 1, 40):
        yield ([[str(random.integers(4))] for _ in range(size)],
               [[str(n) for n in random.integers(5, size=random.integers(4))] for _ in range(size)])


@pytest.mark.parametrize(("one", "many"), list(names()), ids=["none", "one", "forty"])
def test_counts_are_those_of_a_loop(one: list[list[str]], many: list[list[str]]) -> None:
    shown = np.arange(len(one)) % 3 > 0
    ones, manies = FacetCounts(one), FacetCounts(many)
    listed = [row for row in range(len(one)) if shown[row]]
    assert manies.counts(shown) == {name: n for name in manies.names if (n := sum(name in many[row] for row in listed))}
    assert list(manies.counts(shown).values()) == sorted(manies.counts(shown).values(), reverse=True)
    assert ones.crossed(manies, shown) == {
        (a, b): n for a, b in product(ones.names, manies.names) if (n := sum(one[row] == [a] and b in many[row] for row in listed))}
    for name in (*manies.names, "没有"):
        assert manies.holding(name).tolist() == [name in own for own in many]
