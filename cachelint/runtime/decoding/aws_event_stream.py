"""Decodes Amazon's binary event stream, in which Bedrock wraps the events of a streamed response.

A frame: total length and length of the headers (two big-endian 32-bit integers), a checksum of these, the headers, the
payload, a checksum of all. The payload is ``{"bytes": "<base64 of one event>"}``; an exception's type is in a header.
"""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Iterator
from typing import Any

_PRELUDE = struct.Struct(">III")
_CHECKSUM = 4
_MATTERS = frozenset({"message_start", "message_delta", "content_block_start", "content_block_delta", "error"})
_EXCEPTION = re.compile(rb"\x0f:exception-type\x07..([A-Za-z]+)", re.DOTALL).search


class AwsEventStream:
    """Yields the events that matter, and an exception of the platform as an event of type `error`."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Any]:
        """The events whose frames `chunk` completes."""
        self._buffer += chunk
        while len(self._buffer) >= _PRELUDE.size:
            total, header_length, _ = _PRELUDE.unpack_from(self._buffer)
            if len(self._buffer) < total or total < _PRELUDE.size + _CHECKSUM:
                return
            frame = bytes(self._buffer[:total])
            del self._buffer[:total]
            headers_end = _PRELUDE.size + header_length
            event = _event(frame[_PRELUDE.size : headers_end], frame[headers_end:-_CHECKSUM])
            if event.get("type") in _MATTERS:
                yield event

    def end(self) -> Iterator[Any]:
        """Nothing: an unfinished frame holds no event."""
        return iter(())


def _event(headers: bytes, payload: bytes) -> dict[str, Any]:
    exception = _EXCEPTION(headers)
    if exception is not None:
        return {"type": "error", "error": {"type": exception[1].decode("ascii")}}
    wrapped = json.loads(payload)
    event = json.loads(base64.b64decode(wrapped["bytes"])) if "bytes" in wrapped else {}
    return event if isinstance(event, dict) else {}
