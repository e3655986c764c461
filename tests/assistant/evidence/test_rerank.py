"""Reading again: what is read within the budget, and what its scores become."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evidence.latency_budget import LatencyBudget
from assistant.evidence.rerank import choose_windows, ranked, rerank, rerank_all, was_reranked
from assistant.evidence.reranker import FAMILY, Text, TextScores
from tests.fakes.made_answers import ONLY_READ, PLAN, best_first, found, scored

BUDGET = PLAN.budget


class WordReranker:
    """Takes a sentence for evidence that holds a word; remembers what it was given."""

    family = FAMILY

    name = "word"

    def __init__(self, word: str) -> None:
        self.word, self.given = word, []

    def read(self, question: str, texts: Sequence[Text]) -> list[TextScores]:
        self.given += texts
        return [TextScores(answerable=1.0, evidence=tuple(5.0 if self.word in s else -5.0 for s in t.sentences),
                        spans=tuple((1.0, 0, 1) for _ in t.sentences)) for t in texts]


def test_the_reranker_decides_the_order() -> None:
    evidence = best_first(scored(found("甲说食堂。", "乙说价格。", "丙说时间。"), 0.9, 0.5, 0.1))
    read = rerank("问", evidence, WordReranker("时间"), ONLY_READ, PLAN, BUDGET)
    assert [e.sentence.text for e in read] == ["丙说时间。", "甲说食堂。", "乙说价格。"]
    assert read[0].reading.logit == 1.0
    assert read[1].reading.logit_behind == -2.0
    assert read[0].first_score == 0.1
    assert {e.reading.span for e in read} == {(1.0, 0, 1)}


def test_what_does_not_fit_the_budget_is_not_read() -> None:
    evidence = best_first(*(scored(found("长" * 129 + "。", file=f"{i}.txt"), 1 - i / 100) for i in range(60)))
    reranker = WordReranker("长")
    read = rerank("问", evidence, reranker, ONLY_READ, PLAN, BUDGET)
    assert sum(len(s) for text in reranker.given for s in text.sentences) <= BUDGET
    unread = [e for e in read if e.reading.span is None]
    assert 0 < len(unread) < 60
    assert {e.reading.logit for e in unread} == {-1.5}
    assert all(e.score > read[-1].score for e in read if e.reading.span)


def test_a_sentence_longer_than_the_budget_is_read_alone() -> None:
    evidence = scored(found("长" * (BUDGET + 1)), 0.9)
    assert len(choose_windows(evidence, BUDGET, PLAN.window)) == 1


@given(st.lists(st.lists(st.integers(1, 200), min_size=1, max_size=8), min_size=1, max_size=12), st.randoms())
@settings(max_examples=60, deadline=None)
def test_windows_hold_whole_sentences_the_best_first(passages: list[list[int]], chance: object) -> None:
    groups = [scored(found(*("字" * n for n in sizes), file=f"{i}.txt"), *(chance.random() for _ in sizes))
              for i, sizes in enumerate(passages)]
    evidence = best_first(*groups)
    windows = choose_windows(evidence, BUDGET, PLAN.window)
    assert windows[0].passage.id == evidence[0].passage.id
    for w in windows:
        assert 0 <= w.first < w.end <= len(w.passage.sentences)
    total = sum(len(s.text) for w in windows for s in w.passage.sentences[w.first:w.end])
    assert total <= BUDGET or len(windows) == 1


def test_nothing_read_is_nothing_changed_in_number() -> None:
    evidence = scored(found("甲。", "乙。"), 0.2, 0.1)
    assert sorted(e.sentence.text for e in rerank("问", evidence, WordReranker("丁"), ONLY_READ, PLAN, BUDGET)) == ["乙。", "甲。"]


def test_passages_follow_what_was_read_in_them() -> None:
    first, second = found("甲说食堂。", file="1.txt", score=0.9), found("丙说时间。", file="2.txt", score=0.8)
    read = rerank("问", best_first(scored(first, 0.9), scored(second, 0.1)), WordReranker("时间"), ONLY_READ, PLAN, BUDGET)
    order = ranked([first, second], read, PLAN)
    assert [r.passage.id for r in order] == ["2.txt/0", "1.txt/0"]
    assert all(0 <= r.score <= 1 for r in order)


def test_the_place_is_read_with_the_headline() -> None:
    reranker = WordReranker("食堂")
    rerank("问", scored(found("甲说食堂。", title="开张", chain=("东湖市", "和顺社区")), 0.9), reranker, ONLY_READ, PLAN, BUDGET)
    assert [(t.place, t.heading) for t in reranker.given] == [("东湖市和顺社区", "开张")]


def test_a_turn_is_shared_by_the_places_of_a_comparison() -> None:
    """With half the budget left, each of two rounds reads half of what it would."""
    groups = [best_first(*(scored(found("长" * 99 + "。", file=f"{k}{i}.txt"), 1 - i / 100) for i in range(40))) for k in "ab"]
    latency_budget, reranker = LatencyBudget(1000), WordReranker("长")
    latency_budget.cost = 1000 / BUDGET
    read = rerank_all([("问", groups[0]), ("问", []), ("问", groups[1])], reranker, ONLY_READ, PLAN, latency_budget, BUDGET)
    characters = sum(len(s) for text in reranker.given for s in text.sentences)
    assert 0.7 * BUDGET < characters <= BUDGET
    assert [was_reranked(rows) for rows in read] == [True, False, True]


@pytest.mark.parametrize("budget", [BUDGET, 4 * BUDGET])
def test_a_question_reads_as_much_as_its_budget(budget: int) -> None:
    evidence = best_first(*(scored(found("长" * 49 + "。", file=f"{i}.txt"), 1 - i / 100) for i in range(90)))
    reranker = WordReranker("长")
    rerank_all([("问", evidence)], reranker, ONLY_READ, PLAN, LatencyBudget(math.inf), budget)
    assert budget - 60 <= sum(len(part) for text in reranker.given for part in (text.heading, *text.sentences)) <= budget


def test_without_time_nothing_changes() -> None:
    evidence, reranker = scored(found("甲。", "乙。"), 0.2, 0.1), WordReranker("甲")
    assert rerank_all([("问", evidence)], reranker, ONLY_READ, PLAN, LatencyBudget(0), BUDGET) == [evidence]
    assert not reranker.given
