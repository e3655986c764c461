"""The same files make the same index, however they came and went; reprints are found once.

Run: python -m pytest -q tests/index/ingest/test_lifecycle.py
"""

import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.commands import index_commands
from index.catalog.fingerprints import SAME, clusters, fingerprint, resemblance, same_article
from index.catalog.rows import Searched
from index.errors import NotFound
from index.ingest.corpus import Corpus
from index.ingest.import_report import Outcome
from index.search import shards
from index.search.engine import SearchIndex
from index.search.shards import LARGEST, partition
from index.search.versions import current, manifest_of
from index.types import Retrieved
from tests.fakes import made_files
from tests.fakes.hash_encoder import HashEncoder, context

TEA = ("一张茶桌理顺百家事\n本报记者 何小川\n\n东风里社区摆出一张茶桌，谁家有矛盾，就坐下来喝杯茶。三轮茶喝下来，多半都能说和。"
       "头一年里，这张茶桌边调解了邻里纠纷37起，漏水的、占道的、养狗的都有，其中34起当场签了字。社区把老法官、老教师和楼栋长请来做“茶客”，"
       "每周二下午轮流值守。居民说，坐下来了，话就好说了，火气也就小了。\n")
LIFT = "一部电梯装成了\n本报记者 苏晴\n\n玉兰苑社区加装电梯，一楼不出钱，二楼每户八千元。截至八月底，已装电梯十四台。\n"
WIRES = "飞线落了地\n本报记者 程小满\n\n柏树湾社区先建车棚，再劝拆飞线。一个月拆掉飞线一千三百余条。\n"
REPRINT = TEA.replace("一张茶桌理顺百家事", "茶桌边上好商量").replace("何小川", "本报综合")
SHORTENED = TEA.replace("居民说，坐下来了，话就好说了，火气也就小了。", "")
OTHER_FORM = TEA.replace("东风里社区", "河沿社区").replace("37", "52").replace("34", "49")
CONTENTS = (TEA, LIFT, WIRES, REPRINT, SHORTENED, OTHER_FORM, TEA + "\n" + WIRES)
FILES = ("a.txt", "b.txt", "c.txt", "d.txt", "e.txt")
QUERIES = ("茶桌边调解纠纷", "加装电梯谁出钱", "拆飞线建车棚")

operations = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(FILES), st.sampled_from(CONTENTS)),
        st.tuples(st.just("remove"), st.sampled_from(FILES), st.just("")),
        st.tuples(st.just("rebuild"), st.just(""), st.just("")),
    ),
    min_size=1, max_size=7,
)


def added(folder: Path, pages: dict[str, str], home: str = "home") -> Path:
    """Index pages in one go."""
    (folder / "pages").mkdir(exist_ok=True)
    for file, text in pages.items():
        (folder / "pages" / file).write_text(text, "utf-8")
    Corpus(folder / home, HashEncoder()).add([folder / "pages"])
    return folder / home


def found(home: Path) -> list[list[Retrieved]]:
    index = SearchIndex.open(home, HashEncoder())
    return [index.search(query) for query in QUERIES]


