"""What the simulated API answers: texts, tool calls and failures, made up or scripted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cachelint.prompt import blocks, estimate_tokens


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful response."""

    content: tuple[Mapping[str, Any], ...]
    """The content blocks, as the API returns them."""
    delay: float = 0.0
    """Seconds until the response begins; during it, nobody can read what the request writes to the cache."""
    stop_reason: str | None = None
    """By default ``tool_use`` when the content has a tool call, else ``end_turn``."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error response, in the shape that the API gives it."""

    status: int
    kind: str
    """``invalid_request_error``, ``rate_limit_error``, ``overloaded_error``, ``api_error`` ..."""
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] | None = None
    """What some errors say for programs to read."""

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON of the response."""
        error: dict[str, Any] = {"type": self.kind, "message": self.message}
        if self.details is not None:
            error["details"] = dict(self.details)
        return {"type": "error", "error": error, "request_id": request_id}


Reply = Answer | Failure
Responder = Callable[[Mapping[str, Any]], Reply]
"""Makes the reply to a request body."""

_FAILURES = {
    400: ("invalid_request_error", "Invalid request"),
    401: ("authentication_error", "invalid x-api-key"),
    403: ("permission_error", "Your API key does not have permission to use the specified resource."),
    404: ("not_found_error", "Not found"),
    413: ("request_too_large", "Request exceeds the maximum size"),
    429: ("rate_limit_error", "This request would exceed your rate limit. Please try again later."),
    500: ("api_error", "Internal server error"),
    529: ("overloaded_error", "Overloaded"),
}
_RETRY_AT_ONCE = {"retry-after-ms": "1"}


def say(text: str, *, delay: float = 0.0) -> Answer:
    """An answer of one text."""
    return Answer(({"type": "text", "text": text},), delay)


def use_tool(name: str, tool_input: Mapping[str, Any], *, text: str = "", delay: float = 0.0) -> Answer:
    """An answer that calls a tool, after an optional text. The id of the call follows from its name and input."""
    digest = hashlib.sha256(json.dumps([name, tool_input], default=str).encode()).hexdigest()
    call = {"type": "tool_use", "id": f"toolu_{digest[:22]}", "name": name, "input": dict(tool_input)}
    return Answer((*({"type": "text", "text": text},) * bool(text), call), delay)


def fail(status: int, message: str | None = None, headers: Mapping[str, str] | None = None) -> Failure:
    """An error by its status: 429, 500, 529 ... Clients are told to retry at once, so that tests need not wait."""
    kind, usual = _FAILURES.get(status, ("api_error", "Error"))
    return Failure(status, kind, message or usual, _RETRY_AT_ONCE if headers is None else headers)


def echo(body: Mapping[str, Any]) -> Answer:
    """The answer when nothing else is scripted: deterministic, and about what the user said last."""
    said = [block.value for block in blocks(body) if block.role == "user"]
    last = said[-1] if said else {}
    text = last.get("text") or json.dumps(last.get("content", ""), default=str)
    return say(f"You said: {str(text)[:200]}")


class Script:
    """Replies one by one in the given order, then falls back to `otherwise`."""

    def __init__(self, replies: Iterable[Reply] = (), otherwise: Responder = echo) -> None:
        self._replies = list(replies)
        self._otherwise = otherwise
        self._next = 0

    def add(self, *replies: Reply) -> None:
        """Put replies behind those that are still to come."""
        self._replies.extend(replies)

    def fresh(self) -> Script:
        """The same script from its beginning."""
        return Script(self._replies, self._otherwise)

    def __call__(self, body: Mapping[str, Any]) -> Reply:
        """The next reply."""
        if self._next == len(self._replies):
            return self._otherwise(body)
        self._next += 1
        return self._replies[self._next - 1]


def output_tokens(answer: Answer, model: str) -> int:
    """The tokens that an answer is billed for; never zero, as the API's are not."""
    text = "".join(
        str(block.get("text") or block.get("thinking") or block.get("input") or "") for block in answer.content
    )
    return max(1, estimate_tokens(text, model).likely)
