"""The line that questions wait in. Run: python -m pytest -q tests/test_line.py"""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from assistant.web.line import Line


@given(st.integers(1, 3), st.integers(0, 8), st.data())
def test_the_first_are_served_and_the_others_count_down_in_order(places: int, size: int, data: st.DataObject) -> None:
    async def run() -> None:
        line, served, told = Line(places), [], {n: [] for n in range(size)}

        async def wait(n: int, ticket: object) -> None:
            async for count in line.ahead(ticket):
                told[n].append(count)
            served.append(n)

        tickets = {n: line.join() for n in range(size)}
        waiting = [asyncio.create_task(wait(n, ticket)) for n, ticket in tickets.items()]
        await asyncio.sleep(0)
        assert line.waiting == max(0, size - places)
        left: list[int] = []
        while len(left) < size:
            for _ in range(3):
                await asyncio.sleep(0)
            assert sorted(served) == sorted(list(range(size))[: len(served)])
            gone = data.draw(st.sampled_from([n for n in served if n not in left]))
            line.leave(tickets[gone])
            left.append(gone)
        await asyncio.gather(*waiting)
        for n in range(size):
            assert told[n] == sorted(told[n], reverse=True)
            assert told[n][:1] == ([n - places + 1] if n >= places else [])

    asyncio.run(run())


def test_one_who_gives_up_lets_the_others_pass() -> None:
    async def run() -> None:
        line = Line(1)
        first, second, third = line.join(), line.join(), line.join()
        counts = line.ahead(third)
        assert await anext(counts) == 2
        line.leave(second)
        assert await anext(counts) == 1
        line.leave(first)
        assert [count async for count in counts] == []
        assert line.waiting == 0

    asyncio.run(run())
