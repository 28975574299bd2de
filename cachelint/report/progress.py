"""A line on standard error that says what is being done, once it has taken longer than a second."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE = 1.0
_REFRESH = 0.25
_CLEAR = "\r\x1b[K"


@contextmanager
def show_progress(title: str) -> Iterator[Callable[[str], None]]:
    """Yield a function that is told of each stage; shows nothing unless standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    line = _ProgressLine(title)
    try:
        yield line.say
    finally:
        line.stop()


class _ProgressLine:
    """Rewrites one line from a thread of its own, as a query blocks the thread that runs it."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._stage = ""
        self._started = time.monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._refresh, daemon=True)
        self._thread.start()

    def say(self, stage: str) -> None:
        self._stage = stage

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _refresh(self) -> None:
        if self._done.wait(_PATIENCE):
            return
        while not self._done.wait(_REFRESH):
            sys.stderr.write(f"{_CLEAR}{self._title}: {self._stage} … {time.monotonic() - self._started:.0f} s")
            sys.stderr.flush()
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()
