"""How long a request may take to come, and how many connections there may be. Run: python -m pytest -q
tests/assistant/server/test_connections.py"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from assistant.server.connections import ConnectionLimits, OpenConnections, bounded_protocol, most_connections

PATIENCE = 0.4
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n"


async def read_and_wait(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body, takes longer than a client may, and answers with the body."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await asyncio.sleep(2 * PATIENCE)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


@dataclass(frozen=True)
class Client:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def sends(self, *pieces: bytes, pause: float = 0.0) -> bytes:
        """Send the pieces with pauses between; return what came back, up to the end or for a while, "" if cut off."""
        try:
            for piece in pieces:
                self.writer.write(piece)
                await self.writer.drain()
                await asyncio.sleep(pause)
            return await asyncio.wait_for(self.reader.read(1000), 6 * PATIENCE)
        except ConnectionError:
            return b""


def scene(act: Callable[[Callable[[], Awaitable[Client]]], Awaitable[None]], limits: ConnectionLimits) -> None:
    """Run `act` with a function that opens a connection to a server with these limits."""

    async def run() -> None:
        config, state = uvicorn.Config(read_and_wait, log_config=None, access_log=False), ServerState()
        config.load()
        protocol, loop = bounded_protocol(limits), asyncio.get_running_loop()
        server = await loop.create_server(lambda: protocol(config, state, {}), "127.0.0.1", 0)
        opened: list[Client] = []

        async def connect() -> Client:
            opened.append(Client(*await asyncio.open_connection(*server.sockets[0].getsockname())))
            return opened[-1]

        async with server:
            await act(connect)
            for client in opened:
                client.writer.close()
            await asyncio.gather(*(client.writer.wait_closed() for client in opened), return_exceptions=True)
            await asyncio.gather(*state.tasks)

    asyncio.run(run())


@pytest.mark.parametrize(("pieces", "pause", "answered"), [
    ((GET,), 0, True), ((POST, b"abc", b"def"), 0.1, True), ((POST + b"abcdef",), 0, True),
    ((GET[:9],), 0, False), ((b"",), 0, False), ((POST + b"abc",), 0, False), ((POST[:30], *[b"x"] * 10), 0.1, False),
    ((POST, b"abc", b"def"), 1.5 * PATIENCE, False),
], ids=["whole", "in pieces", "with its body", "half a head", "nothing", "half a body", "a head that trickles", "a late body"])
def test_a_request_has_to_come_in_time(pieces: tuple[bytes, ...], pause: float, answered: bool) -> None:
    async def act(connect: Callable[[], Awaitable[Client]]) -> None:
        said = await (await connect()).sends(*pieces, pause=pause)
        assert said.startswith(b"HTTP/1.1 200") is answered
        if not answered:
            assert said == b""

    scene(act, ConnectionLimits(8, patience=PATIENCE))


def test_each_request_of_a_connection_has_its_time_and_an_idle_one_is_kept() -> None:
    async def act(connect: Callable[[], Awaitable[Client]]) -> None:
        client = await connect()
        for _ in range(2):
            assert b"200" in await client.sends(GET)
            await asyncio.sleep(1.5 * PATIENCE)
        assert await client.sends(GET[:9]) == b""

    scene(act, ConnectionLimits(8, patience=PATIENCE))


def test_an_address_has_its_share_of_the_connections_and_a_proxy_has_all() -> None:
    async def act(connect: Callable[[], Awaitable[Client]]) -> None:
        first, second = await connect(), await connect()
        assert (await (await connect()).sends()).startswith(b"HTTP/1.1 503")
        first.writer.close()
        await first.writer.wait_closed()
        await asyncio.sleep(PATIENCE / 4)
        assert b"200" in await (await connect()).sends(GET)
        second.writer.close()

    scene(act, ConnectionLimits(8, patience=PATIENCE))
    opened = OpenConnections(ConnectionLimits(8, LOOPBACK))
    assert [opened.enter("127.0.0.1") for _ in range(7)] == [True] * 7
    assert [opened.enter("10.0.0.1"), opened.enter("10.0.0.2")] == [True, False], "in all there are eight"
    opened.leave("127.0.0.1")
    assert opened.enter("2001:db8::1")


def test_half_of_the_file_handles_are_for_connections() -> None:
    assert 4 <= most_connections() <= 4096
