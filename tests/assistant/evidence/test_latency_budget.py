"""The reranker's time budget: what is promised, what is learnt, and that nobody waits longer than the budget."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evidence.latency_budget import LatencyBudget


def read(latency_budget: LatencyBudget, characters: int = 1000, seconds: float = 0.0) -> int:
    with latency_budget.turn(characters) as grant:
        grant.read = grant.characters
        if grant.characters:
            threading.Event().wait(seconds)
    return grant.characters


@pytest.mark.parametrize(("cost", "granted"), [(0.0, 1000), (0.4, 1000), (0.41, 500), (0.8, 500), (1.6, 250), (1.7, 0)])
def test_what_fits_is_read(cost: float, granted: int) -> None:
    latency_budget = LatencyBudget(400)
    latency_budget.cost = cost
    assert read(latency_budget) == granted


def test_nothing_is_read_without_a_budget() -> None:
    assert read(LatencyBudget(0)) == 0


def test_the_cost_is_learnt() -> None:
    latency_budget = LatencyBudget(10_000)
    started = time.perf_counter()
    read(latency_budget, seconds=0.05)
    assert 0.05 <= latency_budget.cost <= time.perf_counter() - started  # ms for each of 1,000 characters
    first = latency_budget.cost
    read(latency_budget)
    assert latency_budget.cost < first


def test_one_slow_reading_is_not_held_against_it_for_ever() -> None:
    latency_budget = LatencyBudget(100)
    latency_budget.cost = 1.0
    assert [read(latency_budget) for _ in range(12)].count(0) < 12


def test_a_failure_frees_its_promise() -> None:
    latency_budget = LatencyBudget(400)
    latency_budget.cost = 0.4
    with pytest.raises(ZeroDivisionError), latency_budget.turn(1000):
        raise ZeroDivisionError
    assert read(latency_budget) == 1000


@given(st.floats(1, 1e5), st.floats(1e-4, 10), st.lists(st.integers(1, 10_000), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_promises_keep_within_the_budget(budget: float, cost: float, wishes: list[int]) -> None:
    latency_budget, promised = LatencyBudget(budget), 0.0
    latency_budget.cost = cost
    for wish in wishes:
        grant, promise = latency_budget._promise(wish)
        assert grant.characters <= wish
        promised += promise
    assert promised <= budget * (1 + 1e-9)


def test_twenty_at_once_wait_no_longer_than_the_budget() -> None:
    """Each reads for 400 ms in full; a budget of 1 s lets two or three read, the others go on at once."""
    latency_budget = LatencyBudget(1000)
    latency_budget.cost = 0.4

    def timed(_: int) -> tuple[float, int]:
        started = time.perf_counter()
        granted = read(latency_budget, seconds=0.4)
        return time.perf_counter() - started, granted

    with ThreadPoolExecutor(20) as pool:
        spent = list(pool.map(timed, range(20)))
    # five times the budget, for machines are busy; all twenty would take eight seconds
    assert max(seconds for seconds, _ in spent) < 5
    assert 2 <= sum(granted > 0 for _, granted in spent) < 20
