"""The page's session over a store that has lost something, or cannot be used. Run: python -m pytest -q
tests/assistant/chat/test_history_sync.py"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.chat.state.history_sync import HistorySync
from assistant.chat.state.session import Entry, Session
from assistant.chat.views.history_view import conversation_list
from assistant.locales.loader import words
from assistant.storage.conversations import Conversations
from assistant.storage.database import FILE

ANN = "user:ann"
TEXT = words("zh").chat


def session_of(store: Conversations) -> Session:
    """Return a session that shows one question, which is being answered."""
    turn = store.begin(ANN, "没有物业怎么办？")
    session = Session([Entry("没有物业怎么办？", "", turn=turn.id)])
    session.owner, session.conversation = ANN, turn.conversation
    return session


def test_a_question_whose_conversation_was_deleted_meanwhile_is_answered_and_not_kept(tmp_path: Path) -> None:
    history_sync, store = HistorySync(tmp_path), Conversations(tmp_path)
    session = session_of(store)
    store.delete(ANN, session.conversation)  # in another tab
    session.begin_again("…")
    with pytest.warns(UserWarning, match=TEXT["not_kept"]):
        assert history_sync.begin(session)
    history_sync.stop(session)
    with pytest.warns(UserWarning, match=TEXT["gone_conversation"]):
        history_sync.catch_up(session)
    assert session.entries == []


@pytest.mark.parametrize("breaks", [
    pytest.param(lambda file: file.write_bytes(b"?" * 100_000), id="damaged"),
    pytest.param(lambda file: (file.unlink(), file.mkdir()), id="cannot be opened"),
])
def test_a_store_that_cannot_be_used_stops_nobody(tmp_path: Path, breaks: Callable[[Path], object]) -> None:
    history_sync = HistorySync(tmp_path)
    session = session_of(Conversations(tmp_path))
    entry, conversation = session.entries[0], session.conversation
    for beside in tmp_path.glob(f"{FILE}-*"):
        beside.unlink()
    breaks(tmp_path / FILE)
    with pytest.warns(UserWarning, match=TEXT["not_kept"]):
        assert history_sync.begin(session)
    history_sync.catch_up(session)
    history_sync.stop(session)
    assert history_sync.end(entry) == entry
    assert session.entries == [entry]
    with pytest.warns(UserWarning, match=TEXT["no_store"]):
        history_sync.rename(session, conversation, "物业")
    with pytest.warns(UserWarning, match=TEXT["no_store"]):
        history_sync.open(session, conversation)
    assert (session.entries, session.listed) == ([], [])


def test_the_list_names_days_and_the_question_that_was_searched_for(tmp_path: Path) -> None:
    store, now = Conversations(tmp_path), datetime(2026, 5, 6, 12, tzinfo=UTC)
    first = store.begin(ANN, "没有物业怎么办？")
    store.begin(ANN, "<b>那收费呢</b>", conversation=first.conversation)
    found, = store.listed(ANN, "收费")
    assert (found.found, found.asked, found.turns) == (2, "<b>那收费呢</b>", 2)
    assert [(one.found, one.asked) for one in store.listed(ANN)] == [(0, "")]
    listed = [replace(found, updated=when) for when in ("2026-05-06T08:09:10.000+00:00", "2026-05-05T00:00:00.000+00:00",
                                                       "2026-05-01T00:00:00.000+00:00", "2025-12-31T00:00:00.000+00:00")]
    drawn = conversation_list(listed, found.id, TEXT, now)
    assert re.findall("<h3>(.*?)</h3>", drawn) == ["今天", "昨天", "最近七天", "更早"]
    assert re.findall(r"<small>(\S+) ·", drawn) == ["08:09", "05-05", "05-01", "2025-12-31"]
    assert TEXT["found_turn"].format(key=2, question="&lt;b&gt;那收费呢&lt;/b&gt;") in drawn
    assert "<b>" not in drawn
