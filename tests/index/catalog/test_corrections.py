"""What a librarian corrects stays corrected, and never lands on another article.

Run: python -m pytest -q tests/index/catalog/test_corrections.py
"""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.commands import correction_commands, index_actions, index_commands
from index.catalog.catalog import Catalog
from index.catalog.corrections import LONGEST, Kept, checked, recognise
from index.errors import NotFound, WrongCorrection
from index.ingest.corpus import Corpus
from index.maintenance.check import check
from index.search.engine import SearchIndex
from index.types import Article, Correction, Paragraph, Sentence
from tests.fakes.hash_encoder import HashEncoder, context

TEA = ("一张茶桌理顺百家事\n本报记者 何小川\n\n东风里社区摆出一张茶桌，谁家有矛盾，就坐下来喝杯茶。三轮茶喝下来，多半都能说和。\n"
       "头一年里，这张茶桌边调解了邻里纠纷37起，漏水的、占道的、养狗的都有，其中34起当场签了字。社区把老法官、老教师和楼栋长请来做“茶客”。\n")
WIRES = ("飞线落了地\n本报记者 程小满\n\n柏树湾社区先建车棚，再劝拆飞线。一个月拆掉飞线一千三百余条，车棚里装了四十八个充电口。\n"
         "“车棚建在哪里，得听住户的。”网格员小程挨家挨户上门，把二百一十户的意见记了满满两个本子。\n")
LIFT = ("一部电梯装成了\n本报记者 苏晴\n\n玉兰苑社区加装电梯，一楼不出钱，二楼每户八千元。截至八月底，已装电梯十四台，惠及居民二百三十户。\n"
        "为了把事情办好，社区召开了十二次居民议事会，收集意见建议七十六条，最终形成了大家都认可的方案。\n")
PAGE = f"云泽日报 2024年5月6日\n\n{TEA}\n{WIRES}"


