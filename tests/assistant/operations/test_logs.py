"""What repeats itself in the log is limited. Run: python -m pytest -q tests/assistant/operations/test_logs.py"""

import logging

from assistant.operations.logs import BURST, FIELDS, WINDOW, Repeats


def test_like_lines_are_limited_and_counted() -> None:
    now = 0.0
    repeats = Repeats(lambda: now)

    def told(message: str, *values: object, name: str = "asyncio", **more: object) -> str | None:
        record = logging.makeLogRecord({"name": name, "levelno": logging.ERROR, "msg": message, "args": values, **more})
        return record.getMessage() if repeats.filter(record) else None

    passed = [told("no handle is left\nsocket: %s", n) for n in range(BURST + 500)]
    assert passed == [f"no handle is left\nsocket: {n}" for n in range(BURST)] + [None] * 500
    assert told("no handle is left", name="other") == "no handle is left"
    assert all(told("request", **{FIELDS: {"path": "/"}}) for _ in range(2 * BURST)), "each request is a line"
    now = WINDOW
    assert told("no handle is left\nsocket: %s", 7) == "no handle is left\nsocket: 7 (500 lines like this were not written)"
    assert told("no handle is left\nsocket: %s", 8) == "no handle is left\nsocket: 8"
    assert len([n for n in range(5000) if told(f"{n} is new")]) == 5000
    assert len(repeats._seen) <= 1000
