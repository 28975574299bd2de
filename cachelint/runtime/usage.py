"""What a response says about itself: gathers id, model and counters, event by event or from a whole message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ResponseFacts:
    """The facts of one response. Feed it every event of a stream, or the one JSON object of a whole response.

    Counters of a `message_delta` are cumulative: they replace those of the `message_start`, and a null one keeps them.
    The `output_tokens` of a `message_start` is a placeholder, so until a delta came the output is unknown.
    """

    __slots__ = ("batch", "complete", "content_empty", "diagnostics", "error", "id", "model", "stop_reason", "usage")

    def __init__(self) -> None:
        self.id: str | None = None
        self.batch: str | None = None
        """The id of a batch that was handed in."""
        self.model: str | None = None
        self.stop_reason: str | None = None
        self.error: str | None = None
        self.usage: dict[str, Any] | None = None
        self.complete = False
        self.content_empty: bool | None = None
        self.diagnostics: Any = ...
        """As returned; an Ellipsis when the response did not mention them."""

    def read(self, event: Any) -> None:
        """Takes in one event of a stream, or a whole response; anything else is ignored."""
        if not isinstance(event, dict):
            return
        match event.get("type"):
            case "message_start":
                self._start(event.get("message"))
            case "message_delta":
                self._delta(event)
            case "content_block_start" | "content_block_delta":
                self._content(event)
            case "message_batch":
                self.batch = _text(event.get("id"))
            case "error":
                self.error = str(_mapping(event.get("error")).get("type") or "error")
            case "message":
                self._message(event)
            case _ if isinstance(event.get("input_tokens"), int):
                self.usage, self.complete = {"input_tokens": event["input_tokens"]}, True

    def _message(self, message: Mapping[str, Any]) -> None:
        self._identify(message)
        self.usage = _without_nulls(message.get("usage"))
        self.complete = "output_tokens" in self.usage
        self.content_empty = not any(has_content(block) for block in message.get("content") or ())

    def _start(self, message: Any) -> None:
        if not isinstance(message, dict):
            return
        self._identify(message)
        self.usage = _without_nulls(message.get("usage"))
        self.usage.pop("output_tokens", None)
        self.content_empty = not any(has_content(block) for block in message.get("content") or ())

    def _delta(self, event: Mapping[str, Any]) -> None:
        counters = _without_nulls(event.get("usage"))
        self.usage = {**(self.usage or {}), **counters}
        self.complete = "output_tokens" in self.usage
        self.stop_reason = _text(_mapping(event.get("delta")).get("stop_reason")) or self.stop_reason
        if "diagnostics" in event:
            self.diagnostics = event["diagnostics"]

    def _content(self, event: Mapping[str, Any]) -> None:
        if self.content_empty is not False:
            block = event.get("delta") or event.get("content_block")
            self.content_empty = not has_content(block)

    def _identify(self, message: Mapping[str, Any]) -> None:
        self.id = _text(message.get("id"))
        self.model = _text(message.get("model"))
        self.stop_reason = _text(message.get("stop_reason"))
        if "diagnostics" in message:
            self.diagnostics = message["diagnostics"]


def has_content(block: Any) -> bool:
    """Whether a content block, or a delta of one, holds anything: texts that are empty so far do not count.

    A block that only says which model takes over (`fallback`) is not content.
    """
    if not isinstance(block, dict):
        return False
    match block.get("type"):
        case "text" | "text_delta":
            return bool(block.get("text"))
        case "thinking" | "thinking_delta":
            return bool(block.get("thinking") or block.get("signature"))
        case "fallback":
            return False
    return True


def _without_nulls(value: Any) -> dict[str, Any]:
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
