"""For SDKs before 0.109, which have no middleware: the public event hooks of their HTTP client.

A hook sees every response but not what failed before one came, and cannot change a request.
"""

from __future__ import annotations

import json
from typing import Any

from cachelint.runtime.endpoint import endpoint_of, method_of, platform_of_client
from cachelint.runtime.observer import Observer

_RETRIES = "x-stainless-retry-count"


class _Hook:
    """Records a response of which the headers have come."""

    def __init__(self, observer: Observer, platform: str | None) -> None:
        self._observer = observer
        self._platform = platform

    def __call__(self, response: Any) -> None:
        try:
            self._observe(response)
        except Exception as error:
            self._observer.lost(error)

    def _observe(self, response: Any) -> None:
        request = response.request
        endpoint = endpoint_of(request.method, str(request.url))
        if endpoint is None:
            return
        body = _json(request)
        exchange = self._observer.begin(
            endpoint,
            body,
            attempt=_number(request.headers.get(_RETRIES)),
            platform=self._platform,
            betas=request.headers.get("anthropic-beta") or "",
            method=method_of(request.headers),
            streamed=_is_streamed(response, body),
        )
        exchange.responded(response)


class _AsyncHook(_Hook):
    async def __call__(self, response: Any) -> None:  # type: ignore[override]
        super().__call__(response)


def can_hook(client: Any) -> bool:
    """Whether `client` is one of an SDK client whose HTTP client has hooks."""
    return hasattr(getattr(client, "_client", None), "event_hooks") and hasattr(client, "messages")


def hook(client: Any, observer: Observer) -> None:
    """Adds our hook to the client's HTTP client, in place of another of ours. Copies that share it are covered too."""
    http = client._client
    asynchronous = type(http).__name__.startswith("Async") or "Async" in type(client).__name__
    ours = (_AsyncHook if asynchronous else _Hook)(observer, platform_of_client(type(client)))
    hooks = dict(http.event_hooks)
    hooks["response"] = [*(entry for entry in hooks.get("response", ()) if not isinstance(entry, _Hook)), ours]
    http.event_hooks = hooks


def is_hooked(client: Any) -> bool:
    """Whether our hook is on the client's HTTP client."""
    return any(isinstance(entry, _Hook) for entry in client._client.event_hooks.get("response", ()))


def _json(request: Any) -> Any:
    try:
        return json.loads(request.content)
    except Exception:
        return None


def _is_streamed(response: Any, body: Any) -> bool:
    if isinstance(body, dict) and "stream" in body:
        return bool(body["stream"])
    return "stream" in response.headers.get("content-type", "")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
