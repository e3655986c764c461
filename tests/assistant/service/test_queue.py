"""The queue: never more are served than it says, none is lost, first come first served, and who waits knows it.

Run: python -m pytest -q tests/assistant/service/test_queue.py
"""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.service.queue import Busy, Queue


async def turns(rounds: int = 6) -> None:
    """Let every task that can go on go on."""
    for _ in range(rounds):
        await asyncio.sleep(0)


@pytest.mark.parametrize("seed", range(20))
def test_no_place_is_lost_or_doubled_when_askers_leave_the_queue(seed: int) -> None:
    chance, queue, most = random.Random(seed), Queue(3, longest=40), 0

    async def asker(*, patient: bool) -> None:
        nonlocal most
        place = await queue.enter((lambda _: None) if patient else None)
        most = max(most, queue.served)
        try:
            await asyncio.sleep(0)
        finally:
            queue.leave(place)

    async def scene() -> None:
        serving = [await queue.enter() for _ in range(3)]
        waiting = [asyncio.create_task(asker(patient=chance.random() < 0.5)) for _ in range(40)]
        await turns(1)
        assert queue.waiting == 40
        for step in chance.sample([*serving, *chance.sample(waiting, 20)], 23):  # in any order
            step.cancel() if isinstance(step, asyncio.Task) else queue.leave(step)
            if chance.random() < 0.3:
                await asyncio.sleep(0)
        await asyncio.gather(*waiting, return_exceptions=True)
        assert (queue.served, queue.waiting, most) == (0, 0, 3)

    asyncio.run(scene())


@given(st.integers(1, 3), st.integers(0, 8), st.data())
def test_the_first_are_served_and_the_others_count_down_in_order(at_once: int, size: int, data: st.DataObject) -> None:
    async def scene() -> None:
        queue, served, told = Queue(at_once), {}, {n: [] for n in range(size)}

        async def wait(n: int) -> None:
            served[n] = await queue.enter(told[n].append)

        waiting = [asyncio.create_task(wait(n)) for n in range(size)]
        await turns()
        assert queue.waiting == max(0, size - at_once)
        left: list[int] = []
        while len(left) < size:
            await turns()
            assert sorted(served) == list(range(len(served)))
            assert len(served) - len(left) == min(at_once, size - len(left))
            gone = data.draw(st.sampled_from([n for n in served if n not in left]))
            queue.leave(served[gone])
            left.append(gone)
        await asyncio.gather(*waiting)
        for n in range(size):
            assert told[n] == list(range(n - at_once + 1, 0, -1))

    asyncio.run(scene())


def test_one_who_gives_up_lets_the_others_pass() -> None:
    async def scene() -> None:
        queue, told = Queue(1), []
        first = await queue.enter()
        second = asyncio.create_task(queue.enter(lambda _: None))
        await turns()
        third = asyncio.create_task(queue.enter(told.append))
        await turns()
        second.cancel()
        await turns()
        queue.leave(first)
        queue.leave(await third)
        assert (told, queue.served, queue.waiting) == ([2, 1], 0, 0)

    asyncio.run(scene())


def test_those_who_cannot_see_the_queue_wait_in_a_short_one_and_not_for_long() -> None:
    async def scene() -> None:
        queue = Queue(1, longest=2, patience=0.05)
        serving = await queue.enter()
        blind = [asyncio.create_task(queue.enter()) for _ in range(2)]
        await turns()
        with pytest.raises(Busy, match="again in 5 seconds"):
            await queue.enter()
        seeing = asyncio.create_task(queue.enter(lambda _: None))
        assert all(isinstance(one, Busy) for one in await asyncio.gather(*blind, return_exceptions=True))
        assert not seeing.done()
        queue.leave(serving)
        queue.leave(await seeing)
        assert (queue.served, queue.waiting) == (0, 0)

    asyncio.run(scene())
