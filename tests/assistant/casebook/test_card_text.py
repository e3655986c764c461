"""What a card tells. Run: python -m pytest -q tests/assistant/casebook/test_card_text.py"""

import pytest

from assistant.casebook.card_text import FOLDED, Told, documented, figures, folded, has_figure, whole
from index.types import CaseSentence, Sentence, SentenceRole

NEED, DONE, RESULT = SentenceRole.PROBLEM, SentenceRole.MEASURE, SentenceRole.RESULT


def sentences(*told: tuple[SentenceRole, str]) -> list[CaseSentence]:
    return [CaseSentence("p", Sentence(((n, n + 1),), text), role) for n, (role, text) in enumerate(told)]


def test_need_measures_results_in_this_order_and_each_in_the_order_of_print() -> None:
    told = sentences((RESULT, "成了。"), (DONE, "先做。"), (NEED, "难。"), (DONE, "再做。"), (SentenceRole.VOICE, "“好！”"))
    assert [one.text for one in whole(told)] == ["难。", "先做。", "再做。", "成了。"]


def test_folded_is_one_sentence_of_each_word_for_word_and_of_results_the_one_with_a_figure() -> None:
    told = sentences((NEED, "难。"), (NEED, "更难。"), (DONE, "先做。"), (RESULT, "大家都说好。"), (RESULT, "收缴率升到95%。"))
    assert folded(told) == [Told(NEED, "难。"), Told(DONE, "先做。"), Told(RESULT, "收缴率升到95%。")]


def test_what_a_short_sentence_leaves_is_for_the_longer_ones() -> None:
    long, longer = "做" * 120, "果" * 400
    short = folded(sentences((NEED, "难。"), (DONE, long), (RESULT, longer)))
    assert [one.is_cut for one in short] == [False, True, True]
    assert sum(len(one.text) for one in short) <= FOLDED
    assert all(full.startswith(one.text) for one, full in zip(short, ["难。", long, longer], strict=True))
    assert not any(one.is_cut for one in folded(sentences((NEED, "难。"), (DONE, long))))


def test_a_case_without_need_or_result_tells_what_it_has() -> None:
    assert folded(sentences((DONE, "做了。"))) == [Told(DONE, "做了。")]
    assert folded([]) == whole([]) == []


@pytest.mark.parametrize(("text", "bold"), [
    ("来吃饭的老人从30人增加到146人。", ["30人", "146人"]),
    ("收缴率升到九成五。", ["九成五"]),
    ("2024年5月起再没有投诉。", []),
    ("每天上午9点开门。", []),
    ("大家都说好。", []),
    ("", []),
])
def test_figures_are_numbers_that_are_no_dates(text: str, bold: list[str]) -> None:
    pieces = list(figures(text))
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, is_figure in pieces if is_figure] == bold
    assert has_figure(text) == bool(bold)


@pytest.mark.parametrize(("told", "count"), [
    ([(NEED, "难。"), (DONE, "做。"), (RESULT, "省了300元。")], 4),
    ([(NEED, "有300户。"), (DONE, "做。"), (RESULT, "好。")], 3),
    ([(DONE, "花了300元。")], 1),
    ([(DONE, "做。"), (DONE, "再做。")], 1),
])
def test_how_well_a_case_is_documented(told: list[tuple[SentenceRole, str]], count: int) -> None:
    assert documented(sentences(*told)) == count
