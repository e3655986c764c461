"""The librarian's page in a real Chromium: upload, look, correct, index again, remove; nothing hostile runs.

Run: python -m pytest -q tests/browser/test_librarian_page.py
"""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from assistant.locales.loader import LANGUAGES, words
from index.catalog.catalog import Catalog
from index.catalog.locking import sole_writer
from index.ingest.corpus import Corpus
from index.maintenance.check import check
from tests.assistant.librarian.test_librarian import HOSTILE, TEA
from tests.browser.browsing import PATIENCE, ROOT, Office
from tests.fakes import made_files
from tests.fakes.hash_encoder import HashEncoder
from tests.fakes.live_server import built, running
from tests.fakes.serve_librarian import build

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")

TEXT = words("zh").librarian
NAME = "“简报”（五月）.docx"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keeper")
    (folder / "tea.txt").write_text(TEA, "utf-8")
    (folder / "hostile.txt").write_text(f"{HOSTILE}\n\n{HOSTILE}某社区的居民坐下来商量，定下了新办法，大家都说好。\n", "utf-8")
    Corpus(folder / "home", HashEncoder()).add([folder])
    return folder / "home"


@pytest.fixture(scope="module")
def library_url(home: Path) -> Iterator[str]:
    app, end = built(lambda: build(home, HashEncoder()))
    with running(app, ending=end) as address:
        yield address


def called(client: httpx.Client, function: int, values: list, role: str) -> dict:
    """Call an event of the page as its own script does, and return what came of it."""
    client.cookies.set("role", role)
    client.post("/gradio_api/queue/join", json={"fn_index": function, "data": values, "session_hash": f"s{function}{role}"}
                ).raise_for_status()
    with client.stream("GET", f"/gradio_api/queue/data?session_hash=s{function}{role}") as stream:
        for line in stream.iter_lines():
            if line.startswith("data:") and (told := json.loads(line[5:]))["msg"] == "process_completed":
                return told
    raise AssertionError("the stream ended")


def test_a_reader_is_refused_at_every_event(library_url: str, home: Path) -> None:
    """Hidden events can be called by whoever reads the page's own script; each asks who calls."""
    before = (home / "current").read_text()
    with httpx.Client(base_url=library_url, trust_env=False, timeout=PATIENCE / 1000) as client:
        _refused(client)
    assert (home / "current").read_text() == before


def _refused(client: httpx.Client) -> None:
    config = client.get("/config").json()
    events = [(event["id"], len(event["inputs"])) for event in config["dependencies"]]
    assert len(events) == 1 + 13 * len(LANGUAGES)
    assert not [event for event in config["dependencies"] if event.get("api_visibility") != "private"]
    refused = {words(language).librarian["forbidden"] for language in LANGUAGES}
    answered = []
    for function, inputs in events:
        told = called(client, function, [None] * inputs, "reader")
        if told["success"]:  # drawing the page: it says whom it is for, and nothing else
            shown = {value for value in told["output"]["data"] if isinstance(value, str) and value}
            assert all(any(word in value for word in refused) for value in shown)
            answered.append(function)
        else:
            assert told["output"]["error"] in refused
    loads = [event["id"] for event in config["dependencies"] if any(target[1] == "load" for target in event["targets"])]
    assert answered == loads
    assert len(loads) == 1 + len(LANGUAGES)
    seen = [json.dumps(called(client, load, [], "librarian"), ensure_ascii=False) for load in loads]
    assert [("一张茶桌理顺百家事" in one, 'href=\\"library\\"' in one) for one in seen] == [(False, True), (True, False), (True, False)]


def opened(page: "sync_api.Page", url: str, width: int) -> None:
    page.set_default_timeout(PATIENCE)
    page.set_viewport_size({"width": width, "height": 900 if width > 600 else 844})
    page.goto(f"{url}/library")
    page.locator("#lj-choices label").first.wait_for()


