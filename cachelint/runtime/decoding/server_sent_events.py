"""Decodes server-sent events: finds the few that matter in a stream, whatever its chunks, and skips the rest unread."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from cachelint.runtime.usage import has_content

_EVENT = rb"(?:^|[\r\n])event: ?(%s)(?=[\r\n])"
_COUNTERS = re.compile(_EVENT % b"message_start|message_delta|error").search
_CONTENT_TOO = re.compile(_EVENT % b"message_start|message_delta|error|content_block_start|content_block_delta").search
_LONGEST_NAME = len(b"\r\nevent: content_block_delta")
_LONGEST_BLANK = len(b"\r\n\r")
_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r").search


class ServerSentEvents:
    """Yields `message_start`, `message_delta` and `error`, and content until some content is seen; skips the rest.

    The name of an event cannot occur inside another's data at the start of a line, because JSON escapes line ends.
    """

    __slots__ = ("_find", "_idle", "_pending", "_tail")

    def __init__(self) -> None:
        self._find = _CONTENT_TOO
        self._tail = b"\n"
        """The end of what was skipped, in which the name of an event may have begun."""
        self._idle = False
        """Content has been seen, and what was skipped ends with a line, so that no name has begun in it."""
        self._pending: bytes | None = None
        """An event that matters, as far as it has come."""

    def feed(self, chunk: bytes) -> Iterable[Any]:
        """The events that `chunk` completes, without those that do not matter."""
        if self._idle and b"message_" not in chunk and b"error" not in chunk and chunk[-1:] == b"\n":
            # Whole lines that hold nothing of interest, as nearly all chunks of a stream do.
            return ()
        return self._events(chunk)

    def _events(self, chunk: bytes) -> Iterator[Any]:
        searched = 0
        if self._pending is None:
            self._skip(self._tail + chunk)
        else:
            searched = max(0, len(self._pending) - _LONGEST_BLANK)
            self._pending += chunk
        while self._pending is not None:
            end = _BLANK_LINE(self._pending, searched)
            if end is None:
                return
            searched = 0
            event = _data(self._pending[: end.start()])
            if _shows_content(event):
                self._find = _COUNTERS
            self._skip(self._pending[end.start() :])
            yield event

    def end(self) -> Iterator[Any]:
        """The last event, if the stream ended without the blank line behind it."""
        pending, self._pending = self._pending, None
        if pending is not None:
            yield _data(pending)

    def _skip(self, data: bytes) -> None:
        """Moves on to the next event in `data` that matters."""
        found = self._find(data)
        if found is None:
            self._tail, self._pending = data[-_LONGEST_NAME:], None
            self._idle = self._find is _COUNTERS and data.endswith(b"\n")
        else:
            self._pending = data[found.start() :].lstrip(b"\r\n")
            self._idle = False


def _data(event: bytes) -> Any:
    return json.loads(b"\n".join(line[5:].strip() for line in event.splitlines() if line.startswith(b"data:")))


def _shows_content(event: Any) -> bool:
    return isinstance(event, dict) and event.get("type") == "content_block_delta" and has_content(event.get("delta"))
