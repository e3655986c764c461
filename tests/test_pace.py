"""The reader's time budget: what is promised, what is learnt, and that nobody waits longer than the budget."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.pace import Pace


def read(pace: Pace, characters: int = 1000, seconds: float = 0.0) -> int:
    with pace.turn(characters) as grant:
        grant.read = grant.characters
        if grant.characters:
            threading.Event().wait(seconds)
    return grant.characters


@pytest.mark.parametrize(("cost", "granted"), [(0.0, 1000), (0.4, 1000), (0.41, 500), (0.8, 500), (1.6, 250), (1.7, 0)])
def test_what_fits_is_read(cost: float, granted: int) -> None:
    pace = Pace(400)
    pace.cost = cost
    assert read(pace) == granted


def test_nothing_is_read_without_a_budget() -> None:
    assert read(Pace(0)) == 0


def test_the_cost_is_learnt() -> None:
    pace = Pace(10_000)
    started = time.perf_counter()
    read(pace, seconds=0.05)
    assert 0.05 <= pace.cost <= time.perf_counter() - started  # ms for each of 1,000 characters
    first = pace.cost
    read(pace)
    assert pace.cost < first


def test_one_slow_reading_is_not_held_against_it_for_ever() -> None:
    pace = Pace(100)
    pace.cost = 1.0
    assert [read(pace) for _ in range(12)].count(0) < 12


def test_a_failure_frees_its_promise() -> None:
    pace = Pace(400)
    pace.cost = 0.4
    with pytest.raises(ZeroDivisionError), pace.turn(1000):
        raise ZeroDivisionError
    assert read(pace) == 1000


@given(st.floats(1, 1e5), st.floats(1e-4, 10), st.lists(st.integers(1, 10_000), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_promises_keep_within_the_budget(budget: float, cost: float, wishes: list[int]) -> None:
    pace, promised = Pace(budget), 0.0
    pace.cost = cost
    for wish in wishes:
        grant, promise = pace._promise(wish)
        assert grant.characters <= wish
        promised += promise
    assert promised <= budget * (1 + 1e-9)


def test_twenty_at_once_wait_no_longer_than_the_budget() -> None:
    """Each reads for 400 ms in full; a budget of 1 s lets two or three read, the others go on at once."""
    pace = Pace(1000)
    pace.cost = 0.4

    def timed(_: int) -> tuple[float, int]:
        started = time.perf_counter()
        granted = read(pace, seconds=0.4)
        return time.perf_counter() - started, granted

    with ThreadPoolExecutor(20) as pool:
        spent = list(pool.map(timed, range(20)))
    assert max(seconds for seconds, _ in spent) < 5  # five times the budget, for machines are busy; all twenty would take eight seconds
    assert 2 <= sum(granted > 0 for _, granted in spent) < 20
