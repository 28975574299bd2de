"""What a user can choose about the shim, by argument or by environment variable."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal, get_args

Capture = Literal["none", "excerpt"]

CAPTURE_VARIABLE = "CACHELINT_CAPTURE"
DIAGNOSTICS_VARIABLE = "CACHELINT_DIAGNOSTICS"
MAX_BYTES_VARIABLE = "CACHELINT_LOG_MAX_BYTES"

_TRUE = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True)
class Options:
    """The choices. Arguments that are None come from the environment."""

    log: str | None = None
    """A file, or a folder if it is one or ends with a slash; None is the default of `location.py`."""
    capture: Capture = "none"
    """``excerpt`` adds a short excerpt of the prompt where two requests diverge."""
    diagnostics: bool = False
    """Ask the first-party API for its cache diagnosis. This changes the requests."""
    max_bytes: int | None = None
    """Length above which another log file is started."""


def options(
    log: str | os.PathLike[str] | None,
    capture: Capture | None,
    diagnostics: bool | None,
    max_bytes: int | None,
) -> Options:
    """The choices made by arguments and environment. Raises ValueError for a `capture` that does not exist."""
    chosen = capture or os.environ.get(CAPTURE_VARIABLE) or "none"
    if chosen not in get_args(Capture):
        raise ValueError(f"capture must be one of {', '.join(get_args(Capture))}, not {chosen!r}")
    if diagnostics is None:
        diagnostics = os.environ.get(DIAGNOSTICS_VARIABLE, "").lower() in _TRUE
    if max_bytes is None and os.environ.get(MAX_BYTES_VARIABLE, "").isdigit():
        max_bytes = int(os.environ[MAX_BYTES_VARIABLE])
    return Options(
        log=None if log is None else os.fspath(log),
        capture="excerpt" if chosen == "excerpt" else "none",
        diagnostics=diagnostics,
        max_bytes=max_bytes,
    )