@given(operations)
@settings(max_examples=12, deadline=None)
def test_what_is_stored_decides_and_not_how_it_came(made: list[tuple[str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, held = Path(name), {}
        (folder / "pages").mkdir()
        corpus = Corpus(folder / "home", HashEncoder())
        for what, file, text in made:
            if what == "add":
                held[file] = text
                (folder / "pages" / file).write_text(text, "utf-8")
                corpus.add([folder / "pages" / file])
            elif what == "remove" and held.pop(file, None):
                corpus.remove(file)
            elif what == "rebuild" and held:
                corpus.rebuild()
        if not held:
            return
        (folder / "fresh").mkdir()
        fresh = added(folder / "fresh", held)
        assert found(folder / "home") == found(fresh)
        ours, theirs = (manifest_of(current(home)) for home in (folder / "home", fresh))
        assert [s.digest for s in ours.shards] == [s.digest for s in theirs.shards]
        same = replace(ours, version="", built_at="", shards=(), files={})
        assert same == replace(theirs, version="", built_at="", shards=(), files={})


def test_many_shards_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = Path(__file__).parents[3] / "examples" / "articles"
    Corpus(tmp_path / "one", HashEncoder()).add([examples])
    monkeypatch.setattr(shards, "LARGEST", 12)
    Corpus(tmp_path / "many", HashEncoder()).add([examples])
    counts = [len(manifest_of(current(tmp_path / home)).shards) for home in ("one", "many")]
    assert counts[0] == 1
    assert counts[1] > 5
    assert found(tmp_path / "one") == found(tmp_path / "many")


def test_one_changed_page_leaves_the_other_shards_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "LARGEST", 2)
    pages = {f"{n}.txt": LIFT.replace("八千", f"{n + 2}千").replace("玉兰苑", f"第{n}园") for n in range(12)}
    home = added(tmp_path, pages)
    before = current(home)
    added(tmp_path, {"3.txt": WIRES})
    after, kept = current(home), manifest_of(before).files
    shared = {file for file, told in manifest_of(after).files.items() if kept.get(file) == told and "/" in file}
    assert len(shared) > 0.6 * len(kept)
    assert all((before / file).samefile(after / file) for file in shared if file.startswith("vectors"))


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(1, 700)), max_size=60, unique_by=lambda row: row[0]))
def test_shards_hold_every_article_once_in_order(rows: list[tuple[int, int]]) -> None:
    articles = sorted((Searched(f"{key:016x}", str(key), "", n) for key, n in rows), key=lambda a: a.key)
    parts = partition(articles)
    assert [article for part in parts for article in part] == articles
    assert all(len(part) == 1 or sum(a.passages for a in part) <= LARGEST for part in parts)


# -- reprints -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("other", "same"), [
    (TEA, True), (REPRINT, True), (SHORTENED, True), (OTHER_FORM, False), (LIFT, False), (TEA.replace("37", "52"), False),
    (TEA.replace("，", ","), True),
], ids=["itself", "other headline", "shortened", "form filled in anew", "other article", "corrected figure", "width"])
def test_what_is_a_reprint(other: str, same: bool) -> None:
    left, right = (text.partition("\n\n")[2] for text in (TEA, other))
    assert same_article(left, right) is same
    assert same_article(right, left) is same


def test_a_shortened_text_still_resembles() -> None:
    assert SAME < resemblance(TEA, SHORTENED) < resemblance(TEA, TEA) == 1.0
    assert resemblance(TEA, WIRES) < 0.1


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x4FFF), min_size=200, max_size=300), st.integers(0, 190))
def test_near_texts_share_a_band(text: str, cut: int) -> None:
    near = text[:cut] + text[cut + 6:]
    assert resemblance(text, near) > SAME
    assert set(fingerprint(text).bands) & set(fingerprint(near).bands)


@pytest.mark.parametrize("text", ["", "甲", "，。", "a\udcff b"])
def test_whatever_the_text_it_has_a_fingerprint(text: str) -> None:
    assert fingerprint(text) == fingerprint(text)
    assert same_article(text, text)


def test_no_chain_of_small_differences_joins_two_articles() -> None:
    alike = {"a": {"b"}, "b": {"a", "c"}, "c": {"b"}}
    assert clusters({"a": 9, "b": 8, "c": 7}, alike) == [["a", "b"], ["c"]]
    assert clusters({"c": 7, "b": 9, "a": 8}, alike) == [["b", "a", "c"]]


def test_of_reprints_one_is_found_and_names_the_others(tmp_path: Path) -> None:
    home = added(tmp_path, {"a.txt": SHORTENED, "b.txt": REPRINT, "c.txt": TEA, "d.txt": OTHER_FORM, "e.txt": LIFT})
    index = SearchIndex.open(home, HashEncoder())
    hits = [r.article for r in index.search("茶桌边调解了邻里纠纷", 50)]
    assert {article.file for article in hits} == {"b.txt", "d.txt", "e.txt"}, "of equally long ones the first by date, then name"
    first = next(article for article in hits if article.file == "b.txt")
    assert {(p.file, p.title) for p in first.also_in} == {("a.txt", "一张茶桌理顺百家事"), ("c.txt", "一张茶桌理顺百家事")}
    copy = index.article(next(p.article_id for p in first.also_in if p.file == "c.txt"))
    assert {p.file for p in copy.also_in} == {"a.txt", "b.txt"}
    assert index.article(copy.id).paragraphs


