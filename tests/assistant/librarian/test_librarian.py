"""The librarian's page without a browser: its words, what it shows of hostile text, whom it refuses.

Run: python -m pytest -q tests/assistant/librarian/test_librarian.py
"""

import re
from contextlib import closing
from pathlib import Path

import pytest

from assistant.auth.accounts.identity import LOCAL
from assistant.librarian import librarian_view
from assistant.librarian.actions import ON_A_PAGE, LibrarianActions, RequestContext
from assistant.librarian.librarian_page import _uploads
from assistant.locales.index_words import index_words
from assistant.locales.loader import words
from index.catalog.catalog import Catalog
from index.errors import IndexLocked, NotFound, ReadError, WrongCorrection
from index.files.discover import find_files
from index.files.load import PAGES, read_source
from index.ingest.corpus import Corpus
from index.ingest.import_report import Outcome
from index.ingest.uploads import Upload, receive
from index.maintenance import inventory
from index.messages import FileProblem, Message
from index.pages.page_labels import label_lines
from tests.fakes import made_files
from tests.fakes.hash_encoder import HashEncoder

ROOT = Path(__file__).parents[3]
TEXT = words("zh").librarian
TEA = ("一张茶桌理顺百家事\n本报记者 何小川\n\n东风里社区摆出一张茶桌，谁家有矛盾，就坐下来喝杯茶。三轮茶喝下来，多半都能说和。"
       "头一年里，这张茶桌边调解了邻里纠纷37起，漏水的、占道的、养狗的都有，其中34起当场签了字。\n")
WIRES = "飞线落了地\n本报记者 程小满\n\n柏树湾社区先建车棚，再劝拆飞线。一个月拆掉飞线一千三百余条。\n"
HOSTILE = "<script>window.__pwned=1</script>${window.__pwned=2}{{__pwned}}\u202e"


def test_every_label_of_the_test_pages_is_said_and_has_a_reason() -> None:
    found = 0
    for path in [*(ROOT / "tests" / "data" / "pages").rglob("*"), *(ROOT / "examples" / "articles").iterdir()]:
        if path.suffix in PAGES:
            source = read_source(path.name, path)
            for line in label_lines(source.text, source.headings, single=source.metadata.is_single):
                assert line.reason is not None
                assert f"label_{line.label}" in TEXT
                found += 1
    assert found > 500


def broken_files() -> dict[str, bytes]:
    """Return a file of every kind of fault that the readers tell apart."""
    return {
        "empty.txt": b"", "scan.pdf": made_files.pdf_scan(), "broken.pdf": b"%PDF-1.7\nno", "locked.pdf": made_files.pdf_columns(
            (("题", ("文。",)),), password="x"), "broken.docx": b"PK\x03\x04no", "broken.zip": b"no", "old.doc": b"x", "t.xls": b"x",
        "pic.tif": b"x", "p.rar": b"x", "a.exe": b"x", "bin.txt": bytes(range(256)) * 20, "none.txt": "三个字".encode(),
        "bad.jsonl": b'{"text": 1\n', "none.zip": made_files.zipped({"a.exe": b"x"}), "nested.zip": made_files.zipped({"a.zip": b"x", "b.txt": b""}),
        "meta.csv": b"x", "huge.txt": b"x" * 20_000_001, ".x.txt": b"x", "bomb.zip": made_files.zipped({"a.txt": b"0" * 300_000_000}),
    }


