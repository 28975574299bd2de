"""Decodes a body that is one JSON object, while somebody else reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

LONGEST = 64 * 1024 * 1024
"""Bytes above which a body is not kept: no response of the API is that long."""


class Whole:
    """Keeps the chunks and yields the object at the end."""

    __slots__ = ("_chunks", "_length")

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._length = 0

    def feed(self, chunk: bytes) -> Iterator[Any]:
        """Nothing yet."""
        self._length += len(chunk)
        if self._length <= LONGEST:
            self._chunks.append(chunk)
        else:
            self._chunks.clear()
        return iter(())

    def end(self) -> Iterator[Any]:
        """The object, if the body was one."""
        body = b"".join(self._chunks)
        self._chunks.clear()
        if body:
            yield json.loads(body)
