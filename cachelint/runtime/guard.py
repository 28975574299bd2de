"""Keeps our own mistakes from the user's program: they are logged once, counted, and go no further."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_logger = logging.getLogger("cachelint")
_warned = False


@contextmanager
def guarded() -> Iterator[None]:
    """Swallows any Exception raised inside. The first is a warning, all have their traceback at level DEBUG."""
    try:
        yield
    except Exception as error:
        report(error)


def report(error: Exception) -> None:
    """Says that something of ours failed. Never raises."""
    global _warned
    try:
        _logger.debug("cachelint failed", exc_info=error)
        if not _warned:
            _warned = True
            _logger.warning(
                "cachelint failed to record a response (%s: %s). Your program goes on; please report this. "
                "Further failures are logged at level DEBUG.",
                type(error).__name__,
                error,
            )
    except Exception:
        return