def choose(page: "sync_api.Page", words_: str, headline: str) -> None:
    """Search for an article that is not the open one, and open it."""
    page.locator("#lj-words input, #lj-words textarea").fill(words_)
    page.keyboard.press("Enter")
    found = page.locator("#lj-choices label")
    sync_api.expect(found).to_have_count(1, timeout=PATIENCE)
    sync_api.expect(found).to_contain_text(headline, timeout=PATIENCE)
    found.click()
    sync_api.expect(page.locator("#lj-facts")).to_contain_text(headline, timeout=PATIENCE)


def field(page: "sync_api.Page", name: str) -> "sync_api.Locator":
    return page.locator(f"#lj-field-{name} input, #lj-field-{name} textarea")


@pytest.mark.parametrize("width", [1440, pytest.param(390, marks=pytest.mark.slow)])
def test_a_librarians_day(page: "sync_api.Page", office: Office, width: int) -> None:
    """The whole application, with its guard, its policy for scripts and its own model."""
    home, violations = office.home, []
    page.on("console", lambda message: violations.append(message.text) if "Content Security Policy" in message.text else None)
    page.goto(office.url)
    page.locator("#lj-links a", has_text=TEXT["title"]).click()
    opened(page, office.url, width)
    again = f"再印{width}.txt"
    reprint = (ROOT / "examples" / "articles" / "08_cangyuan_web_huaihua.txt").read_bytes()
    sent = {NAME: made_files.docx_bulletin(), again: reprint, "broken.pdf": b"%PDF-1.7\nno page at all"}
    page.locator("#lj-files input[type=file]").set_input_files([
        {"name": name, "mimeType": "application/octet-stream", "buffer": raw} for name, raw in sent.items()])
    page.locator("#lj-files", has_text="broken").wait_for()
    page.locator("#lj-add").click()
    lines = page.locator("#lj-outcomes li")
    sync_api.expect(lines).to_have_count(3, timeout=PATIENCE)
    sync_api.expect(lines.nth(0)).to_contain_text(f"{TEXT['outcome_added']} {NAME} {TEXT['outcome_articles'].format(count=2)}")
    sync_api.expect(lines.nth(1)).to_contain_text(again)
    sync_api.expect(lines.nth(2)).to_contain_text(f"{TEXT['outcome_failed']} broken.pdf 文件损坏")
    page.locator("#lj-reprints > button").click()
    sync_api.expect(page.locator("#lj-reprints")).to_contain_text(again)
    assert (home / "uploads" / NAME).read_bytes() == sent[NAME]

    choose(page, "飞线落了地", "飞线落了地")
    sync_api.expect(page.locator("#lj-structure tbody tr").first.locator("td")).to_have_text([
        re.compile(r"\d+"), TEXT["label_headline"], "飞线落了地", "文件格式标明是标题"])
    sync_api.expect(field(page, "headline")).to_have_value("飞线落了地")
    field(page, "headline").fill("飞线下楼记")
    field(page, "date").fill("去年春天")
    page.locator("#lj-save").click()
    sync_api.expect(page.locator("#lj-note")).to_have_text(TEXT["wrong_date"].format(value="去年春天"), timeout=PATIENCE)
    field(page, "date").fill("2023年11月2日")
    page.locator("#lj-save").click()
    sync_api.expect(page.locator("#lj-note")).to_have_text(TEXT["saved"], timeout=PATIENCE)
    sync_api.expect(page.locator("#lj-facts")).to_contain_text(TEXT["as_read"].format(value="飞线落了地"))

    office.linjian("index", "rebuild")  # by another hand
    page.locator("#lj-refresh").click()
    choose(page, "412个", "车位412个")
    sync_api.expect(page.locator("#lj-facts")).to_contain_text("和顺街道")
    choose(page, "飞线下楼记", "飞线下楼记")
    sync_api.expect(field(page, "date")).to_have_value("2023-11-02")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with closing(Catalog(home)) as catalog:
        assert [one.made_by for one in catalog.corrections.all()] == ["local:local"]

    page.locator("#lj-remove").click()
    sync_api.expect(page.locator("#lj-asking")).to_contain_text(NAME)
    page.locator("#lj-remove-yes").click()
    sync_api.expect(page.locator("#lj-note")).to_have_text(TEXT["removed"].format(file=NAME), timeout=PATIENCE)
    assert not (home / "uploads" / NAME).exists()
    with closing(Catalog(home)) as catalog:
        kept = {row.file for row in catalog.files() if not row.file.startswith("再印")}
        assert kept == {path.name for path in (ROOT / "examples" / "articles").iterdir()}
        waiting, = catalog.corrections.all()
    page.locator("#lj-corrections > button").click()
    page.locator("#lj-forgettable input").click()
    page.get_by_role("option", name=f"{waiting.number}. 飞线下楼记").click()
    page.locator("#lj-forget").click()
    sync_api.expect(page.locator("#lj-corrections")).to_contain_text(TEXT["corrections_none"], timeout=PATIENCE)
    page.locator("#lj-check").click()
    sync_api.expect(page.locator("#lj-checked")).to_have_text(TEXT["check_whole"], timeout=PATIENCE)
    assert check(home).faults == ()
    assert violations == []


