"""The time by which simulated cache entries expire: real, or moved by hand."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the time in seconds since the epoch."""

    def now(self) -> float:
        """Seconds since the epoch."""


class SystemClock:
    """The computer's own clock."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()


class ManualClock:
    """A clock that stands still until it is moved, so that a test can let an hour pass in no time."""

    def __init__(self, start: float = 1_795_392_000.0) -> None:
        """`start`: seconds since the epoch; by default 2026-11-23 00:00 UTC."""
        self._now = start

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        if seconds < 0:
            raise ValueError("time does not run backwards: advance() takes a positive number of seconds")
        self._now += seconds
