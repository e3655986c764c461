"""What an address selects, and what is counted beside it. Run: python -m pytest -q tests/assistant/casebook/test_selection.py"""

from collections import Counter
from itertools import product
from time import process_time
from urllib.parse import parse_qsl

import pytest

from assistant.casebook.casebook import Casebook
from assistant.casebook.overview import heat_table, timeline
from assistant.casebook.related_cases import NEAR, related
from assistant.casebook.selection import FACETS, LONGEST_NAME, ON_A_PAGE, Selection, browse
from assistant.question.limits import LONGEST_QUESTION
from index.search.glossary import Glossary
from tests.fakes.hash_encoder import HashEncoder
from tests.fakes.made_cases import MadeLibrary, told, town

GLOSSARY = Glossary.load()
SUBJECTS = ("社区办起老年食堂。", "小区装了电动车充电桩。", "居民议事会定下停车办法。", "大家都来了。")


class Fitted(HashEncoder):
    """Has the name of the encoder that there is a space of cases for."""

    name = "e5-small"


@pytest.fixture(scope="module")
def book() -> Casebook:
    return Casebook(town(), GLOSSARY)


@pytest.fixture(scope="module")
def many() -> Casebook:
    return Casebook(crowd(240), GLOSSARY)


def crowd(size: int) -> MadeLibrary:
    """Return so many cases: the n-th of one of four subjects, in one of ten districts, three papers and fifty months."""
    return MadeLibrary(*(told(
        f"a{n:05}", f"第{n}篇", (f"第{'甲乙丙丁戊己庚辛壬癸'[n % 10]}区", f"第{n}社区"), source=f"{'东西南'[n % 3]}湖晚报",
        date=f"{2020 + n % 50 // 12}-{n % 50 % 12 + 1:02}-03", measure=SUBJECTS[n % 4], result=f"省下{n + 2}元。" if n % 2 else "好。")
        for n in range(size)))


def ids(book: Casebook, **wanted: object) -> list[str]:
    return [card.id for card in browse(book, Selection(**wanted)).cards]


@pytest.mark.parametrize(("address", "wanted"), [
    ("", Selection()),
    ("topic=养老&place=澄湖区&paper=云泽晨报&month=2024-06&q= 食堂 &sort=newest&page=3",
     Selection("养老", "澄湖区", "云泽晨报", "2024-06", "食堂", "newest", 3)),
    ("month=2024", Selection(month="2024")),
    ("month=' OR 1=1&sort=<script>&page=-1", Selection()),
    ("month=2024-6&sort=&page=0", Selection()),
    ("page=99999999999999999999", Selection()),
    ("page=٣", Selection()),
    ("unknown=1", Selection()),
])
def test_an_address_is_read_within_bounds(address: str, wanted: Selection) -> None:
    assert Selection.of(dict(parse_qsl(address))) == wanted


def test_what_is_too_long_is_cut() -> None:
    read = Selection.of({"place": "长" * 5000, "q": "长" * 5000})
    assert (len(read.place), len(read.q)) == (LONGEST_NAME, LONGEST_QUESTION)


def test_an_address_leads_back_to_its_selection() -> None:
    wanted = Selection("安全", "a&b=c#d", "报\"<", "2024", "食堂 价格", "documented", 4)
    assert Selection.of(dict(parse_qsl(wanted.query(page=4)))) == wanted
    assert Selection.of(dict(parse_qsl(wanted.query(topic="养老")))) == Selection("养老", "a&b=c#d", "报\"<", "2024", "食堂 价格", "documented")
    assert Selection().query() == ""


@pytest.mark.parametrize(("q", "sort", "order"), [("", "", "newest"), ("", "best", "newest"), ("食堂", "", "best"), ("食堂", "newest", "newest")])
def test_the_order(q: str, sort: str, order: str) -> None:
    assert Selection(q=q, sort=sort).order == order


def test_each_bound_binds_and_a_name_that_nothing_has_selects_nothing(book: Casebook) -> None:
    assert ids(book, place="澄湖区") == ["meal#1", "meal#3"]
    assert ids(book, place="桂花巷社区") == ["meal#1"]
    assert ids(book, paper="沧原晚报") == ["wires#1", "wires-2#1"]
    assert ids(book, paper="沧原晚报", month="2024") == ["wires#1"]
    assert ids(book, month="2024-06") == ["meal#1", "meal#3"]
    assert ids(book, topic="养老") == ["meal#1", "meal#3"]
    assert ids(book, place="没有这个地方") == []


def test_the_best_documented_come_first_and_equals_by_date(book: Casebook) -> None:
    assert ids(book, sort="documented") == ["meal#1", "wires#1", "wires-2#1", "meal#3", "plain#1"]


