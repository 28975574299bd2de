"""Decoders find what matters in a body however it is cut into chunks, and nothing else."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachelint.runtime.decoding import Decoder
from cachelint.runtime.decoding.aws_event_stream import AwsEventStream
from cachelint.runtime.decoding.json_lines import JsonLines
from cachelint.runtime.decoding.server_sent_events import ServerSentEvents
from cachelint.runtime.decoding.whole import Whole

START = {"type": "message_start", "message": {"id": "msg_1", "usage": {"input_tokens": 3}}}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
TEXT = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}}
TRAP = {
    "type": "content_block_delta",
    "delta": {"type": "text_delta", "text": "\n\nevent: message_delta\ndata: {}\n\n"},
}
PING = {"type": "ping"}
DELTA = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}
STOP = {"type": "message_stop"}
ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}

STREAM = [START, BLOCK, PING, TEXT, TRAP, TEXT, DELTA, STOP]


def events(*parts: dict[str, Any], line_end: str = "\n") -> bytes:
    """A stream of server-sent events as the API writes it."""
    lines = (f"event: {part['type']}{line_end}data: {json.dumps(part)}{line_end}{line_end}" for part in parts)
    return "".join(lines).encode()


def frames(*parts: dict[str, Any]) -> bytes:
    """The same as Bedrock wraps it."""
    return b"".join(frame({"bytes": base64.b64encode(json.dumps(part).encode()).decode()}) for part in parts)


def frame(payload: dict[str, Any], headers: bytes = b"\x0b:event-type\x07\x00\x05chunk") -> bytes:
    body = json.dumps(payload).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    return prelude + headers + body + struct.pack(">I", zlib.crc32(prelude + headers + body))


def cut(body: bytes, places: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted({place % (len(body) + 1) for place in places}), len(body)]
    return (body[start:end] for start, end in pairwise(edges))


def decoded(decoder: Decoder, chunks: Iterator[bytes]) -> list[Any]:
    found = [event for chunk in chunks for event in decoder.feed(chunk)]
    return [*found, *decoder.end()]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@given(places=st.lists(st.integers(min_value=0)))
def test_events_are_found_whatever_the_chunks_and_line_ends(line_end: str, places: list[int]) -> None:
    body = events(*STREAM, line_end=line_end)
    assert decoded(ServerSentEvents(), cut(body, places)) == [START, BLOCK, TEXT, DELTA]


def test_events_are_found_byte_by_byte() -> None:
    body = events(*STREAM, line_end="\r\n")
    assert decoded(ServerSentEvents(), cut(body, list(range(len(body))))) == [START, BLOCK, TEXT, DELTA]


def test_content_is_looked_at_only_until_some_is_seen() -> None:
    empty = {**TEXT, "delta": {"type": "text_delta", "text": ""}}
    body = events(START, BLOCK, empty, TEXT, TEXT, TEXT, DELTA)
    assert decoded(ServerSentEvents(), iter([body])) == [START, BLOCK, empty, TEXT, DELTA]


def test_an_error_within_a_stream_is_found() -> None:
    assert decoded(ServerSentEvents(), iter([events(START, TEXT, ERROR)])) == [START, TEXT, ERROR]


def test_a_stream_that_ends_without_a_blank_line_keeps_its_last_event() -> None:
    body = events(START, TEXT, DELTA).rstrip(b"\n")
    assert decoded(ServerSentEvents(), iter([body])) == [START, TEXT, DELTA]


def test_what_is_skipped_is_not_kept() -> None:
    decoder = ServerSentEvents()
    list(decoder.feed(events(START, TEXT)))
    for _ in range(1_000):
        list(decoder.feed(events(TEXT)))
    assert len(decoder._tail) < 64
    assert decoder._pending is None


@given(places=st.lists(st.integers(min_value=0)))
def test_frames_are_found_whatever_the_chunks(places: list[int]) -> None:
    assert decoded(AwsEventStream(), cut(frames(*STREAM), places)) == [START, BLOCK, TEXT, TRAP, TEXT, DELTA]


def test_an_exception_of_the_platform_is_an_error() -> None:
    headers = b"\x0f:exception-type\x07\x00\x13throttlingException\x0d:message-type\x07\x00\x09exception"
    body = frames(START) + frame({"message": "Too many"}, headers)
    assert decoded(AwsEventStream(), iter([body])) == [
        START,
        {"type": "error", "error": {"type": "throttlingException"}},
    ]


@given(places=st.lists(st.integers(min_value=0)))
def test_lines_are_found_whatever_the_chunks(places: list[int]) -> None:
    body = b'{"a":1}\n{"b":"x"}\r\n\n{"c":3}'
    assert decoded(JsonLines(), cut(body, places)) == [{"a": 1}, {"b": "x"}, {"c": 3}]


@given(places=st.lists(st.integers(min_value=0)))
def test_a_whole_body_is_decoded_at_its_end(places: list[int]) -> None:
    assert decoded(Whole(), cut(b'{"type": "message"}', places)) == [{"type": "message"}]
