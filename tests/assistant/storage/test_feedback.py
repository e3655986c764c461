"""What people say of answers, and how it becomes questions for the evaluation. Run: python -m pytest -q
tests/assistant/storage/test_feedback.py"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import app
from assistant.assistant import Assistant
from assistant.storage.conversations import Conversations
from assistant.storage.feedback import AnswerTooLarge, FeedbackStore
from assistant.storage.feedback_questions import question_row
from assistant.storage.snapshot import gather
from assistant.storage.types import Feedback, GivenFeedback, Reason, Verdict
from assistant.types import Answer, Ask, Citation, Claim, Turn
from eval.datasets.own import read_pages
from index.embedding.encoder import Encoder
from index.errors import LinjianError, NotFound
from index.search.engine import SearchIndex
from tests.conftest import EXAMPLES
from tests.fakes.chat_assistant import HOSTILE, FakeIndex, answer

ANN, BOB = "user:ann", "user:bob"
UP, DOWN = Feedback(Verdict.UP), Feedback(Verdict.DOWN, (Reason.MISSED_CASE,), "东闸街道也做过")


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Conversations, FeedbackStore]:
    return Conversations(tmp_path), FeedbackStore(tmp_path)


def answered(conversations: Conversations, question: str, conversation: str | None = None, **changes: object) -> int:
    turn = conversations.begin(ANN, question, conversation=conversation)
    conversations.finish(turn.id, gather(answer(question, **changes), FakeIndex()))
    return turn.id


def test_feedback_is_stored_with_the_answer(stores: tuple[Conversations, FeedbackStore]) -> None:
    conversations, feedback = stores
    first = answered(conversations, "没有物业怎么办？")
    own = conversations.turn(ANN, first).conversation
    turn = answered(conversations, "那收费呢？", own)
    feedback.give(ANN, turn, UP)
    stored = feedback.give(ANN, turn, replace(DOWN, comment="  东闸街道也做过\n\0 "))  # changed her mind
    assert stored == replace(DOWN, given=stored.given)
    assert conversations.turn(ANN, turn).feedback == stored
    assert conversations.turns(ANN, own)[0].feedback is None
    only, = feedback.all()
    assert (only.owner, only.feedback, only.answer) == (ANN, stored, conversations.turn(ANN, turn).snapshot.answer)
    assert [t.question for t in only.history] == ["没有物业怎么办？"]
    feedback.take_back(ANN, turn)
    assert feedback.all() == []


def test_only_the_owner_and_only_an_answer(stores: tuple[Conversations, FeedbackStore]) -> None:
    conversations, feedback = stores
    turn, running = answered(conversations, "问"), conversations.begin(ANN, "还在答").id
    for owner, one in ((BOB, turn), (ANN, running), (ANN, 99)):
        with pytest.raises(NotFound):
            feedback.give(owner, one, UP)
        with pytest.raises(NotFound):
            feedback.take_back(owner, one)
    assert feedback.all() == []


def test_feedback_goes_with_its_conversation(stores: tuple[Conversations, FeedbackStore]) -> None:
    conversations, feedback = stores
    turn = answered(conversations, "问")
    feedback.give(ANN, turn, DOWN)
    conversations.delete(ANN, conversations.turn(ANN, turn).conversation)
    assert feedback.all() == []


def test_a_thumb_up_has_no_reasons_and_a_comment_has_an_end(stores: tuple[Conversations, FeedbackStore]) -> None:
    conversations, feedback = stores
    turn = answered(conversations, "问")
    assert feedback.give(ANN, turn, Feedback(Verdict.UP, (Reason.OTHER,))).reasons == ()
    with pytest.raises(LinjianError, match="2001 characters"):
        feedback.give(ANN, turn, replace(DOWN, comment="长" * 2001))
    assert conversations.turn(ANN, turn).feedback.verdict is Verdict.UP


def test_feedback_on_an_answer_of_the_api(stores: tuple[Conversations, FeedbackStore], monkeypatch: pytest.MonkeyPatch) -> None:
    _, feedback = stores
    monkeypatch.setattr("assistant.storage.feedback.MOST_OF_OWNER", 1)
    number = feedback.add("key:portal", answer("问"), DOWN, [Turn(f"第{n}问", "略") for n in range(9)])
    assert [(g.id, g.answer, len(g.history)) for g in feedback.all()] == [(number, answer("问"), 6)]
    with pytest.raises(LinjianError, match="as many as can be kept"):
        feedback.add("key:portal", answer("问"), DOWN)
    feedback.add("key:other", answer("问"), DOWN)


def test_feedback_is_bounded_in_bytes(stores: tuple[Conversations, FeedbackStore], monkeypatch: pytest.MonkeyPatch) -> None:
    conversations, feedback = stores
    with pytest.raises(AnswerTooLarge, match="256000 are possible"):
        feedback.add("key:portal", answer("问", text="长" * 50_000), UP)  # six bytes each as it is stored
    room = len(json.dumps(answer("问").to_dict())) + 100
    monkeypatch.setattr("assistant.storage.feedback.LARGEST_OF_OWNER", 2 * room)
    for _ in range(2):
        feedback.add("key:portal", answer("问"), UP)
    with pytest.raises(LinjianError, match=r"2 pieces.*as many as can be kept"):
        feedback.add("key:portal", answer("问"), UP)
    with pytest.raises(LinjianError, match="as many as can be kept"):
        feedback.add("key:other", answer("问"), UP, [Turn("问" * 400, "略" * 600)] * 6)
    feedback.give(ANN, answered(conversations, "问"), UP)  # each owner's own


REFUSED = {"text": "资料中没有找到答案。", "citations": (), "claims": (), "refused": True, "refusal_reason": "off_topic"}


@pytest.mark.parametrize(("feedback", "changes", "answerable", "quotes", "to_fill"), [
    pytest.param(UP, {}, True, 1, ["answers"], id="right: what was cited is gold, a human writes the short answer"),
    pytest.param(UP, REFUSED, False, 0, [], id="rightly refused: complete as it is"),
    pytest.param(DOWN, {}, True, 1, ["answerable", "answers", "evidence"], id="a case was missed: what was cited stays"),
    pytest.param(Feedback(Verdict.DOWN, (Reason.WRONG_SOURCE, Reason.MISSED_CASE)), {}, True, 0,
                 ["answerable", "answers", "evidence"], id="wrong source: nothing cited is taken for right"),
    pytest.param(Feedback(Verdict.DOWN), {}, True, 0, ["answerable", "answers", "evidence"], id="no reason given"),
    pytest.param(DOWN, REFUSED, True, 0, ["answerable", "answers", "evidence"], id="perhaps wrongly refused"),
])
def test_what_feedback_says_and_what_a_human_must_add(feedback: Feedback, changes: dict, answerable: bool, quotes: int,
                                                      to_fill: list[str]) -> None:
    claims = (Claim("低保家庭减半", (2,), 1.0, True), Claim("两地都免费", (1,), 0.2, False))
    row = question_row(GivenFeedback(7, ANN, feedback, answer("没有物业怎么办？", **{"claims": claims, **changes})))
    assert (row["id"], row["answerable"], row["answers"], row["to_fill"]) == ("feedback-0007", answerable, [], to_fill)
    assert len(row["evidence"]) == quotes
    assert feedback.comment in row["notes"]


def test_a_broken_sentence_is_one_quote_for_each_piece() -> None:
    cited = Citation(1, "p", "a", "题", "报", "2024-01-01", "某社区", "a.txt", ((5, 8), (20, 22)), "前三字后二")
    row = question_row(GivenFeedback(1, ANN, UP, answer("问", citations=(cited,), claims=(Claim("前三字后二", (1,), 1.0, True),))))
    assert [e["quote"] for e in row["evidence"]] == ["前三字", "后二"]


def test_real_answers_become_questions_that_the_bench_reads(
    examples_home: Path, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assistant = Assistant(SearchIndex.open(examples_home, encoder))
    conversations, feedback = Conversations(tmp_path), FeedbackStore(tmp_path)

    def turn(question: str, conversation: str | None = None) -> int:
        begun = conversations.begin(ANN, question, conversation=conversation)
        given: Answer = assistant.invoke(Ask(question))
        assert conversations.finish(begun.id, gather(given, assistant.index))
        return begun.id

    first = turn("纺机家属院没物业，一家一个月交多少钱？")
    feedback.give(ANN, first, UP)
    feedback.give(ANN, turn("有哪些社区办了老年食堂？", conversations.turn(ANN, first).conversation), DOWN)
    feedback.give(ANN, turn(f"明天天气怎么样 {HOSTILE} \x1b[31m"), Feedback(Verdict.UP, comment="\x1b[31m红"))
    monkeypatch.setenv("LINJIAN_HOME", str(tmp_path))
    out = tmp_path / "questions.jsonl"
    assert app.main(["feedback", "export", "--out", str(out)]) == 0
    assert "3 questions" in capsys.readouterr().out
    suite = read_pages("feedback", out, EXAMPLES)  # raises when a quote does not stand in its page
    assert [case.answerable for case in suite.cases] == [True, True, False]
    assert all(case.evidence for case in suite.cases[:2])
    assert suite.cases[1].history[0].question == "纺机家属院没物业，一家一个月交多少钱？"
    assert app.main(["feedback", "list"]) == 0
    printed = capsys.readouterr().out
    assert "3 in all" in printed
    assert "missed_case" in printed
    assert "\x1b" not in printed


def test_export_names_a_file_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LINJIAN_HOME", str(tmp_path))
    assert app.main(["feedback", "export", "--out", str(tmp_path / "no" / "such.jsonl")]) == 1
    assert "such.jsonl" in capsys.readouterr().err
    assert app.main(["feedback", "export", "--out", str(tmp_path / "none.jsonl")]) == 0
    assert json.loads((tmp_path / "none.jsonl").read_text() or "[]") == []
