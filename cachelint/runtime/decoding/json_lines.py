"""Decodes JSON lines: the results of a batch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


class JsonLines:
    """Yields the object of each line. A line may be longer than a chunk; fragments are joined once."""

    __slots__ = ("_fragments",)

    def __init__(self) -> None:
        self._fragments: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[Any]:
        """The objects whose lines `chunk` completes."""
        first, *others = chunk.split(b"\n")
        self._fragments.append(first)
        for fragment in others:
            yield from self.end()
            self._fragments.append(fragment)

    def end(self) -> Iterator[Any]:
        """The object of the last line, which need not end with a line end."""
        line = b"".join(self._fragments).strip()
        self._fragments.clear()
        if line:
            yield json.loads(line)
