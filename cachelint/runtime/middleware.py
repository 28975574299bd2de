"""The middleware: the SDK's official hook, run once for each attempt, nearest to the network."""

from __future__ import annotations

import os
from typing import Any, Self

from anthropic import APIRequest, Middleware

from cachelint.runtime import guard
from cachelint.runtime.endpoint import endpoint_of
from cachelint.runtime.exchange import Exchange
from cachelint.runtime.observer import Observer, observer_for
from cachelint.runtime.options import Capture, options


class CacheMiddleware(Middleware):
    """Records every response that passes. Give it to a client as the last of its middleware, or use `track`.

    ``Anthropic(middleware=[CacheMiddleware()])`` equals ``track(Anthropic())``; the arguments are those of `track`.
    """

    def __init__(
        self,
        log: str | os.PathLike[str] | None = None,
        *,
        capture: Capture | None = None,
        diagnostics: bool | None = None,
        max_bytes: int | None = None,
    ) -> None:
        self.observer: Observer = observer_for(options(log, capture, diagnostics, max_bytes))
        self._platform: str | None = None

    @classmethod
    def of(cls, observer: Observer, platform: str | None) -> Self:
        """The middleware of a client on `platform` (None: told by its host) that reports to `observer`."""
        middleware = cls.__new__(cls)
        middleware.observer = observer
        middleware._platform = platform
        return middleware

    def handle(self, request: APIRequest, call_next: Any) -> Any:
        """Passes a request of a synchronous client on, and its response back."""
        exchange = self._begin(request)
        if exchange is None:
            return call_next(request)
        try:
            response = call_next(request)
        except BaseException as error:
            exchange.failed(error)
            raise
        _responded(exchange, response)
        return response

    async def handle_async(self, request: APIRequest, call_next: Any) -> Any:
        """Passes a request of an asynchronous client on, and its response back."""
        exchange = self._begin(request)
        if exchange is None:
            return await call_next(request)
        try:
            response = await call_next(request)
        except BaseException as error:
            exchange.failed(error)
            raise
        _responded(exchange, response)
        return response

    def _begin(self, request: APIRequest) -> Exchange | None:
        """None for a request that carries no prompt."""
        try:
            endpoint = endpoint_of(request.method, request.url)
            if endpoint is None:
                return None
            return self.observer.begin(
                endpoint,
                request.json,
                attempt=request.retries_taken,
                platform=self._platform,
                betas=_betas(request),
                streamed=request.stream,
            )
        except Exception as error:
            guard.report(error)
            return None


def _responded(exchange: Exchange, response: Any) -> None:
    try:
        exchange.responded(response.http_response)
    except Exception as error:
        guard.report(error)


def _betas(request: APIRequest) -> str:
    betas = request.headers.get("anthropic-beta")
    return betas if isinstance(betas, str) else ""
