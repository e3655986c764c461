"""The casebook's pages and its JSON, asked over HTTP. Run: python -m pytest -q tests/assistant/casebook/test_casebook_routes.py"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from assistant.api.api_app import build_api
from assistant.api.case_shapes import CasesShape
from assistant.auth.access_denied import AccessDenied
from assistant.auth.accounts.identity import GUEST, LOCAL, Caller, Role
from assistant.auth.authorizer import Authorizer
from assistant.auth.rules import rule_of
from assistant.casebook.casebook import Casebooks
from assistant.casebook.routes import casebook_routes
from assistant.locales.loader import words
from assistant.service.queue import Busy, Place, Queue
from index.types import Article, Paragraph, Sentence
from tests.fakes.api_server import As
from tests.fakes.chat_assistant import HOSTILE, HOSTILE_LINK
from tests.fakes.made_cases import MadeLibrary, asked, told, town

TEXT, ENGLISH = words("zh").casebook, words("en").casebook
Get = Callable[..., httpx.Response]


class Full(Queue):
    """Has no place left."""

    async def enter(self, moved: Callable[[int], None] | None = None) -> Place:
        raise Busy("Too many.")


def getter(library: MadeLibrary, queue: Queue | None = None, caller: Caller = LOCAL) -> Get:
    """Return what gets an address of the API and the pages over a library."""
    answering, books = asked(library, queue), Casebooks()
    app = As(build_api(answering, version="1", casebooks=books, routers=[casebook_routes(answering, books, "zh")]), caller)

    def get(address: str, **headers: str) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
                return await client.get(address, headers=headers)

        return asyncio.run(send())

    return get


@pytest.fixture(scope="module")
def get() -> Get:
    return getter(town())


class Outline(HTMLParser):
    """The levels of the headings, the links, and the fields without a label."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.unlabelled: list[str] = []
        self.links: list[str] = []
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag in ("input", "select") and given.get("type") != "hidden" and "label" not in self._inside:
            self.unlabelled.append(str(given.get("name")))
        if tag == "a":
            self.links.append(str(given.get("href")))
        if tag not in ("input", "meta", "link", "br"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass


@pytest.mark.parametrize("address", ["/cases", "/cases?q=食堂", "/cases/overview", "/cases/article/meal?case=1", "/cases/article/none"])
def test_a_page_of_ours_has_nothing_inline_headings_in_order_and_labels(get: Get, address: str) -> None:
    response = get(address)
    html = response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in response.headers["content-security-policy"]
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://", html)
    outline = Outline(html)
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert outline.unlabelled == []
    assert '<html lang="zh-CN">' in html


def test_a_card_tells_place_need_measure_result_paper_and_day_in_this_order(get: Get) -> None:
    html = get("/cases?place=桂花巷社区").text
    said = ["澄湖区和顺街道桂花巷社区", 'href="/cases/article/meal?case=1"', "一碗热饭的距离", TEXT["role_problem"], "社区里独居老人多，吃饭难。",
            TEXT["role_measure"], "社区办起老年食堂，午餐每份12元。", TEXT["role_result"], "<b>30人</b>增加到<b>146人</b>。", "云泽晨报 · 2024-06-18"]
    card = html[html.index('<article class="case">'):]
    places = [card.index(one) for one in said[:9]]
    assert places == sorted(places)
    assert said[9] in card
    assert html.count('<article class="case">') == 1
    details = html[html.index("<details>"):html.index("</details>")]
    assert TEXT["whole"].format(count=4) in details
    assert "行动不便的老人，志愿者把午餐送到家。" in details
    assert "热乎" not in html


def test_the_address_selects_and_the_form_and_the_links_say_what_is_selected(get: Get) -> None:
    html = get("/cases?topic=养老&paper=云泽晨报&lang=zh").text
    assert TEXT["found"].format(count=2) in html
    assert re.search(r'<option value="养老" selected>养老 · 2 例</option>', html)
    assert re.search(r'<option value="云泽晨报" selected>', html)
    assert 'name="lang" value="zh"' in html
    english = next(link for link in Outline(html).links if "lang=en" in link)
    assert TEXT["found"].format(count=2) in html
    assert ENGLISH["found"].format(count=2) in get(english.replace("&amp;", "&")).text


def test_words_are_searched_for_and_what_fits_nothing_says_so(get: Get) -> None:
    assert TEXT["found"].format(count=2) in get("/cases?q=充电桩").text
    html = get("/cases?q=火锅").text
    assert TEXT["none_found"] in html
    assert 'value="火锅"' in html


def test_english_is_spoken_to_those_who_ask_for_it(get: Get) -> None:
    for html in (get("/cases", **{"accept-language": "en-GB,en;q=0.9"}).text, get("/cases?lang=en").text):
        assert ENGLISH["title"] in html
        assert "older people" in html
        assert '<html lang="en">' in html
    assert "/cases/article/meal?case=1&amp;lang=en" in get("/cases?lang=en").text


def test_the_overview_has_numbers_in_its_cells_and_a_table_beneath_the_bars(get: Get) -> None:
    html = get("/cases/overview").text
    assert re.search(r'<td class="shade-4"><a href="/cases\?topic=[^"]+&amp;place=[^"]+">2</a></td>', html)
    bars = html[html.index("<svg"):html.index("</svg>")]
    assert bars.count("<rect") == 13
    assert ">2024-11</text>" in bars
    assert html.index("</svg>") < html.index(f"<caption>{TEXT['time_table']}")
    for link in Outline(html).links:
        if "topic=" in link or "month=" in link:
            assert '<article class="case">' in get(link.replace("&amp;", "&")).text, link


def test_an_article_marks_the_sentences_of_the_case_that_was_opened(get: Get) -> None:
    html = get("/cases/article/meal?case=3").text
    marks = re.findall(r'<mark class="(\w+)"><span class="role">[^<]+</span>([^<]+)</mark>', html)
    assert marks == [("measure", "街道给助餐点补贴。")]
    assert "社区办起老年食堂" in html
    assert 'href="/cases/article/meal?case=1"' in html
    first = get("/cases/article/meal?case=99' OR").text
    assert len(re.findall("<mark", first)) == 4


def test_an_article_without_a_case_is_shown_and_one_that_there_is_not_is_missed() -> None:
    library = town()
    library.add_article(Article("leader", "x.txt", "社论", 0, 3, (Paragraph((Sentence(((0, 3),), "说理。"),)),)))
    get = getter(library)
    assert "说理。" in get("/cases/article/leader").text
    assert "<mark" not in get("/cases/article/leader").text
    assert get("/cases/article/none").status_code == 404
    assert TEXT["gone"] in get("/cases/article/none").text


def test_hostile_text_stays_text() -> None:
    rows = [told("h", HOSTILE, (HOSTILE,), source=HOSTILE, date="2024-01-01", need=HOSTILE, measure=HOSTILE_LINK, result=f"{HOSTILE}5元")]
    get = getter(MadeLibrary(*rows))
    for address in ("/cases", "/cases/overview", "/cases/article/h", f"/cases?q={HOSTILE}", f"/cases?place={HOSTILE}&month={HOSTILE}&lang={HOSTILE}",
                    f"/cases/article/{HOSTILE.replace('/', '')}", f"/cases/article/h?case={HOSTILE}"):
        html = get(address).text
        assert "<script" not in html
        assert "<img" not in html
        assert "javascript:window" not in re.sub(r">[^<]*<", "><", html)
        assert "${" not in html


def test_an_empty_library_says_what_to_type() -> None:
    library = MadeLibrary()
    html = getter(library)("/cases").text
    assert TEXT["no_articles"] in html
    assert "linjian index add FOLDER" in html
    assert "<form" not in html
    library.add_article(Article("x", "x.txt", "社论", 0, 3, ()))
    assert TEXT["no_cases"].format(count=1) in getter(library)("/cases/overview").text
    assert getter(MadeLibrary())("/api/v1/cases").json()["total"] == 0


def test_who_searches_while_all_places_are_taken_is_asked_to_come_again() -> None:
    get = getter(town(), Full(1))
    response = get("/cases?q=食堂")
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert TEXT["busy"] in response.text
    assert get("/cases").status_code == 200
    assert get("/api/v1/cases?q=食堂").json()["code"] == "busy"


def test_the_api_gives_the_same_cases_and_counts(get: Get) -> None:
    response = get("/api/v1/cases?topic=养老&sort=documented")
    CasesShape.model_validate_json(response.text)
    shape = response.json()
    assert [case["id"] for case in shape["cases"]] == ["meal#1", "meal#3"]
    assert (shape["total"], shape["page"], shape["pages"], shape["index_version"]) == (2, 1, 1, "made-1")
    first = shape["cases"][0]
    assert first["need"] == ["社区里独居老人多，吃饭难。"]
    assert first["results"] == ["半年下来，来吃饭的老人从30人增加到146人。"]
    assert (first["topic_en"], first["documented"], len(first["measures"])) == ("older people", 4, 2)
    assert ["养老", 2] in shape["topics"]
    assert shape["papers"] == [["云泽晨报", 2]]
    assert ["2024-06", 2] in shape["months"]
    assert ["澄湖区", 2] in shape["places"]
    assert [case["id"] for case in get("/api/v1/cases?q=充电桩").json()["cases"]] == ["wires#1", "wires-2#1"]


@pytest.mark.parametrize("query", ["page=0", "page=x", "month=2024-6", "sort=oldest", f"place={'长' * 201}", f"q={'长' * 1001}", "colour=red"])
def test_the_api_refuses_what_is_out_of_bounds(get: Get, query: str) -> None:
    response = get(f"/api/v1/cases?{query}")
    assert (response.status_code, response.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("path", ["/cases", "/cases/overview", "/cases/article/x", "/cases/static/casebook.css"])
def test_readers_may_open_it_and_nobody_else(path: str, tmp_path: Path) -> None:
    rule = rule_of("GET", path)
    assert (rule.role, rule.scope, rule.site, rule.linked, rule.closed) == (Role.READER, None, False, False, False)
    assert rule.counted == ("static" not in path)
    assert replace(rule, counted=False) == rule_of("GET", "/")  # the chat's
    with pytest.raises(AccessDenied):
        Authorizer(tmp_path, access="accounts")._check_rights(None, rule, GUEST)


def test_the_api_asks_for_a_reader_and_a_key_that_reads() -> None:
    rule = rule_of("GET", "/api/v1/cases")
    assert (rule.role, rule.scope, rule.site, rule.counted) == (Role.READER, "read", False, True)
    assert getter(town(), caller=GUEST)("/api/v1/cases").status_code == 403
