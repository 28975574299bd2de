"""Puts the simulated API where the network would be, for the time of a `with` block.

It stands in for the transports of httpx and httpx2, on which every version of the SDK is built, and so are most other
clients: whatever sends a request to the Messages API, in whatever way, is answered by the simulator, and the SDK in
between is the real one. Requests to anything else go their usual way.
"""

from __future__ import annotations

import asyncio
import importlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cachelint.testing.api import HttpResponse, MessagesApi
from cachelint.testing.platforms import translated

_LIBRARIES = ("httpx", "httpx2")
_SHARE = 0.02
"""Seconds that a response takes to begin where other threads or tasks are about, so that those who ask at the same
moment have asked before it, also on a machine that is busy."""


@contextmanager
def intercepted(api: MessagesApi) -> Iterator[None]:
    """Have `api` answer every request to the Messages API that this process sends."""
    changed = [change for library in _LIBRARIES for change in _transports(library)]
    try:
        for module, transport, method, original in changed:
            setattr(transport, method, _REPLACEMENTS[method](api, module, original))
        yield
    finally:
        for _, transport, method, original in changed:
            setattr(transport, method, original)


def _transports(library: str) -> Iterator[tuple[Any, Any, str, Callable[..., Any]]]:
    """The methods of a library that put a request on the network; none if it is not installed."""
    try:
        module = importlib.import_module(library)
    except ImportError:
        return
    for name, method in (("HTTPTransport", "handle_request"), ("AsyncHTTPTransport", "handle_async_request")):
        transport = getattr(module, name)
        yield module, transport, method, getattr(transport, method)


def _answering(api: MessagesApi, module: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    def handle_request(self: Any, request: Any) -> Any:
        if translated(request.url.path) is None:
            return original(self, request)
        response = _ask(api, request, request.read())
        time.sleep(response.delay + (_SHARE if threading.active_count() > 1 else 0))
        response.begin()
        return _made(module, response, response.body, request)

    return handle_request


def _answering_async(api: MessagesApi, module: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    async def handle_async_request(self: Any, request: Any) -> Any:
        if translated(request.url.path) is None:
            return await original(self, request)
        response = _ask(api, request, await request.aread())
        await _sleep(response.delay)
        response.begin()
        body = response.body if isinstance(response.body, bytes) else _async(response.body)
        return _made(module, response, body, request)

    return handle_async_request


_REPLACEMENTS = {"handle_request": _answering, "handle_async_request": _answering_async}


def _ask(api: MessagesApi, request: Any, content: bytes) -> HttpResponse:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return api.handle(request.method, request.url.path, headers, content)


def _made(module: Any, response: HttpResponse, body: Any, request: Any) -> Any:
    return module.Response(response.status, headers=dict(response.headers), content=body, request=request)


async def _async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _sleep(seconds: float) -> None:
    """Let other tasks run. Under another event loop than asyncio's, nothing waits and nothing overlaps."""
    try:
        alone = len(asyncio.all_tasks()) == 1
    except RuntimeError:
        return
    await asyncio.sleep(seconds if alone else seconds + _SHARE)