class Library:
    """A folder with one page, its index, and short ways to look at both."""

    def __init__(self, folder: Path) -> None:
        self.home, self.page = folder / "home", folder / "pages" / "a.txt"
        self.page.parent.mkdir()
        self.corpus = Corpus(self.home, HashEncoder())

    def add(self, text: str) -> list:
        self.page.write_text(text, "utf-8")
        return self.corpus.add([self.page])

    def again(self, state: str) -> "Library":
        """Return it as it was in a copy of its home."""
        shutil.rmtree(self.home)
        shutil.copytree(self.home.with_name(state), self.home)
        self.page.write_text(PAGE, "utf-8")
        return self

    def article(self, word: str) -> Article:
        """Return the article in which a word is printed."""
        with closing(Catalog(self.home)) as catalog:
            return next(a for a in catalog.articles() if any(word in s.text for p in a.paragraphs for s in p.sentences))

    def kept(self) -> list[Kept]:
        with closing(Catalog(self.home)) as catalog:
            return catalog.corrections.all()


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The page, indexed, with two copies of its home beside: as added, and with one article corrected."""
    made = Library(tmp_path_factory.mktemp("library"))
    made.add(PAGE)
    shutil.copytree(made.home, made.home.with_name("added"))
    made.corpus.correct(made.article("充电口").id, CORRECTED)
    shutil.copytree(made.home, made.home.with_name("corrected"))
    return made


@pytest.fixture
def library(made_once: Library) -> Library:
    return made_once.again("added")


@pytest.fixture
def corrected(made_once: Library) -> Library:
    return made_once.again("corrected")


CORRECTED = Correction("飞线下楼记", "澄湖晚报", "2023-11-02", "新乡市红旗区洪门镇柏树湾社区")


def values(article: Article) -> tuple[str, str, str, str]:
    return article.title, article.source, article.date, article.place


def test_a_correction_is_searched_cited_and_checked(library: Library) -> None:
    before = library.article("充电口")
    kept = library.corpus.correct(before.id, CORRECTED, made_by="local:local")
    assert (kept.article_id, kept.made_by, kept.read.title) == (before.id, "local:local", "飞线落了地")
    hit = SearchIndex.open(library.home, HashEncoder()).search("飞线下楼记")[0]
    assert values(hit.article) == ("飞线下楼记", "澄湖晚报", "2023-11-02", "新乡市红旗区洪门镇柏树湾社区")
    assert "飞线下楼记" in hit.passage.heading  # which is embedded with the passage
    assert {s.place for s in hit.passage.sentences} == {"新乡市红旗区洪门镇柏树湾社区"}
    assert hit.article.id == before.id
    assert (hit.article.start, hit.article.end) == (before.start, before.end)
    assert check(library.home).faults == ()
    assert values(library.article("茶桌"))[:3] == ("一张茶桌理顺百家事", "云泽日报", "2024-05-06")


@pytest.mark.parametrize("act", [
    pytest.param(lambda library: library.corpus.rebuild(), id="rebuild"),
    pytest.param(lambda library: library.corpus.add([library.page], reread=True), id="add again"),
    pytest.param(lambda library: library.add(PAGE.replace("两个本子", "三个本子")), id="words changed"),
    pytest.param(lambda library: library.add(PAGE.replace("四十八个", "五十二个")), id="a figure changed"),
    pytest.param(lambda library: library.add(PAGE + "居民们说，这下睡得踏实了。今年社区还要再建两处车棚。\n"), id="a paragraph more"),
    pytest.param(lambda library: library.add(f"{LIFT}\n{PAGE}"), id="another article before it"),
    pytest.param(lambda library: library.add(f"云泽日报 2024年5月6日\n\n{WIRES}\n{TEA}"), id="articles changed places"),
    pytest.param(lambda library: library.add(PAGE.replace("飞线落了地", "飞线终于落了地")), id="headline changed"),
    pytest.param(lambda library: (library.corpus.remove("a.txt"), library.add(PAGE)), id="removed and added"),
    pytest.param(lambda library: library.corpus.correct(library.article("茶桌").id, Correction(title="茶")), id="a neighbour corrected"),
])
def test_a_correction_outlives(act: Callable[[Library], object], corrected: Library) -> None:
    act(corrected)
    wires = corrected.article("充电口") if "充电口" in corrected.page.read_text("utf-8") else corrected.article("飞线")
    assert values(wires) == ("飞线下楼记", "澄湖晚报", "2023-11-02", "新乡市红旗区洪门镇柏树湾社区")
    assert values(corrected.article("茶桌"))[0] in ("一张茶桌理顺百家事", "茶")
    assert {one.article_id for one in corrected.kept()} >= {wires.id}
    assert check(corrected.home).faults == ()


@pytest.mark.parametrize("text", [
    pytest.param(f"云泽日报 2024年5月6日\n\n{TEA}\n{LIFT}", id="another article in its place"),
    pytest.param(PAGE.replace(WIRES, LIFT.replace("一部电梯装成了", "飞线落了地")), id="another article under its headline"),
    pytest.param(TEA, id="the article left out"),
    pytest.param(PAGE.replace("2024年5月6日", "2024年6月3日").replace("柏树湾社区", "松林苑社区").replace("一千三百", "两千六百")
                 .replace("四十八个", "六十个").replace("二百一十", "三百七十"), id="next month's form filled in anew"),
])
def test_a_correction_that_fits_nothing_waits(text: str, corrected: Library, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = corrected.add(text)
    index_actions.print_outcomes(outcomes)
    assert "飞线下楼记: was corrected and is not on this page now" in capsys.readouterr().out
    with closing(Catalog(corrected.home)) as catalog:
        assert "飞线下楼记" not in {article.title for article in catalog.articles()}
        assert "澄湖晚报" not in {article.source for article in catalog.articles()}
    assert [one.article_id for one in corrected.kept()] == [""]
    assert index_commands.check(context(corrected.home)) == 0
    assert "1 correction fit no article now" in capsys.readouterr().out
    corrected.add(PAGE)
    assert corrected.article("充电口").title == "飞线下楼记"


def test_fields_are_corrected_one_by_one_and_taken_back(library: Library) -> None:
    article = library.article("充电口")
    library.corpus.correct(article.id, Correction(title="飞线下楼记"))
    library.corpus.correct(article.id, Correction(date="2024年5月7日"))
    assert values(library.article("充电口"))[:3] == ("飞线下楼记", "云泽日报", "2024-05-07")
    library.corpus.correct(article.id, Correction(title="飞线落了地", source=""))
    assert values(library.article("充电口"))[:3] == ("飞线落了地", "", "2024-05-07")
    assert library.corpus.correct(article.id, Correction(source="云泽日报", date="2024-05-06")) is None
    assert library.kept() == []
    assert values(library.article("充电口")) == values(article)
    assert check(library.home).faults == ()


@pytest.mark.parametrize(("said", "field"), [
    (Correction(date="去年春天"), "date"), (Correction(date="2024-02-30"), "date"), (Correction(title="长" * (LONGEST + 1)), "title"),
    (Correction(place="某区\u202e某街道"), "place"), (Correction(source="晚\x00报"), "source"),
], ids=["no day", "no such day", "too long", "right to left", "nul"])
def test_what_cannot_be_is_refused_by_field(said: Correction, field: str, library: Library) -> None:
    article = library.article("充电口")
    with pytest.raises(WrongCorrection, match=f"^{field}: ") as told:
        library.corpus.correct(article.id, said)
    assert told.value.field == field
    assert values(library.article("充电口")) == values(article)


def test_white_space_is_tidied() -> None:
    assert checked(Correction(title="  飞线\n下楼\t记 ", date="2024/5/6")) == Correction(title="飞线 下楼 记", date="2024-05-06")


def test_the_index_of_the_release_before_is_used_as_it_is(library: Library) -> None:
    """Schema 3 only added tables: no rebuild is asked for, neither to read nor to write."""
    for path in library.home.rglob("catalog.sqlite"):
        with closing(sqlite3.connect(path)) as db:
            db.executescript("DROP TABLE corrections; DROP TABLE seen; PRAGMA user_version = 2")
    manifest = library.home / "versions" / "000001" / "manifest.json"
    assert manifest.exists()
    assert library.kept() == []
    assert SearchIndex.open(library.home, HashEncoder()).search("茶桌")
    library.corpus.correct(library.article("充电口").id, CORRECTED)
    assert library.article("充电口").title == "飞线下楼记"
    assert check(library.home).faults == ()


def test_the_commands(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    given = context(library.home)
    article = library.article("充电口")
    correction_commands.correct(given, article.id, headline="飞线下楼记", date="")
    assert f"{article.id}  飞线下楼记 · 云泽日报" in capsys.readouterr().out
    correction_commands.corrections(given)
    out = capsys.readouterr().out
    assert "headline: 飞线落了地 -> 飞线下楼记" in out
    assert "date: 2024-05-06 -> (unknown)" in out
    correction_commands.correct(given, article.id, undo=True)
    assert library.article("充电口").title == "飞线落了地"
    with pytest.raises(NotFound, match="has no correction"):
        correction_commands.correct(given, article.id, undo=True)
    with pytest.raises(NotFound, match="no correction 7"):
        correction_commands.corrections(given, 7)
    with pytest.raises(NotFound, match="No article 'nobody'"):
        correction_commands.correct(given, "nobody", headline="x")


def test_an_orphan_is_deleted_by_its_number(corrected: Library) -> None:
    corrected.add(TEA)
    version = (corrected.home / "current").read_text()
    correction_commands.corrections(context(corrected.home), corrected.kept()[0].number)
    assert corrected.kept() == []
    assert (corrected.home / "current").read_text() == version  # nothing that is searched changed


def test_a_fault_in_a_correction_is_found(corrected: Library) -> None:
    with closing(sqlite3.connect(corrected.home / "catalog.sqlite")) as db, db:
        db.execute("UPDATE articles SET title = '别的' WHERE title = '飞线下楼记'")
    assert any("does not say what it was corrected to" in fault for fault in check(corrected.home).faults)
    corrected.corpus.rebuild()
    assert check(corrected.home).faults == ()


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.permutations(range(4)), st.sets(st.integers(0, 3)), st.sets(st.integers(0, 3)))
def test_every_correction_goes_to_its_own_text_or_to_none(order: list[int], corrected: set[int], left: set[int]) -> None:
    bodies = [part.split("\n\n", 1)[1] for part in (TEA, WIRES, LIFT)] + ["河沿社区把闲置的车库改成了老年食堂，一荤两素一汤只收十元。" * 2]

    def article(n: int, at: int) -> Article:
        sentence = Sentence(((0, len(bodies[n])),), bodies[n])
        return Article(f"id{at}", "a.txt", "简讯", 0, len(bodies[n]), (Paragraph((sentence,)),), date="2024-05-06")

    kept = [Kept(n, "a.txt", f"id{n}", Correction(title=str(n)), Correction("简讯", "", "2024-05-06", ""), bodies[n], "", "")
            for n in sorted(corrected)]
    now = [article(n, at) for at, n in enumerate(order) if n not in left]
    found = recognise(kept, now)
    told = {next(a for a in now if a.id == article_id).paragraphs[0].sentences[0].text: one.number
            for article_id, one in found.items()}
    assert told == {bodies[n]: n for n in corrected - left}
    assert recognise([replace(one, text="另一件事，跟这些都没有关系。") for one in kept], now) == {}
