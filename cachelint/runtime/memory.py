"""A bounded memory: keeps what was put in or asked for lately, and lets the rest go."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """Two generations: when the younger is full it becomes the older, and the older is forgotten.

    Holds twice `most_bytes` at most. Every step is one operation on a dict, so threads need no lock.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._younger: dict[Hashable, Value] = {}
        self._older: dict[Hashable, Value] = {}

    def get(self, key: Hashable) -> Value | None:
        """What was put in, if it is still there."""
        found = self._younger.get(key)
        return found if found is not None else self._older.get(key)

    def put(self, key: Hashable, value: Value, size: int) -> None:
        """Keeps a value of that many bytes, counted each time that it is put in."""
        self._bytes += size
        if self._bytes > self._most_bytes:
            self._younger, self._older, self._bytes = {}, self._younger, size
        self._younger[key] = value
