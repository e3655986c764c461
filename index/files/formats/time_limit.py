"""How long one file may keep the machine busy: one made to be slow ends in a clear line, not in a busy worker."""

from __future__ import annotations

import time

from index.errors import FileError
from index.messages import FileProblem

SECONDS = 60.0


class TimeLimit:
    """Counts the processor time of its thread, so that a busy machine makes no file slow."""

    def __init__(self, file: str) -> None:
        self._file, self._began = file, time.thread_time()

    def check(self) -> None:
        """Raise FileError when the time is over."""
        if time.thread_time() - self._began > SECONDS:
            raise FileError(FileProblem.TOO_SLOW, file=self._file, limit=SECONDS)