def test_cases_found_for_words_come_in_their_order_and_joined(book: Casebook) -> None:
    library = town().cases
    found = [library.case(4), library.case(1), library.case(0)]
    assert [card.id for card in browse(book, Selection(q="x"), found).cards] == ["wires-2#1", "meal#1"]
    assert [card.id for card in browse(book, Selection(q="x", sort="newest"), found).cards] == ["meal#1", "wires-2#1"]
    assert [card.id for card in browse(book, Selection(q="x", place="澄湖区"), found).cards] == ["meal#1"]
    assert browse(book, Selection(q="x"), []).total == 0


def names_of(book: Casebook, at: int) -> dict[str, set[str]]:
    card = book.cards[at]
    return {"topic": {card.topic[0]}, "place": set(card.chain), "paper": {card.article.source} - {""}, "month": set(card.months)}


def test_every_count_is_what_selecting_it_shows(many: Casebook) -> None:
    tried = 0
    for topic, place, paper, month in product(("", "养老"), ("", "第甲区"), ("", "东湖晚报"), ("", "2021")):
        wanted = Selection(topic, place, paper, month)
        shown = browse(many, wanted)
        for facet in FACETS:
            bounds = {name: value for name, value in wanted.bounds.items() if name != facet}
            own = [names_of(many, at) for at in range(len(many))]
            counted = Counter(name for names in own if all(value in names[other] for other, value in bounds.items()) for name in names[facet])
            assert dict(shown.counts[facet]) == dict(counted)
        tried += shown.total
    assert tried > 500


def test_pages_of_twenty_hold_every_card_once(many: Casebook) -> None:
    first = browse(many, Selection())
    assert (first.total, first.pages, len(first.cards)) == (240, 12, ON_A_PAGE)
    pages = [browse(many, Selection(page=page)).cards for page in range(1, 13)]
    assert sorted(card.id for page in pages for card in page) == sorted(card.id for card in many.cards)
    assert browse(many, Selection(page=999)).page == 12


def test_the_table_adds_up(many: Casebook) -> None:
    shown = browse(many, Selection(paper="东湖晚报"))
    heat = heat_table(many, shown.selected)
    assert {row.topic: row.total for row in heat.rows} == dict(shown.counts["topic"])
    assert len(heat.areas) == 8
    assert all(count == sum(card.topic[0] == row.topic and area in card.chain and card.article.source == "东湖晚报" for card in many.cards)
               for row in heat.rows for area, count in zip(heat.areas, row.areas, strict=True))
    assert heat.shade(0) == 0
    assert heat.shade(1) >= 1
    assert heat.shade(heat.most) == 4


def test_the_table_tells_the_unplaced_apart(book: Casebook) -> None:
    heat = heat_table(book, browse(book, Selection()).selected)
    assert sum(row.unplaced for row in heat.rows) == 1
    assert sum(row.total for row in heat.rows) == 5
    assert heat_table(book, browse(book, Selection(place="没有")).selected).rows == []


@pytest.mark.parametrize(("counts", "bars"), [
    ({"2024": 3, "2024-06": 2, "2024-08": 1}, [("2024-06", 2), ("2024-07", 0), ("2024-08", 1)]),
    ({"2023-12": 1, "2024-01": 4}, [("2023-12", 1), ("2024-01", 4)]),
    ({"2012": 1, "2012-03": 1, "2015": 2, "2015-04": 2}, [("2012", 1), ("2013", 0), ("2014", 0), ("2015", 2)]),
    ({}, []),
])
def test_a_bar_for_each_month_and_for_each_year_of_a_long_time(counts: dict[str, int], bars: list[tuple[str, int]]) -> None:
    drawn = timeline(counts)
    assert [(bar.name, bar.count) for bar in drawn] == bars
    assert max((bar.height for bar in drawn), default=1) == 1


def test_related_are_three_at_most_above_the_bar_and_elsewhere() -> None:
    rows = [told(f"a{n}", "题", (f"第{n}社区",), measure="做。") for n in range(8)]
    rows[1] = told("a0", "题", ("别的社区",), measure="做。")
    rows[2] = told("a2", "题", ("第0社区",), measure="做。")
    near = {1: 0.99, 2: 0.98, 3: NEAR - 0.01, 4: NEAR, 5: 0.7, 6: 0.8, 7: 0.9}
    library = MadeLibrary(*rows, cosines=near, encoder=Fitted())
    book = Casebook(library, GLOSSARY)
    card = book.cards[book.at_case["a0#1"]]
    assert [other.id for other in related(book, card, library)] == ["a7#1", "a6#1", "a5#1"]
    few = MadeLibrary(*rows, cosines={3: NEAR - 0.01, 4: NEAR}, encoder=Fitted())
    assert [other.id for other in related(book, card, few)] == ["a4#1"]
    assert related(book, card, MadeLibrary(*rows, cosines=near)) == []


@pytest.mark.slow
def test_thousands_of_cases_are_browsed_at_once() -> None:
    book = Casebook(crowd(4_000), GLOSSARY)
    started = process_time()
    for topic in ("", "养老"):
        shown = browse(book, Selection(topic=topic, sort="documented", page=7))
        heat_table(book, shown.selected)
    assert process_time() - started < 0.5
