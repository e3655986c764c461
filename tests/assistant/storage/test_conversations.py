"""Conversations come back as they were, to their owner alone. Run: python -m pytest -q
tests/assistant/storage/test_conversations.py"""

import json
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assistant.storage import conversations as module
from assistant.storage import snapshot as snapshots
from assistant.storage.conversations import Conversations
from assistant.storage.database import FILE, storable
from assistant.storage.snapshot import gather
from assistant.storage.types import Snapshot, TurnState
from assistant.types import Answer, Citation, Claim, Found
from index.errors import LinjianError, NotFound, Unwritable
from index.search.filters import Filters
from index.types import Article, Paragraph, Passage, Printing, Sentence
from tests.fakes.chat_assistant import FakeIndex, answer

ROOT = Path(__file__).parents[3]
ANN, BOB = "user:ann", "user:bob"
TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # halves of surrogate pairs and NUL among them
COUNT = st.integers(0, 10**9)
SPANS = st.lists(st.tuples(COUNT, COUNT), min_size=1, max_size=3).map(tuple)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
PRINTING = st.builds(Printing, TEXT, TEXT, TEXT, TEXT, TEXT)
CITATION = st.builds(Citation, COUNT, *[TEXT] * 7, SPANS, TEXT, st.lists(PRINTING, max_size=2).map(tuple))
CLAIM = st.builds(Claim, TEXT, st.lists(COUNT, max_size=3).map(tuple), st.floats(0, 1), st.booleans(), TEXT)
FOUND = st.builds(Found, *[TEXT] * 5, COUNT, COUNT, NUMBER)
ANSWERS = st.builds(
    Answer, TEXT, TEXT, st.sampled_from(["zh", "en"]), TEXT, st.lists(CLAIM, max_size=2).map(tuple), st.lists(CITATION, max_size=2).map(tuple),
    st.lists(FOUND, max_size=2).map(tuple), TEXT, TEXT, st.booleans(), st.sampled_from([None, "off_topic", "not_in_articles"]), NUMBER,
    st.none() | TEXT, TEXT, COUNT, st.dictionaries(TEXT, NUMBER, max_size=2))
SENTENCES = st.lists(st.builds(Sentence, SPANS, TEXT, st.lists(TEXT, max_size=3).map(tuple)), min_size=1, max_size=3).map(tuple)
ARTICLE = st.builds(Article, TEXT, TEXT, TEXT, COUNT, COUNT, st.lists(st.builds(Paragraph, SENTENCES, TEXT), max_size=2).map(tuple),
                    *[TEXT] * 7, st.lists(PRINTING, max_size=2).map(tuple))
PASSAGE = st.builds(Passage, TEXT, TEXT, SENTENCES, TEXT)


@pytest.fixture
def store(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "home")


def asked(store: Conversations, question: str, owner: str = ANN, conversation: str | None = None, **changes: object) -> str:
    """Ask and answer a question; return the conversation."""
    turn = store.begin(owner, question, conversation=conversation)
    assert store.finish(turn.id, gather(answer(question, **changes), FakeIndex()))
    return turn.conversation


@given(ANSWERS)
@settings(max_examples=60)
def test_an_answer_comes_back_from_its_json(one: Answer) -> None:
    assert len(one.to_dict()) == len(fields(Answer))
    assert Answer.from_dict(json.loads(json.dumps(one.to_dict()))) == one


@pytest.mark.parametrize("damage", [{"citations": [{"number": 1}]}, {"claims": None}, {"refused": "perhaps"}, {"text": 3}, {"language": "la"}])
def test_what_is_no_answer_is_refused(damage: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(damage))):
        Answer.from_dict({**answer("问").to_dict(), **damage})


def test_an_answer_of_a_later_release_can_be_read() -> None:
    assert Answer.from_dict({**answer("问").to_dict(), "new": 1}) == answer("问")


