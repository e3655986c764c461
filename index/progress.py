"""How long work is shown on the command line: a bar on a terminal, a line in a log file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # takes longer to import than most commands run
    from tqdm import tqdm


class Bar:
    """Progress on stderr; call it with what is being done, how much of it is done, and the total.

    A terminal shows a bar; a log file gets one line for each thing that is begun.
    """

    def __init__(self) -> None:
        self._bar: tqdm | None = None
        self._what = ""

    def __call__(self, what: str, done: float, total: float) -> None:
        if self._what != what:
            self.close()
            self._what = what
            if sys.stderr.isatty():
                from tqdm import tqdm

                form = "{desc} {percentage:3.0f}%|{bar}|"
                self._bar = tqdm(desc=what, total=total, leave=False, bar_format=form)
            else:
                print(what, file=sys.stderr)
        if self._bar is not None:
            self._bar.total = total
            self._bar.update(done - self._bar.n)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def pace() -> float:
    """Return the seconds between two states of a long progress bar: a log file needs fewer of them."""
    return 0.1 if sys.stderr.isatty() else 10