def test_every_fault_of_a_file_is_said_in_chinese(tmp_path: Path) -> None:
    uploads = []
    for n, (name, raw) in enumerate(broken_files().items()):
        path = tmp_path / str(n)
        path.write_bytes(raw)
        uploads.append(Upload(name, path))
    told = receive(tmp_path / "home", Corpus(tmp_path / "home", HashEncoder()), uploads)
    assert {outcome.status for outcome in told} == {"failed"}
    assert len({outcome.file.partition("/")[0] for outcome in told}) == len(uploads)
    for outcome in told:
        assert re.match(r"[\u4e00-\u9fff]", outcome.message.in_words(index_words("zh-CN")["file_problem"]))
        assert outcome.message.in_words(index_words("en")["file_problem"]) == str(outcome.message)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of a reprinted article, another, and a page whose every word is hostile. To be read only."""
    folder = tmp_path_factory.mktemp("library")
    pages = {"a.txt": TEA, "b.txt": TEA.replace("一张茶桌理顺百家事", "茶桌边上好商量"), "c.txt": WIRES,
             f"{HOSTILE[:-1].replace('/', '')}.txt": f"{HOSTILE}\n\n{HOSTILE}某社区的居民坐下来商量，定下了新办法，大家都说好。\n"}
    for file, text in pages.items():
        (folder / file).write_text(text, "utf-8")
    Corpus(folder / "home", HashEncoder()).add([folder])
    return folder / "home"


@pytest.fixture
def actions(home: Path) -> LibrarianActions:
    return LibrarianActions(home, HashEncoder(), TEXT)


CONTEXT = RequestContext(LOCAL, lambda done, what: None)


def test_articles_are_found_by_head_file_and_text(actions: LibrarianActions) -> None:
    def found(query: str) -> list[str]:
        return [label.split(" · ")[0] for label, _ in actions.turn(CONTEXT, query, 0)["choices"]]

    assert found("飛線") == ["飞线落了地"]
    assert found("一千三百余条") == ["飞线落了地"]
    assert found("c.TXT 柏树湾") == ["飞线落了地"]
    assert sorted(found("调解了邻里纠纷37起")) == ["一张茶桌理顺百家事", "茶桌边上好商量"]
    assert found("没有这个词") == []
    assert TEXT["found_none"] in actions.turn(CONTEXT, "没有这个词", 0)["count"]
    assert len(found("")) == 4


def test_pages_of_the_list_end_where_the_articles_end(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("headline,text\n" + "".join(
        f"第{n}件事,社区办了第{n}件实事，花了{n}天，居民都说好。\n" for n in range(ON_A_PAGE + 3)), "utf-8")
    Corpus(tmp_path / "home", HashEncoder()).add([tmp_path / "t.csv"])
    actions = LibrarianActions(tmp_path / "home", HashEncoder(), TEXT)
    first, last, beyond = (actions.turn(CONTEXT, "", n) for n in (-1, 1, 9))
    assert (len(first["choices"]), first["more"], first["number"]) == (ON_A_PAGE, (False, True), 0)
    assert (len(last["choices"]), last["more"]) == (3, (True, False))
    assert beyond == last
    assert not {held for _, held in first["choices"]} & {held for _, held in last["choices"]}


def test_an_empty_library_says_so(tmp_path: Path) -> None:
    drawn = LibrarianActions(tmp_path, HashEncoder(), TEXT).draw(CONTEXT)
    assert TEXT["empty"] in drawn["count"]
    assert TEXT["health_none"] in drawn["health"]


def test_reprints_are_grouped_with_the_searched_one_first(actions: LibrarianActions) -> None:
    drawn = actions.draw(CONTEXT)
    assert drawn["reprints_head"] == TEXT["reprints"].format(count=1)
    assert drawn["reprints"].index("a.txt") < drawn["reprints"].index(TEXT["reprints_searched"]) < drawn["reprints"].index("b.txt")


def test_what_was_asked_about_is_removed_whatever_was_opened_since(tmp_path: Path) -> None:
    for file, text in {"tea.txt": TEA, "wires.txt": WIRES}.items():
        (tmp_path / file).write_text(text, "utf-8")
    Corpus(tmp_path / "home", HashEncoder()).add([tmp_path])
    actions = LibrarianActions(tmp_path / "home", HashEncoder(), TEXT)
    (_, tea), (_, wires) = (actions.turn(CONTEXT, word, 0)["choices"][0] for word in ("茶桌", "飞线"))
    asked = actions.ask_removal(CONTEXT, tea)
    assert "tea.txt" in asked["asking"]
    assert actions.open(CONTEXT, wires)["asked"] is None  # the question is gone from the page, and with it what it was about
    assert actions.keep(CONTEXT) == {"asking": "", "asked": None}
    assert actions.remove(CONTEXT, None, "", 0) == {}
    drawn = actions.remove(CONTEXT, asked["asked"], "", 0)
    assert "tea.txt" in drawn["note"]
    assert [held for _, held in drawn["choices"]] == [wires]


def test_nothing_hostile_is_markup(actions: LibrarianActions, home: Path) -> None:
    with closing(Catalog(home)) as catalog:
        hostile = next(article.id for article in catalog.articles() if "pwned" in article.file)
    shown = [value for drawn in (actions.draw(CONTEXT), actions.open(CONTEXT, hostile), actions.ask_removal(CONTEXT, hostile))
             for name, value in drawn.items() if isinstance(value, str) and not name.startswith("field_")]
    message = Message(FileProblem.METADATA_NO_TOML, {"file": HOSTILE, "error": HOSTILE})
    shown.append(librarian_view.outcomes([Outcome(HOSTILE, "failed", message=message, orphaned=(HOSTILE,))], TEXT))
    page = "".join(shown)
    assert "__pwned" in page
    assert not re.search(r"<script|<img|\$\{|\{\{|\u202e", page)


@pytest.mark.parametrize(("error", "said"), [
    (IndexLocked("x"), "locked"), (NotFound("x"), "gone"),
], ids=["locked", "gone"])
def test_errors_are_told_in_the_words_of_the_page(error: Exception, said: str, actions: LibrarianActions) -> None:
    assert actions.told(error) == TEXT[said]
    assert actions.told(WrongCorrection("date", "去年", "…")) == TEXT["wrong_date"].format(value="去年")
    assert TEXT["place"] in actions.told(WrongCorrection("place", "长" * 300, "…"))
    assert "磁盘" in actions.told(ReadError("磁盘"))


def test_an_upload_keeps_the_name_that_its_sender_gave_it() -> None:
    assert _uploads([{"path": "/in/a.txt", "orig_name": "“a”.txt"}]) == [Upload("“a”.txt", Path("/in/a.txt"))]


def test_an_opened_article_is_the_text_as_stored(home: Path) -> None:
    """Nothing is read from the disk again."""
    held = inventory.find(home, "飞线")[0]
    for found in find_files(home.parent / "c.txt"):
        found.path.rename(found.path.with_suffix(".away"))
    try:
        opened = inventory.open_article(home, held.id)
        assert [line.label for line in opened.lines] == ["headline", "byline", "body"]
        assert opened.page == (held,)
    finally:
        (home.parent / "c.away").rename(home.parent / "c.txt")


def test_a_check_shows_what_only_a_backup_has(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEA, "utf-8")
    Corpus(tmp_path / "home", HashEncoder()).add([tmp_path / "a.txt"])
    actions = LibrarianActions(tmp_path / "home", HashEncoder(), TEXT)
    context = RequestContext(LOCAL, lambda fraction, what: None)
    assert TEXT["check_whole"] in actions.check(context)["checked"]
    (tmp_path / "home" / "access.sqlite").write_bytes(b"no database" * 99)
    shown = actions.check(context)["checked"]
    assert "access.sqlite: file is not a database" in shown
    assert "linjian restore FILE" in shown
    assert "linjian index rebuild" not in shown
    (tmp_path / "home" / "current").write_text("000099")
    assert "linjian index rebuild" in actions.check(context)["checked"]


def test_newspaper_and_day_are_said_of_a_whole_page_or_folder_at_once(tmp_path: Path) -> None:
    for file, raw in {"mon/two.docx": made_files.docx_bulletin(), "mon/wires.txt": WIRES.encode(), "tue/tea.txt": TEA.encode()}.items():
        (tmp_path / "pages" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pages" / file).write_bytes(raw)
    home = tmp_path / "home"
    Corpus(home, HashEncoder()).add([tmp_path / "pages"])
    recorded = []
    actions = LibrarianActions(home, HashEncoder(), TEXT, lambda caller, what, about: recorded.append(what))

    def printed() -> dict[str, set[tuple[str, str]]]:
        with closing(Catalog(home)) as catalog:
            articles = list(catalog.articles())
        return {one.file: {(a.source, a.date) for a in articles if a.file == one.file} for one in articles}

    before = printed()
    one = next(held for held in inventory.find(home) if held.file == "mon/two.docx")
    opened = actions.open(CONTEXT, one.id)
    assert [label for label, _ in opened["reach"]] == [
        TEXT["reach_article"], TEXT["reach_page"].format(count=2), TEXT["reach_folder"].format(count=3)]
    drawn = actions.save(CONTEXT, one.id, "", 0, "page", one.title, "城南晚报", "2025年6月3日", one.place)
    assert TEXT["saved_all"].format(count=2) in drawn["note"]
    assert printed() == before | {"mon/two.docx": {("城南晚报", "2025-06-03")}}
    drawn = actions.save(CONTEXT, one.id, "", 0, "folder", one.title, "城南晚报", "2025-06-03", one.place)
    assert printed() == before | {"mon/two.docx": {("城南晚报", "2025-06-03")}, "mon/wires.txt": {("城南晚报", "2025-06-03")}}
    assert len(recorded) > 2
    with pytest.raises(WrongCorrection):
        actions.save(CONTEXT, one.id, "", 0, "folder", one.title, "城南晚报", "去年", one.place)
    assert printed()["mon/wires.txt"] == {("城南晚报", "2025-06-03")}
    drawn = actions.save(CONTEXT, one.id, "", 0, "article", one.title, "", "", one.place)
    assert printed()["mon/two.docx"] >= {("城南晚报", "2025-06-03")}