@given(ANSWERS, st.dictionaries(TEXT, PASSAGE, max_size=2), st.dictionaries(TEXT, ARTICLE, max_size=2))
@example(replace(answer("问"), index_version="\ud800"), {}, {})
@settings(max_examples=40)
def test_a_snapshot_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, one: Answer, passages: dict, articles: dict) -> None:
    store = Conversations(tmp_path_factory.mktemp("home"))
    whole = Snapshot(one, {storable(k): v for k, v in passages.items()}, {storable(k): v for k, v in articles.items()})
    turn = store.begin(ANN, one.question)
    assert store.finish(turn.id, whole)
    kept = store.turn(ANN, turn.id)
    assert (kept.state, kept.snapshot) == (TurnState.DONE, whole)


def test_an_old_answer_shows_its_evidence_after_the_articles_are_gone(store: Conversations) -> None:
    turn = store.begin(ANN, "没有物业怎么办？", filters=Filters(places=("和顺街道",), since="2024-01-01"))
    was = gather(answer("没有物业怎么办？"), FakeIndex())
    assert was.articles
    assert was.passages
    store.finish(turn.id, was)
    again = Conversations(store._database.path.parent).turns(ANN, turn.conversation)[0]  # nothing but the file
    assert again.snapshot == was
    assert again.filters == Filters(places=("和顺街道",), since="2024-01-01")
    assert again.snapshot.answer.index_version == "fake"


def test_turns_are_in_the_order_asked_and_titles_are_the_first_question(store: Conversations) -> None:
    one = asked(store, "  没有物业\n怎么办？ ")
    asked(store, "那收费呢？", conversation=one)
    other = asked(store, "长" * 500)
    listed = store.listed(ANN)
    assert [(c.id, c.turns) for c in listed] == [(other, 1), (one, 2)]
    assert [c.title for c in listed] == ["长" * (module.LONGEST_TITLE - 1) + "…", "没有物业 怎么办？"]
    assert [t.question for t in store.turns(ANN, one)] == ["  没有物业\n怎么办？ ", "那收费呢？"]
    asked(store, "再问", conversation=one)
    assert [c.id for c in store.listed(ANN)] == [one, other]


