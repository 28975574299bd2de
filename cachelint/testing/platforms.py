"""Requests to Claude on Vertex AI and Amazon Bedrock: what they would be on the first-party API, and back.

Both platforms name the model in the path and not in the body. Bedrock names betas in the body, streams in Amazon's
event stream format, and its `InvokeModel` knows no automatic caching.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from cachelint.testing.answers import Failure, fail

MESSAGES = "/v1/messages"

_VERTEX = re.compile(r"/models/(?P<model>[^/]+):(?:streamRawPredict|rawPredict)$")
_VERTEX_COUNT = re.compile(r"/models/count-tokens:rawPredict$")
_BEDROCK = re.compile(r"/model/(?P<model>[^/]+)/(?P<method>invoke|invoke-with-response-stream)$")
_FIRST_PARTY = re.compile(r"/v1/messages(?:/count_tokens|/batches(?:/[^/]+)*)?$")


@dataclass(frozen=True, slots=True)
class Translated:
    """A request in the terms of the first-party API."""

    path: str
    added: Mapping[str, Any]
    """What the platform says elsewhere, and the first-party API in the body."""
    amazon_stream: bool = False
    """The answer goes back in Amazon's event stream format."""
    automatic_caching: bool = True
    """Whether a top-level `cache_control` is accepted."""


def translated(path: str) -> Translated | None:
    """The first-party request behind a path of any platform; None for a path that is none of the Messages API."""
    if found := _FIRST_PARTY.search(path):
        return Translated(found[0], {})
    if _VERTEX_COUNT.search(path):
        return Translated(f"{MESSAGES}/count_tokens", {})
    if found := _VERTEX.search(path):
        return Translated(MESSAGES, {"model": unquote(found["model"])})
    if found := _BEDROCK.search(path):
        streams = found["method"] != "invoke"
        added = {"model": unquote(found["model"]), **({"stream": True} if streams else {})}
        return Translated(MESSAGES, added, amazon_stream=streams, automatic_caching=False)
    return None


def first_party_body(request: Translated, body: Mapping[str, Any]) -> dict[str, Any] | Failure:
    """The body of the request with what its path says, or why the platform rejects it."""
    if body.get("cache_control") is not None and not request.automatic_caching:
        return fail(400, "cache_control: Extra inputs are not permitted", {})
    return {**body, "betas": body.get("anthropic_beta"), **request.added} if request.added else dict(body)


def stream_of(request: Translated, events: Iterator[bytes]) -> tuple[str, Iterator[bytes]]:
    """The media type and the pieces of a streamed response, from its server-sent events."""
    if request.amazon_stream:
        return "application/vnd.amazon.eventstream", _amazon_frames(events)
    return "text/event-stream; charset=utf-8", events


def _amazon_frames(events: Iterator[bytes]) -> Iterator[bytes]:
    """Server-sent events as frames of Amazon's event stream."""
    headers = b"".join(
        _header(name, value)
        for name, value in (
            (":event-type", "chunk"),
            (":content-type", "application/json"),
            (":message-type", "event"),
        )
    )
    for event in events:
        data = event.partition(b"data: ")[2].strip()
        payload = json.dumps({"bytes": base64.b64encode(data).decode()}).encode()
        prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
        frame = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
        yield frame + struct.pack(">I", zlib.crc32(frame))


def _header(name: str, value: str) -> bytes:
    text = 7
    return struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", text, len(value)) + value.encode()
