"""Keeps our own mistakes from the user's program: they are logged once, counted, and go no further.

Only the kind of a mistake and its place are told: the message of an exception may quote a prompt.
"""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

_logger = logging.getLogger("cachelint")
_warned = False


@contextmanager
def guarded() -> Iterator[None]:
    """Swallows any Exception raised inside. The first is a warning, all have their lines of code at level DEBUG."""
    try:
        yield
    except Exception as error:
        report(error)


def report(error: Exception) -> None:
    """Says that something of ours failed. Never raises."""
    global _warned
    try:
        kind = type(error).__name__
        places = [f"{os.path.basename(file)}:{line}" for file, line, *_ in traceback.extract_tb(error.__traceback__)]
        _logger.debug("cachelint failed: %s at %s", kind, " > ".join(places))
        if not _warned:
            _warned = True
            _logger.warning(
                "cachelint failed to record a response (%s at %s). Your program goes on; please report this. "
                "Further failures are logged at level DEBUG.",
                kind,
                places[-1] if places else "an unknown place",
            )
    except Exception:
        return
