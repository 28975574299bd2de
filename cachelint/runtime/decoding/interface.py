"""What every decoder does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol


class Decoder(Protocol):
    """Turns the bytes of a body into the JSON objects that a record needs.

    Chunks may be cut anywhere. Memory stays bounded by the largest object that matters, not by the body. A decoder may
    raise ValueError on bytes that it cannot read; the caller keeps such errors from the user's program.
    """

    def feed(self, chunk: bytes) -> Iterable[Any]:
        """The objects that `chunk` completes."""
        ...

    def end(self) -> Iterable[Any]:
        """The objects that are complete because the body has ended."""
        ...
