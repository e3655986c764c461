"""Slots: never more than there are, none lost, first come first served. Run: python -m pytest -q tests/test_slots.py"""

import asyncio
import random
import threading

import pytest

from assistant.slots import Busy, Slots


@pytest.mark.parametrize("seed", range(20))
def test_no_slot_is_lost_or_doubled_when_askers_leave_the_line(seed: int) -> None:
    chance, slots = random.Random(seed), Slots(3, line=40)

    async def run() -> None:
        for _ in range(3):
            await slots.take()
        waiting = [asyncio.create_task(slots.take(5)) for _ in range(40)]
        await asyncio.sleep(0)
        back = [threading.Thread(target=slots.give_back) for _ in range(3)]
        leaving = chance.sample(waiting, 20)
        for step in chance.sample([*back, *leaving], 23):  # leaving and coming to one's turn happen in any order
            step.start() if isinstance(step, threading.Thread) else step.cancel()
        for thread in back:
            thread.join()
        for task in waiting:
            try:
                await task
            except asyncio.CancelledError:
                continue
            slots.give_back()

    asyncio.run(run())
    assert slots.free == 3


def test_the_line_is_served_in_order_and_is_only_so_long() -> None:
    async def run() -> None:
        slots, served = Slots(1, line=2), []

        async def asker(name: int) -> None:
            await slots.take()
            served.append(name)
            slots.give_back()

        await slots.take()
        tasks = [asyncio.create_task(asker(n)) for n in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Busy, match="again"):
            await slots.take()
        slots.give_back()
        await asyncio.gather(*tasks)
        assert (served, slots.free) == ([0, 1], 1)

    asyncio.run(run())


def test_a_thread_waits_in_the_same_line() -> None:
    slots, held, go = Slots(1, line=1), threading.Event(), threading.Event()

    def chat() -> None:
        with slots.hold():
            held.set()
            go.wait(10)

    async def run() -> None:
        thread = threading.Thread(target=chat)
        thread.start()
        await asyncio.to_thread(held.wait, 10)
        with pytest.raises(Busy):
            await slots.take(0.01)
        go.set()
        await slots.take(10)
        thread.join()
        with pytest.raises(Busy), slots.hold(0.01):
            raise AssertionError("there is no slot")
        slots.give_back()
        assert slots.free == 1

    asyncio.run(run())
