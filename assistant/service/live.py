"""The assistant follows the index: a version published while the server runs is answered from without a restart."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import watchfiles

from assistant.assistant import Assistant
from index.errors import LinjianError
from index.search.versions import current

LOOK_AGAIN = 5_000
"""Milliseconds after which the index is looked at without a notice: some network drives give none."""

logger = logging.getLogger(__name__)


class Live:
    """Holds the assistant over the newest version that could be opened: `current`.

    A new one is opened beside the one in use and takes its place at once. One that cannot be opened is logged, and the one
    in use stays.
    """

    def __init__(self, home: Path, build: Callable[[], Assistant]) -> None:
        self._home, self._build = home, build
        self._now = build()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="follow-index", daemon=True)

    def __enter__(self) -> Live:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def current(self) -> Assistant:
        """Return the assistant that answers now: its answers and its index are of one version."""
        return self._now

    def refresh(self) -> bool:
        """Take over a version published since; tell whether there was one."""
        if current(self._home).name == self._now.index.version:
            return False
        self._now = self._build()
        logger.info("answering from index version %s", self._now.index.version)
        return True

    def _follow(self) -> None:
        for _ in watchfiles.watch(self._home, recursive=False, stop_event=self._stop, step=20, debounce=500,
                                  watch_filter=lambda _, path: Path(path).name == "current",
                                  rust_timeout=LOOK_AGAIN, yield_on_timeout=True):
            try:
                self.refresh()
            except LinjianError as error:
                logger.warning("the new index version is not used: %s", error)
            except Exception:
                # A bug, told in full; without this thread the server would never see another version.
                logger.exception("the new index version is not used")