def test_when_the_copy_that_is_searched_goes_another_takes_its_place(tmp_path: Path) -> None:
    home = added(tmp_path, {"a.txt": SHORTENED, "b.txt": REPRINT, "e.txt": LIFT})
    Corpus(home, HashEncoder()).remove("b.txt")
    index = SearchIndex.open(home, HashEncoder())
    best = index.search("茶桌边调解了邻里纠纷")[0].article
    assert (best.file, best.also_in) == ("a.txt", ())


def test_adding_says_what_is_printed_elsewhere(tmp_path: Path) -> None:
    added(tmp_path, {"a.txt": TEA, "e.txt": LIFT})
    (tmp_path / "pages" / "b.txt").write_text(REPRINT, "utf-8")
    first, other, third = Corpus(tmp_path / "home", HashEncoder()).add([tmp_path / "pages"])
    assert [(r.title, r.other.file) for r in other.reprints] == [("茶桌边上好商量", "a.txt")]
    assert (first.reprints, third.reprints) == ((), ())


# -- one page, one name -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [lambda p: [p, p / "sub"], lambda p: [p / "sub", p], lambda p: [p / "sub" / "x.txt", p, p / "sub"]],
                         ids=["folder first", "sub-folder first", "file first"])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_folder_and_its_sub_folder_store_a_page_once(
    tmp_path: Path, order: Callable[[Path], list[Path]], at_once: bool
) -> None:
    pages = tmp_path / "pages"
    (pages / "sub").mkdir(parents=True)
    (pages / "sub" / "x.txt").write_text(TEA, "utf-8")
    (pages / "link.txt").symlink_to(pages / "sub" / "x.txt")
    (pages / "y.txt").write_text(LIFT, "utf-8")
    corpus = Corpus(tmp_path / "home", HashEncoder())
    for paths in [order(pages)] if at_once else [[path] for path in order(pages)]:
        corpus.add(paths)
    articles = SearchIndex.open(tmp_path / "home", HashEncoder()).articles()
    assert [article.also_in for article in articles] == [(), ()]


def test_a_page_that_was_moved_is_the_same_page(tmp_path: Path) -> None:
    home = added(tmp_path, {"a.txt": TEA})
    (tmp_path / "pages").rename(tmp_path / "moved")
    assert [o.status for o in Corpus(home, HashEncoder()).add([tmp_path / "moved"])] == ["unchanged"]
    (tmp_path / "moved" / "a.txt").write_text(LIFT, "utf-8")
    assert [o.status for o in Corpus(home, HashEncoder()).add([tmp_path / "moved"])] == ["updated"]


# -- archives and tables ------------------------------------------------------------------------------------------------


