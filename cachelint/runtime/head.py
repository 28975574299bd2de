"""The head of a response: what its status line and headers say, read in one pass.

Looking a header up in an httpx response walks all of them each time; there are about twenty, and we want five.
"""

from __future__ import annotations

from typing import Any, NamedTuple

_WANTED = frozenset(
    {b"request-id", b"x-amzn-requestid", b"anthropic-workspace-id", b"content-type", b"content-encoding"}
)


class Head(NamedTuple):
    """What we want to know before the body."""

    status: int | None = None
    """The HTTP status; None when no response came."""
    request_id: str | None = None
    workspace: str | None = None
    content_type: str = ""
    content_encoding: str = ""


NO_RESPONSE = Head()


def head_of(response: Any) -> Head:
    """The head of an httpx response."""
    found = {
        lowered: value.decode("latin-1") for name, value in response.headers.raw if (lowered := name.lower()) in _WANTED
    }
    return Head(
        response.status_code,
        found.get(b"request-id") or found.get(b"x-amzn-requestid"),
        found.get(b"anthropic-workspace-id"),
        found.get(b"content-type", ""),
        found.get(b"content-encoding", ""),
    )
