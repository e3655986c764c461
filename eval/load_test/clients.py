"""Ask a running server from many clients at once, and report how it held: `linjian eval load URL`.

Without --chat it asks POST /api/v1/ask; `--chat` holds conversations through the chat page's own interface and checks
that every answer belongs to its own question and conversation. Nothing but that server is talked to; run it against one
whose rate limit is off (LINJIAN_RATE_LIMIT=0), for all clients come from one address.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from eval.load_test.chat_clients import DISTINCT, conversation, converse

PATIENCE = 120.0
"""Seconds that one answer may take."""
HANG_UP = 0.3
"""Seconds after which a client hangs up that is to do so."""


@dataclass(slots=True)
class LoadTally:
    """What the clients saw. `statuses` counts replies by status ("error" where none came); times are in seconds."""

    statuses: Counter[str] = field(default_factory=Counter)
    accepted: list[float] = field(default_factory=list)
    without_retry_after: int = 0
    hung_up: int = 0
    wrong: list[str] = field(default_factory=list)
    unread: int = 0
    """Answers of the chat that were not read closely, because many waited."""

    def report(self) -> dict[str, object]:
        """Return the figures: what must not be, how long accepted answers took, and the share that was refused."""
        asked = sum(self.statuses.values())
        bad = sum(n for status, n in self.statuses.items() if status == "error" or status >= "500" and status != "503")
        return {
            "asked": asked, "statuses": dict(sorted(self.statuses.items())), "hung_up": self.hung_up,
            "server_errors": bad, "refused_without_retry_after": self.without_retry_after,
            "refused_share": round(self.statuses["503"] / asked, 3) if asked else 0.0,
            "p50": percentile(self.accepted, 50), "p95": percentile(self.accepted, 95), "wrong_answers": self.wrong[:5],
            "unread": self.unread,
        }


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the smallest value that at least `percent` of 100 are not above; None when there are none."""
    ordered = sorted(values)
    return round(ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)], 3) if ordered else None


async def ask_api(client: httpx.AsyncClient, questions: Sequence[str], until: float, tally: LoadTally, number: int, *,
                  leaves: bool) -> None:
    """Ask one question after the other until the clock says `until`; one that `leaves` hangs up every second time."""
    turn = number
    while time.monotonic() < until:
        question, turn = questions[turn % len(questions)], turn + 1
        begun = time.monotonic()
        leaving = leaves and turn % 2 == 0
        try:
            reply = await client.post("/api/v1/ask", json={"question": question}, timeout=HANG_UP if leaving else PATIENCE)
        except httpx.TimeoutException:
            if leaving:
                tally.hung_up += 1
            else:
                tally.statuses["error"] += 1
            continue
        except httpx.HTTPError:
            tally.statuses["error"] += 1
            continue
        tally.statuses[str(reply.status_code)] += 1
        if reply.status_code == 200:
            tally.accepted.append(time.monotonic() - begun)
            if reply.json()["question"] != question:
                tally.wrong.append(question)
        elif reply.status_code == 503:
            if "retry-after" not in reply.headers:
                tally.without_retry_after += 1
            # as a client should; an impatient one would only measure how fast the server says no
            await asyncio.sleep(min(float(reply.headers.get("retry-after", 1)), until - time.monotonic(), 5))


async def memory_of(client: httpx.AsyncClient) -> float:
    """Return the server's resident megabytes, 0 where its metrics do not tell."""
    text = (await client.get("/metrics", timeout=PATIENCE)).text
    line = next((row for row in text.splitlines() if row.startswith("process_resident_memory_bytes ")), " 0")
    return round(float(line.split()[1]) / 1e6, 1)


async def run_api(url: str, questions: Sequence[str], *, clients: int, seconds: float, warm: float,
                  leaving: int) -> dict[str, object]:
    """Ask with `clients` for `seconds` after `warm` seconds that are not counted; `leaving` of them hang up now and then."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, trust_env=False, limits=limits) as client:
        memory = []
        for length, tally in ((warm, LoadTally()), (seconds, LoadTally())):
            until = time.monotonic() + length
            await asyncio.gather(*(ask_api(client, questions, until, tally, n, leaves=n < leaving) for n in range(clients)))
            memory.append(await memory_of(client))
        begun = time.monotonic()  # every slot is free again when one question is answered at once
        after = await client.post("/api/v1/ask", json={"question": questions[0]}, timeout=PATIENCE)
        alone = [after.status_code, round(time.monotonic() - begun, 3)]
        return {**tally.report(), "memory_mb": memory, "alone_afterwards": alone}


async def run_chat(url: str, questions: Sequence[str], *, clients: int) -> dict[str, object]:
    """Let every client hold a conversation at the same time, after each different one was held alone."""
    tally = LoadTally()
    async with httpx.AsyncClient(base_url=url, trust_env=False, limits=httpx.Limits(max_connections=None)) as client:
        alone = [await converse(client, conversation(questions, n), PATIENCE) for n in range(min(DISTINCT, clients))]
        memory, begun = [await memory_of(client)], time.monotonic()
        talks = [converse(client, conversation(questions, n), PATIENCE, alone[n % DISTINCT].replies)
                 for n in range(clients)]
        for talk in await asyncio.gather(*talks):
            tally.statuses.update(talk.statuses)
            tally.accepted += talk.seconds
            tally.wrong += talk.wrong
            tally.unread += talk.unread
        seconds = round(time.monotonic() - begun, 1)
        tally.wrong += [wrong for talk in alone for wrong in talk.wrong]
        one = [taken for talk in alone for taken in talk.seconds]
        return {**tally.report(), "seconds": seconds, "memory_mb": [*memory, await memory_of(client)],
                "alone": {"p50": percentile(one, 50), "p95": percentile(one, 95)}}


def read_questions(path: Path) -> list[str]:
    """Return the questions of a JSON Lines file."""
    return [json.loads(line)["question"] for line in path.read_text("utf-8").splitlines() if line.strip()]
