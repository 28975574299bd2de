"""The callback for LiteLLM, which has a transport of its own, so that no client of the anthropic SDK could be tracked.

    import cachelint, litellm

    litellm.callbacks = [cachelint.LiteLLMLogger()]

What LiteLLM tells is less than what a client does. The usage of a streamed response is recomputed from LiteLLM's,
which counts the cached tokens among the prompt's; the request of a synchronous stream is not told, so its record has no
fingerprints; the call site is not known, since callbacks run in threads of their own.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litellm.integrations.custom_logger import CustomLogger  # type: ignore[import-not-found,unused-ignore]

from cachelint.runtime.exchange import Exchange
from cachelint.runtime.head import Head
from cachelint.runtime.observer import Observer, observer_for
from cachelint.runtime.options import Capture, options

_PLATFORMS = {"anthropic": "anthropic", "bedrock": "bedrock", "vertex_ai": "vertex", "azure_ai": "foundry"}


class LiteLLMLogger(CustomLogger):  # type: ignore[misc,unused-ignore]
    """Logs what LiteLLM is answered by Claude models; other models are left out. The arguments are those of `track`."""

    def __init__(
        self, log: str | os.PathLike[str] | None = None, *, capture: Capture | None = None, max_bytes: int | None = None
    ) -> None:
        super().__init__()
        self._observer: Observer = observer_for(options(log, capture, False, max_bytes))

    def log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """A synchronous call was answered, the whole stream included."""
        self._log(kwargs, response_obj, start_time)

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """An asynchronous call was answered."""
        self._log(kwargs, response_obj, start_time)

    def log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """A synchronous call failed."""
        self._log(kwargs, None, start_time)

    async def async_log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """An asynchronous call failed."""
        self._log(kwargs, None, start_time)

    def _log(self, call: Mapping[str, Any], response: Any, begun: Any) -> None:
        try:
            if "claude" in str(call.get("model")):
                self._record(call, response, begun)
        except Exception as error:
            self._observer.lost(error)

    def _record(self, call: Mapping[str, Any], response: Any, begun: Any) -> None:
        exchange = self._observer.begin(
            "messages",
            _body(call),
            attempt=0,
            platform=_PLATFORMS.get(str(call.get("custom_llm_provider")), "gateway"),
            streamed=bool(call.get("stream")),
        )
        _begun_at(exchange, begun)
        if response is None:
            error = call.get("exception")
            exchange.head = Head(status=getattr(error, "status_code", None))
            exchange.facts.error = type(error).__name__
        else:
            exchange.head = Head(status=200)
            exchange.facts.read(_message(call, response))
            self._observer.answered(exchange)
        exchange.ended("read")


def _body(call: Mapping[str, Any]) -> dict[str, Any]:
    """The body of the request, of which LiteLLM keeps the dict or its JSON; only the model where it keeps none."""
    body = (call.get("additional_args") or {}).get("complete_input_dict")
    if isinstance(body, str | bytes):
        body = json.loads(body)
    return body if isinstance(body, dict) else {"model": call.get("model")}


def _message(call: Mapping[str, Any], response: Any) -> dict[str, Any]:
    """The message as the API returned it; of a stream, as much of it as LiteLLM has kept."""
    original = call.get("original_response")
    if isinstance(original, str):
        message = json.loads(original)
        if isinstance(message, dict) and message.get("type") == "message":
            return message
    return {
        "type": "message",
        "id": response.id,
        "model": response.model,
        "usage": _usage(response.usage),
        "content": [{"type": "text", "text": "…"}] if response.usage.completion_tokens else [],
    }


def _usage(usage: Any) -> dict[str, int]:
    """The API's counters from LiteLLM's, in which the prompt's tokens include the cached ones."""
    read = getattr(usage, "cache_read_input_tokens", None) or 0
    written = getattr(usage, "cache_creation_input_tokens", None) or 0
    return {
        "input_tokens": usage.prompt_tokens - read - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "output_tokens": usage.completion_tokens,
    }


def _begun_at(exchange: Exchange, begun: Any) -> None:
    """The call began before we were told of it."""
    if isinstance(begun, datetime):
        started = begun.timestamp()
        exchange.sent = exchange.sent._replace(started=started, clock=time.perf_counter() - (time.time() - started))
