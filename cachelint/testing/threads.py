"""Message threads: conversations whose history the simulated API keeps, so that a request sends only what is new.

`thread={"type": "create"}` begins one, `{"type": "continue", "previous_message_id": ...}` goes on from a response. What
the cache sees and `usage` counts is the whole prompt: nothing else is published (an assumption). Together with
breakpoints, `context_management`, `fallbacks` or `thinking`, a thread is refused, as the SDK is prepared for (it then
sends the whole conversation itself).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cachelint.prompt import blocks
from cachelint.testing.answers import Failure, fail

_UNSUPPORTED = ("context_management", "fallbacks", "thinking")
_KEPT = ("tools", "system")


class Threads:
    """The histories by the id of the response that ends them."""

    def __init__(self) -> None:
        self._histories: dict[str, Mapping[str, Any]] = {}

    def whole(self, body: Mapping[str, Any]) -> Mapping[str, Any] | Failure:
        """The request with its whole history, or why it is refused. A request without a thread is whole already."""
        thread = body.get("thread")
        if not isinstance(thread, Mapping):
            return body
        unsupported = list(_unsupported(body))
        if unsupported:
            refused = fail(400, f"thread cannot be combined with {', '.join(unsupported)}", {})
            return replace(refused, details={"error_code": "thread_unsupported_request", "unsupported": unsupported})
        if thread.get("type") != "continue":
            return body
        history = self._histories.get(str(thread.get("previous_message_id")))
        if history is None:
            refused = fail(404, "thread: no state was found for previous_message_id", {})
            return replace(refused, details={"error_code": "thread_not_found"})
        kept = {name: history[name] for name in _KEPT if name in history}
        return {**body, **kept, "messages": [*history["messages"], *body.get("messages", ())]}

    def remember(self, whole: Mapping[str, Any], answered: Mapping[str, Any]) -> None:
        """Keep the history that ends with the message `answered`, if its request belongs to a thread."""
        if isinstance(whole.get("thread"), Mapping):
            reply = {"role": "assistant", "content": answered["content"]}
            self._histories[answered["id"]] = {**whole, "messages": [*whole["messages"], reply]}


def _unsupported(body: Mapping[str, Any]) -> Iterator[str]:
    if body.get("cache_control") is not None or any(block.marker for block in blocks(body)):
        yield "cache_control"
    yield from (name for name in _UNSUPPORTED if body.get(name) is not None)
