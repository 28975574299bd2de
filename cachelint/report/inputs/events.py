"""Server-sent events of streamed responses, merged into the message that the SDK would return.

Counters of `message_delta` are cumulative: they replace those of `message_start`, except where they are null. The
output count of `message_start` is a placeholder: a stream that ends before `message_delta` has an unknown output
(facts A.10).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def stream_messages(lines: Iterable[str]) -> Iterator[str]:
    """One line of JSON for each response in a dump of server-sent events, in the shape of a Messages API response.

    Two keys say what the shape cannot: `complete` (false when the output is unknown) and `content_empty`.
    """
    message: dict[str, Any] | None = None
    for event in _events(lines):
        kind = event.get("type")
        if kind == "message_start":
            if message is not None:
                yield _rendered(message)
            message = _started(event)
        elif message is not None:
            _apply(message, kind, event)
    if message is not None:
        yield _rendered(message)


def _events(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    data: list[str] = []
    for line in _with_end(lines):
        text = line.rstrip("\r\n")
        if text.startswith("data:"):
            data.append(text[5:].lstrip(" "))
        elif text.startswith("{"):
            yield from filter(None, [_parsed(text)])
        elif not text and data:
            event = _parsed("\n".join(data))
            data = []
            if event is not None:
                yield event


def _with_end(lines: Iterable[str]) -> Iterator[str]:
    yield from lines
    yield ""


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        event = json.loads(text)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def _started(event: dict[str, Any]) -> dict[str, Any] | None:
    message = event.get("message")
    if not isinstance(message, dict):
        return None
    usage = message.get("usage")
    return {
        **message,
        "usage": usage if isinstance(usage, dict) else {},
        "content": None,
        "complete": False,
        "content_empty": True,
    }


def _apply(message: dict[str, Any], kind: object, event: dict[str, Any]) -> None:
    if kind == "content_block_start":
        _apply_block(message, event.get("content_block"))
    elif kind == "content_block_delta":
        message["content_empty"] = False
    elif kind == "message_delta":
        usage = event.get("usage")
        if isinstance(usage, dict):
            message["usage"].update({name: value for name, value in usage.items() if value is not None})
            message["complete"] = True
        delta = event.get("delta")
        if isinstance(delta, dict):
            message["stop_reason"] = delta.get("stop_reason")


def _apply_block(message: dict[str, Any], block: object) -> None:
    if not isinstance(block, dict):
        return
    if block.get("type") == "fallback":
        serving = block.get("to")
        if isinstance(serving, dict) and serving.get("model"):
            message["model"] = serving["model"]
    elif block.get("type") != "text" or block.get("text"):
        message["content_empty"] = False


def _rendered(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))
