"""The line of the tested program that sends a request."""

from __future__ import annotations

from cachelint.runtime.callsite import call_site


def origin() -> str | None:
    """``support/agent.py:33``: the innermost line of the stack that belongs to no library."""
    site = call_site()
    return site.place if site else None