def test_hostile_text_is_text(page: "sync_api.Page", library_url: str) -> None:
    """The fixture `page` checks that no script ran, no dialog opened and nobody else was asked."""
    opened(page, library_url, 1440)
    choose(page, "hostile.txt", "{{__pwned}}")
    sync_api.expect(page.locator("#lj-facts")).to_contain_text("<script>window.__pwned=1</script>${window.__pwned=2}{{__pwned}}")
    sync_api.expect(page.locator("#lj-structure tbody")).to_contain_text("{{__pwned}}")
    sync_api.expect(field(page, "headline")).to_have_value(re.compile(r"\{\{__pwned}}"))


def test_the_second_writer_is_told(page: "sync_api.Page", library_url: str, home: Path) -> None:
    opened(page, library_url, 1440)
    choose(page, "茶桌", "茶桌理顺")
    sync_api.expect(field(page, "headline")).to_have_value(re.compile("茶桌理顺"))
    field(page, "headline").fill("另一个标题")
    with sole_writer(home):
        page.locator("#lj-save").click()
        sync_api.expect(page.locator("#lj-note")).to_have_text(TEXT["locked"], timeout=PATIENCE)
    assert field(page, "headline").input_value() == "另一个标题"  # nothing typed is lost


def test_a_reader_sees_whom_the_page_is_for_and_no_link_to_it(page: "sync_api.Page", library_url: str) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(library_url)
    sync_api.expect(page.locator("#lj-links a[lang=zh-CN]")).to_have_text(TEXT["title"], timeout=PATIENCE)
    page.context.add_cookies([{"name": "role", "value": "reader", "url": library_url}])
    page.goto(f"{library_url}/library")
    sync_api.expect(page.get_by_text(TEXT["forbidden"])).to_be_visible(timeout=PATIENCE)
    assert page.locator("#lj-library-page").count() == 0 or not page.locator("#lj-library-page").is_visible()
    with page.expect_response(lambda response: "/queue/data" in response.url):
        page.goto(library_url)
    page.wait_for_timeout(1000)  # the answer's stream stays open: what it says is in the test of every event above
    assert page.locator("#lj-links a").count() == 0


def test_the_other_language(page: "sync_api.Page", library_url: str) -> None:
    opened(page, library_url, 1440)
    page.get_by_role("link", name="English").click()
    sync_api.expect(page.locator("#lj-library")).to_contain_text(words("en").librarian["search"], timeout=PATIENCE)
    sync_api.expect(page.get_by_role("heading", name=words("en").librarian["title"], exact=True)).to_be_visible()