def row(name: str, text: str) -> str:
    return json.dumps({"id": name, "title": text.partition("\n")[0], "text": text.partition("\n\n")[2].strip()}, ensure_ascii=False)


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A folder with an archive of two pages and a table of two rows."""
    folder = tmp_path / "packed"
    folder.mkdir()
    (folder / "a.zip").write_bytes(made_files.zipped({"tea.txt": TEA.encode(), "2024/lift.txt": LIFT.encode()}))
    (folder / "news.jsonl").write_text(f"{row('w', WIRES)}\n{row('t', OTHER_FORM)}\n", "utf-8")
    Corpus(tmp_path / "home", HashEncoder()).add([folder])
    return folder


def told(outcomes: list[Outcome]) -> dict[str, str]:
    return {outcome.file: outcome.status for outcome in outcomes}


@pytest.mark.parametrize(("name", "left"), [
    ("a.zip", ["news.jsonl#t", "news.jsonl#w"]),
    ("news.jsonl", ["a.zip/2024/lift.txt", "a.zip/tea.txt"]),
    ("a.zip/tea.txt", ["a.zip/2024/lift.txt", "news.jsonl#t", "news.jsonl#w"]),
], ids=["archive", "table", "one page of an archive"])
def test_an_archive_or_a_table_is_removed_whole(tmp_path: Path, packed: Path, name: str, left: list[str]) -> None:
    corpus = Corpus(tmp_path / "home", HashEncoder())
    assert set(told(corpus.remove(name)).values()) == {"removed"}
    assert [row.file for row in corpus.files()] == left
    for wrong in ("a.zi_", "%", "a.zip/", "news.jsonl#", ""):
        with pytest.raises(NotFound):
            corpus.remove(wrong)


def test_what_an_archive_or_a_table_lost_is_removed(tmp_path: Path, packed: Path) -> None:
    (packed / "a.zip").write_bytes(made_files.zipped({"tea.txt": TEA.encode(), "wires.txt": WIRES.encode()}))
    (packed / "news.jsonl").write_text(row("t", OTHER_FORM), "utf-8")
    corpus = Corpus(tmp_path / "home", HashEncoder())
    assert told(corpus.add([packed])) == {
        "a.zip/tea.txt": "unchanged", "a.zip/wires.txt": "added", "a.zip/2024/lift.txt": "removed",
        "news.jsonl#t": "unchanged", "news.jsonl#w": "removed"}
    assert [row.file for row in corpus.files()] == ["a.zip/tea.txt", "a.zip/wires.txt", "news.jsonl#t"]
    assert len(SearchIndex.open(tmp_path / "home", HashEncoder()).articles()) == 3


@pytest.mark.parametrize(("file", "raw"), [
    ("a.zip", b""), ("a.zip", b"PK broken"), ("a.zip", made_files.zipped({"notes.bin": b"x"})),
    ("news.jsonl", b""), ("news.jsonl", b'{"id": "w", "te\n' + row("x", LIFT).encode()),
], ids=["emptied", "broken", "nothing of use", "emptied table", "a broken row, which may be the missing one"])
def test_what_cannot_be_read_takes_nothing_away(tmp_path: Path, packed: Path, file: str, raw: bytes) -> None:
    (packed / file).write_bytes(raw)
    corpus = Corpus(tmp_path / "home", HashEncoder())
    outcomes = told(corpus.add([packed]))
    assert "failed" in outcomes.values()
    assert "removed" not in outcomes.values()
    assert {row.file for row in corpus.files()} >= {"a.zip/tea.txt", "a.zip/2024/lift.txt", "news.jsonl#w", "news.jsonl#t"}


def test_an_archive_that_was_moved_is_the_same_and_another_of_its_name_is_refused(tmp_path: Path, packed: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    moved = (packed / "a.zip").rename(tmp_path / "elsewhere" / "a.zip")
    corpus = Corpus(tmp_path / "home", HashEncoder())
    moved.write_bytes(made_files.zipped({"tea.txt": TEA.encode()}))
    assert told(corpus.add([moved])) == {"a.zip/tea.txt": "unchanged", "a.zip/2024/lift.txt": "removed"}
    (packed / "a.zip").write_bytes(made_files.zipped({"tea.txt": WIRES.encode()}))
    assert told(corpus.add([packed / "a.zip"])) == {"a.zip/tea.txt": "failed"}
    assert [row.file for row in corpus.files()][:1] == ["a.zip/tea.txt"]


def test_files_that_a_folder_lost_are_told_and_stay(tmp_path: Path, packed: Path) -> None:
    (packed / "page.txt").write_text(LIFT, "utf-8")
    corpus = Corpus(tmp_path / "home", HashEncoder())
    corpus.add([packed])
    (packed / "page.txt").unlink()
    (packed / "a.zip").unlink()
    gone = {"page.txt": "deleted", "a.zip/tea.txt": "deleted", "a.zip/2024/lift.txt": "deleted"}
    assert told(corpus.add([packed])) == gone | {"news.jsonl#t": "unchanged", "news.jsonl#w": "unchanged"}
    assert len(corpus.files()) == 5


def test_the_structure_of_a_page_sets_its_articles_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = added(tmp_path, {"a.txt": TEA + "\n" + WIRES})
    index_commands.show(context(home), "a.txt", structure=True)
    first, second = capsys.readouterr().out.split("\n\n")
    assert "headline" in first.partition("\n")[0]
    assert "飞线落了地" in second.partition("\n")[0]
    index_commands.show(context(home), SearchIndex.open(home, HashEncoder()).articles()[1].id, structure=True)
    assert capsys.readouterr().out == second
