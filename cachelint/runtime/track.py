"""`track`: has one client log what it is answered."""

from __future__ import annotations

import os
from typing import TypeVar, cast

from cachelint.runtime.attach import attach
from cachelint.runtime.observer import observer_for
from cachelint.runtime.options import Capture, options

Client = TypeVar("Client")


def track(
    client: Client,
    log: str | os.PathLike[str] | None = None,
    *,
    capture: Capture | None = None,
    diagnostics: bool | None = None,
    max_bytes: int | None = None,
) -> Client:
    """Has `client` write one line to the usage log for each response, and returns it. Nothing else changes.

    The client is changed in place, so resources taken from it earlier are covered, and copies made of it later.
    Tracking a client again replaces the arguments; nothing is ever logged twice. Raises TypeError for an object that
    is not a client of the anthropic SDK.

    log: a file, or a folder if it is one or ends with a slash. Default: `CACHELINT_LOG`, else ``.cachelint/``.
    capture: ``"excerpt"`` writes a short excerpt of the prompt where two requests diverge. Default: no text at all.
    diagnostics: ask the first-party API why the cache missed, which adds `diagnostics` to the requests.
    max_bytes: start another log file when one has grown this long.
    """
    return cast(Client, attach(client, observer_for(options(log, capture, diagnostics, max_bytes))))
