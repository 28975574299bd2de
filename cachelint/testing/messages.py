"""A message as the Messages API returns it, whole and as server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from cachelint.testing.answers import Answer, output_tokens
from cachelint.testing.cache import CacheUsage
from cachelint.testing.usage import usage, usage_at_end, usage_at_start

_CHUNK = 40
"""Characters of text per event of a stream."""


def message(
    body: Mapping[str, Any], answer: Answer, cached: Sequence[CacheUsage], *, identity: str, tier: str, day: date
) -> dict[str, Any]:
    """The JSON of a message of that `day`. `cached`: the usage of each iteration. `identity` becomes its id, `tier` its
    service tier."""
    model = str(body["model"])
    prewarm = body.get("max_tokens") == 0
    tokens = 0 if prewarm else output_tokens(answer, model)
    limit = int(body["max_tokens"])
    return {
        "id": identity,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [] if prewarm else [dict(block) for block in answer.content],
        "stop_reason": "max_tokens" if prewarm or tokens > limit else _stop_reason(answer),
        "stop_sequence": None,
        "usage": usage(body, answer, cached, min(tokens, limit), tier, day),
    }


def events(complete: Mapping[str, Any]) -> Iterator[bytes]:
    """A message as server-sent events. The first has the input side of `usage` as it is when the response begins, the
    last but one all."""
    started = {**complete, "content": [], "stop_reason": None, "usage": usage_at_start(complete["usage"])}
    yield _event("message_start", message=started)
    for index, block in enumerate(complete["content"]):
        yield from _block_events(index, block)
    delta = {"stop_reason": complete["stop_reason"], "stop_sequence": complete["stop_sequence"]}
    yield _event("message_delta", delta=delta, usage=usage_at_end(complete["usage"]))
    yield _event("message_stop")


def error_event(kind: str, text: str) -> bytes:
    """The event by which a stream that has begun reports an error."""
    return _event("error", error={"type": kind, "message": text})


def _stop_reason(answer: Answer) -> str:
    if answer.stop_reason is not None:
        return answer.stop_reason
    return "tool_use" if any(block.get("type") == "tool_use" for block in answer.content) else "end_turn"


def _block_events(index: int, block: Mapping[str, Any]) -> Iterator[bytes]:
    empty, deltas = _split(block)
    yield _event("content_block_start", index=index, content_block=empty)
    yield _event("ping")
    for delta in deltas:
        yield _event("content_block_delta", index=index, delta=delta)
    yield _event("content_block_stop", index=index)


def _split(block: Mapping[str, Any]) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    """A block as a stream sends it: first without its content, then the content in pieces."""
    match block.get("type"):
        case "text":
            pieces = [{"type": "text_delta", "text": piece} for piece in _chunks(block["text"])]
            return {**block, "text": ""}, pieces
        case "thinking":
            thoughts = [{"type": "thinking_delta", "thinking": piece} for piece in _chunks(block["thinking"])]
            signature = {"type": "signature_delta", "signature": block.get("signature", "")}
            return {**block, "thinking": "", "signature": ""}, [*thoughts, signature]
        case "tool_use" | "server_tool_use":
            written = json.dumps(block.get("input", {}))
            pieces = [{"type": "input_json_delta", "partial_json": piece} for piece in ("", *_chunks(written))]
            return {**block, "input": {}}, pieces
        case _:
            return block, ()


def _chunks(text: str) -> Iterator[str]:
    for start in range(0, len(text), _CHUNK):
        yield text[start : start + _CHUNK]


def _event(kind: str, **data: Any) -> bytes:
    written = json.dumps({"type": kind, **data}, ensure_ascii=False, separators=(",", ":"))
    return f"event: {kind}\ndata: {written}\n\n".encode()
