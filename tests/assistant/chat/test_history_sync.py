"""The page's session over a store that has lost something, or cannot be used. Run: python -m pytest -q
tests/assistant/chat/test_history_sync.py"""

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.chat.state.history_sync import HistorySync
from assistant.chat.state.session import Entry, Session
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
        history_sync.rename(session, "物业")
    with pytest.warns(UserWarning, match=TEXT["no_store"]):
        history_sync.open(session, conversation)
    assert (session.entries, session.listed) == ([], [])
