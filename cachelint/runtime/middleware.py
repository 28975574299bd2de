"""The middleware: the SDK's official hook, run once for each attempt, nearest to the network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Self

from anthropic import APIRequest, Middleware

from cachelint.runtime import guard
from cachelint.runtime.endpoint import FIRST_PARTY, endpoint_of, method_of, platform_of_host
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
        """The middleware of a client that reports to `observer`. `platform`: None if the first response has to tell."""
        middleware = cls.__new__(cls)
        middleware.observer = observer
        middleware._platform = platform
        return middleware

    def handle(self, request: APIRequest, call_next: Any) -> Any:
        """Passes a request of a synchronous client on, and its response back."""
        exchange = self._begin(request)
        if exchange is None:
            return call_next(request)
        asking = self._asking(request, exchange)
        try:
            response = call_next(asking or request)
        except BaseException as error:
            exchange.failed(error)
            raise
        self._responded(exchange, response)
        if asking is not None and exchange.head.status == 400 and self._is_refusal(_read(response)):
            return self.handle(request, call_next)
        return response

    async def handle_async(self, request: APIRequest, call_next: Any) -> Any:
        """Passes a request of an asynchronous client on, and its response back."""
        exchange = self._begin(request)
        if exchange is None:
            return await call_next(request)
        asking = self._asking(request, exchange)
        try:
            response = await call_next(asking or request)
        except BaseException as error:
            exchange.failed(error)
            raise
        self._responded(exchange, response)
        if asking is not None and exchange.head.status == 400 and self._is_refusal(await _aread(response)):
            return await self.handle_async(request, call_next)
        return response

    def _begin(self, request: APIRequest) -> Exchange | None:
        """None for a request that carries no prompt."""
        try:
            endpoint = endpoint_of(request.method, request.url)
            if endpoint is None:
                return None
            headers = {name.lower(): value for name, value in request.headers.items() if isinstance(value, str)}
            return self.observer.begin(
                endpoint,
                _body(request),
                attempt=request.retries_taken,
                platform=self._platform,
                betas=headers.get("anthropic-beta") or "",
                method=method_of(headers),
                streamed=request.stream,
            )
        except Exception as error:
            self.observer.lost(error)
            return None

    def _asking(self, request: APIRequest, exchange: Exchange) -> APIRequest | None:
        """The request with a question for the API's diagnosis, where the user wants that and the API has it."""
        try:
            if self._platform != FIRST_PARTY or exchange.asked is None:
                return None
            body = self.observer.diagnostics.question(exchange.sent.body, exchange.asked.conversation.message_id)
            if body is None:
                return None
            exchange.asks(body)
            return request.copy(body=body)
        except Exception as error:
            guard.report(error)
            return None

    def _responded(self, exchange: Exchange, response: Any) -> None:
        try:
            http = getattr(response, "http_response", None)
            if http is None:
                # Middleware behind us answered by itself: nothing was sent, and nothing is billed.
                return
            if self._platform is None:
                self._platform = platform_of_host(http.request.url.host)
            exchange.responded(http)
        except Exception as error:
            self.observer.lost(error)

    def _is_refusal(self, body: bytes) -> bool:
        return self.observer.diagnostics.refused(body)


def _read(response: Any) -> bytes:
    """The body of an error, which the SDK is going to read anyway; what goes wrong meets it there."""
    try:
        return bytes(response.http_response.read())
    except Exception:
        return b""


async def _aread(response: Any) -> bytes:
    try:
        return bytes(await response.http_response.aread())
    except Exception:
        return b""


def _body(request: APIRequest) -> Any:
    """What is sent: most SDKs add what the caller gives as `extra_body` only behind the middleware."""
    body, extra = request.json, getattr(request.options, "extra_json", None)
    if not isinstance(extra, Mapping):
        return body
    return {**(body if isinstance(body, Mapping) else {}), **extra}
