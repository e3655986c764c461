"""A drop folder: what is put into it is added to the index as soon as it is written to its end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

import watchfiles

from index.errors import FileError, IndexLocked, ReadError
from index.files.discover import FoundPage, find_files
from index.files.load import SUFFIXES, UNSUPPORTED
from index.files.sidecar import FOLDER_FILES
from index.ingest.corpus import Corpus
from index.ingest.import_report import Outcome, deleted, is_gone
from index.messages import FileProblem, Message

SETTLED = 1.0
"""Seconds for which a file must not change before it is read: one that is still being copied waits."""

Report = Callable[[Sequence[Outcome]], None]


def watch_folder(corpus: Corpus, folder: Path, report: Report, *, mirror: bool = False, stop: Event | None = None) -> None:
    """Add the files of `folder`, then whatever changes there, until `stop` is set or Ctrl-C is pressed.

    A file deleted there is reported ("deleted", still indexed) or, with `mirror`, removed ("removed"). ReadError when the
    folder itself goes: that is a drive unplugged rather than every page deleted.
    """
    drop = _Drop(corpus, folder.resolve(), report, mirror)
    changes = watchfiles.watch(drop.folder, watch_filter=None, stop_event=stop, step=100, debounce=round(SETTLED * 1000),
                               rust_timeout=round(SETTLED * 1000), yield_on_timeout=True)
    for n, changed in enumerate(changes):
        # The first look comes when the watch has begun: what arrived before is in it, what arrives later is a change.
        drop.look([drop.folder] if n == 0 else [Path(path) for _, path in changed])


class _Drop:
    """What is known of the folder: what waits to be read, and what was said of deleted files."""

    def __init__(self, corpus: Corpus, folder: Path, report: Report, mirror: bool) -> None:
        self.folder = folder
        self._corpus, self._report, self._mirror = corpus, report, mirror
        self._waiting: dict[Path, tuple[tuple[int, int], float]] = {}
        self._deleted: set[str] = set()
        self._locked = self._unsettled = False

    def look(self, changed: Sequence[Path]) -> None:
        """Take note of what changed and do what is due; without changes, only what has waited."""
        if not self.folder.is_dir():
            raise ReadError(f"The folder {str(self.folder)!r} is gone. Nothing was removed from the index.")
        if not changed and not self._waiting and not self._unsettled:
            return
        now, there = time.monotonic(), self._there()
        for path in there:
            if path not in self._waiting and any(path == one or one in path.parents for one in changed):
                self._waiting[path] = _state(path), now
        settled = []
        for path, (state, since) in list(self._waiting.items()):
            if path not in there:
                del self._waiting[path]
            elif _state(path) != state:
                self._waiting[path] = _state(path), now
            elif now - since >= SETTLED:
                settled.append(path)
        try:
            if settled:
                outcomes = self._corpus.add_files(self._pages(settled))
                for path in settled:
                    del self._waiting[path]
                self._report([outcome for outcome in outcomes if outcome.status != "unchanged"])
            # A program that saves a file may delete it first: what is gone must stay away for a moment.
            if self._unsettled:
                self._apply_deletions(there)
            self._unsettled = bool(changed)
            self._locked = False
        except IndexLocked:
            if not self._locked:
                self._report([Outcome(file=str(self.folder), status="waiting", message=Message(FileProblem.BUSY, {}))])
            self._locked = self._unsettled = True

    def _apply_deletions(self, there: set[Path]) -> None:
        gone = {row.file for row in self._corpus.files() if Path(row.on_disk).is_relative_to(self.folder)
                and Path(row.on_disk) not in there and is_gone(row.on_disk)}
        self._deleted &= gone
        new = sorted(gone - self._deleted)
        if new and self._mirror:
            self._report(self._corpus.remove(*new))
        elif new:
            self._deleted |= gone
            self._report([deleted(file) for file in new])

    def _there(self) -> set[Path]:
        """Return the files of the folder that may be pages or say something about pages, without opening any."""
        kinds = {*SUFFIXES, *UNSUPPORTED, ".toml"}
        return {Path(folder, name) for folder, _, names in os.walk(self.folder) for name in names
                if Path(name).suffix.lower() in kinds and not name.startswith((".", "~$"))}

    def _pages(self, settled: Sequence[Path]) -> list[FoundPage]:
        """Return the pages in the files that settled, and those that the metadata among these may speak of."""
        told = {path.parent for path in settled if path.suffix.lower() == ".toml" or path.name in FOLDER_FILES}
        chosen, around = set(settled), {folder for path in settled for folder in path.parents}
        try:
            found = find_files(self.folder)
        except FileError:  # it holds none
            return []
        return [page for page in found if page.path in chosen or not told.isdisjoint(page.path.parents)
                or page.path.name in FOLDER_FILES and page.path.parent in around]


def _state(path: Path) -> tuple[int, int]:
    """Return size and time of change; of a file that has just gone, what no file has."""
    try:
        stat = path.stat()
    except OSError:
        return -1, -1
    return stat.st_size, stat.st_mtime_ns