def test_another_owner_gets_nothing(store: Conversations) -> None:
    own = asked(store, "没有物业怎么办？")
    turn = store.turns(ANN, own)[0].id
    for attempt in (
        lambda: store.get(BOB, own), lambda: store.turns(BOB, own), lambda: store.turn(BOB, turn),
        lambda: store.rename(BOB, own, "我的"), lambda: store.delete(BOB, own), lambda: store.again(BOB, turn),
        lambda: store.begin(BOB, "插话", conversation=own), lambda: store.get(BOB, "no-such"),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert store.listed(BOB) == []
    assert store.listed(BOB, "物业") == []
    assert [t.question for t in store.turns(ANN, own)] == ["没有物业怎么办？"]


@pytest.mark.parametrize(("search", "found"), [
    ("物业", {"a"}), ("物業", {"a"}), ("每户每月20元", {"a"}), ("ＰＡＲＫＩＮＧ", {"b"}), ("车位 parking", {"b"}), ("物业 车位", set()),
    ("", {"a", "b"}), ("%", set()), ("_", set()), ("改名", {"b"}), ("'; DROP TABLE turns; --", set()), ("\0", {"a", "b"}),
])
def test_search_finds_words_of_questions_answers_and_titles(store: Conversations, search: str, found: set[str]) -> None:
    ids = {asked(store, "没有物业怎么办？"): "a", asked(store, "Parking：夜间车位", text="资料中没有"): "b"}
    store.rename(ANN, next(i for i, name in ids.items() if name == "b"), "改名")
    assert {ids[c.id] for c in store.listed(ANN, search)} == found


def test_rename_and_delete(store: Conversations, tmp_path: Path) -> None:
    one, other = asked(store, "甲问" * 3, text="甲的秘密回答"), asked(store, "乙问")
    store.rename(ANN, one, " 新的\n标题 ")
    assert store.get(ANN, one).title == "新的 标题"
    with pytest.raises(LinjianError, match="at least one"):
        store.rename(ANN, one, " \n")
    store.delete(ANN, one)
    with pytest.raises(NotFound):
        store.turns(ANN, one)
    assert store.turns(ANN, other)[0].snapshot.articles  # evidence that both named is still there
    with closing(sqlite3.connect(tmp_path / "home" / FILE)) as db:
        bodies = db.execute("SELECT count(*) FROM bodies").fetchone()[0]
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert "甲的秘密回答".encode() not in (tmp_path / "home" / FILE).read_bytes()
    store.delete(ANN, other)
    with closing(sqlite3.connect(tmp_path / "home" / FILE)) as db:
        assert (bodies > 0, db.execute("SELECT count(*) FROM bodies").fetchone()[0]) == (True, 0)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_evidence_that_answers_share_is_stored_once(store: Conversations, tmp_path: Path) -> None:
    def bodies() -> int:
        with closing(sqlite3.connect(tmp_path / "home" / FILE)) as db:
            return db.execute("SELECT count(*) FROM bodies").fetchone()[0]

    one = asked(store, "甲")
    first = bodies()
    asked(store, "乙", conversation=one)
    assert bodies() == first > 0


def test_stopped_and_failed_questions_keep_what_they_showed_and_can_be_asked_again(store: Conversations) -> None:
    turn = store.begin(ANN, "慢")
    assert store.end(turn.id, TurnState.STOPPED, "写到一半")
    assert not store.finish(turn.id, gather(answer("慢"), FakeIndex()))  # a run that was stopped must not write
    stopped = store.turn(ANN, turn.id)
    assert (stopped.state, stopped.shown, stopped.snapshot) == (TurnState.STOPPED, "写到一半", None)
    assert store.again(ANN, turn.id).state is TurnState.RUNNING
    with pytest.raises(LinjianError, match="being answered"):
        store.again(ANN, turn.id)
    assert store.finish(turn.id, gather(answer("慢"), FakeIndex()))
    assert not store.end(turn.id, TurnState.STOPPED, "晚了")
    assert store.turn(ANN, turn.id).state is TurnState.DONE


@pytest.mark.parametrize("end", [lambda s, turn: s.end(turn, TurnState.STOPPED, "…"), lambda s, turn: s.interrupt()])
def test_an_answer_stays_until_a_better_one_is_there(store: Conversations, end: object) -> None:
    turn = store.turns(ANN, asked(store, "哪些社区？"))[0]
    again = store.again(ANN, turn.id, all_cases=True)
    assert (again.state, again.snapshot, again.all_cases) == (TurnState.RUNNING, None, True)
    assert end(store, turn.id)
    kept = store.turn(ANN, turn.id)
    assert (kept.state, kept.snapshot) == (TurnState.DONE, turn.snapshot)
    store.again(ANN, turn.id, alone=True)
    store.finish(turn.id, gather(answer("哪些社区？", text="更好的"), FakeIndex()))
    assert store.turn(ANN, turn.id).snapshot.answer.text == "更好的"
    assert store.states(ANN, turn.conversation) == [(turn.id, TurnState.DONE)]


def test_a_deleted_conversation_is_not_written_to(store: Conversations) -> None:
    turn = store.begin(ANN, "慢")
    store.delete(ANN, turn.conversation)
    assert not store.finish(turn.id, gather(answer("慢"), FakeIndex()))
    assert not store.end(turn.id, TurnState.FAILED, "x")


@pytest.mark.process
def test_a_server_killed_in_the_middle_leaves_a_question_that_can_be_asked_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    dies = ("import os, sys; from pathlib import Path; from assistant.storage.conversations import Conversations as C\n"
            "C(Path(sys.argv[1])).begin('user:ann', '没答完的问题'); os._exit(9)")
    assert subprocess.run([sys.executable, "-c", dies, home], cwd=ROOT, check=False, timeout=60).returncode == 9
    store = Conversations(home)
    store.begin(BOB, "另一问")
    assert store.interrupt() == 2
    assert store.interrupt() == 0
    turn, = store.turns(ANN, store.listed(ANN)[0].id)
    assert (turn.state, turn.question) == (TurnState.INTERRUPTED, "没答完的问题")
    assert store.again(ANN, turn.id).state is TurnState.RUNNING
    assert store.finish(turn.id, gather(answer(turn.question), FakeIndex()))


def test_the_start_of_a_second_server_does_not_lose_the_answers_of_the_first(store: Conversations) -> None:
    turn = store.begin(ANN, "问")
    store.interrupt()
    assert store.finish(turn.id, gather(answer("问"), FakeIndex()))


def test_two_tabs_of_one_owner_write_at_once(store: Conversations) -> None:
    own = asked(store, "第一问")

    def tab(name: str) -> None:
        for n in range(8):
            asked(store, f"{name}{n}", conversation=own)

    with ThreadPoolExecutor(2) as both:
        list(both.map(tab, "甲乙"))
    turns = store.turns(ANN, own)
    assert len(turns) == 17
    assert [t.question for t in turns if t.question[0] == "甲"] == [f"甲{n}" for n in range(8)]
    assert all(t.snapshot.answer.question == t.question for t in turns)


def test_sizes_are_bounded(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LinjianError, match="4001 characters"):
        store.begin(ANN, "长" * 4001)
    monkeypatch.setattr(module, "MOST_TURNS", 2)
    monkeypatch.setattr(module, "MOST_CONVERSATIONS", 3)
    own = asked(store, "一")
    asked(store, "二", conversation=own)
    with pytest.raises(LinjianError, match="Start a new one"):
        store.begin(ANN, "三", conversation=own)
    theirs = asked(store, "别人的", owner=BOB)
    made = [asked(store, f"新{n}") for n in range(3)]
    assert [c.id for c in store.listed(ANN)] == made[::-1]
    assert [c.id for c in store.listed(BOB)] == [theirs]


def test_evidence_beyond_its_bound_is_left_out_and_quotes_stay(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "LARGEST", 2_000)
    turn = store.turns(ANN, asked(store, "问"))[0]
    whole = gather(answer("问"), FakeIndex())
    assert len(turn.snapshot.articles) < len(whole.articles)
    assert turn.snapshot.answer == whole.answer


def test_nothing_is_made_by_looking_for_what_was_interrupted(tmp_path: Path) -> None:
    assert Conversations(tmp_path / "home").interrupt() == 0
    assert not (tmp_path / "home").exists()


def test_the_file_is_its_users_alone(store: Conversations, tmp_path: Path) -> None:
    asked(store, "问")
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "home").glob(f"{FILE}*")} == {0}


@pytest.mark.parametrize(("damage", "message"), [
    (lambda path: path.write_bytes(b"no database at all" * 100), "is damaged"),
    (lambda path: _execute(path, "PRAGMA user_version = 99"), "newer release"),
])
def test_a_file_that_cannot_be_used_is_named(store: Conversations, tmp_path: Path, damage: object, message: str) -> None:
    asked(store, "问")
    path = tmp_path / "home" / FILE
    for log in (path.with_name(f"{FILE}-wal"), path.with_name(f"{FILE}-shm")):
        log.unlink(missing_ok=True)
    damage(path)
    with pytest.raises(LinjianError, match=message) as told:
        store.listed(ANN)
    assert str(path) in str(told.value)


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Unwritable, match=FILE):
        Conversations(tmp_path).begin(ANN, "问")


def _execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(statement)


def test_gather_leaves_out_what_the_index_does_not_hold() -> None:
    lost = replace(answer("问").citations[0], passage_id="none", article_id="none")
    kept = gather(answer("问", citations=(lost,)), FakeIndex())
    assert "none" not in kept.articles | kept.passages
    assert kept.articles
