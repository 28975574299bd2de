"""Watches a response body on its way to the caller: every byte passes through untouched, at the pace it is read.

The body is `http_response.stream`, the public attribute that all reading ends in, and that the SDK's own tracing wraps
too. Nothing is read ahead, so the first event arrives when it always did. A compressed body is decompressed for us by a
decoder of our own, because using the response's would corrupt what the caller reads.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any, Protocol


class Listener(Protocol):
    """Who is told what passes. Must not raise."""

    def chunk(self, data: bytes) -> None:
        """Some decompressed bytes of the body."""
        ...

    def ended(self, how: str) -> None:
        """The body was ``read`` to its end, ``closed`` or ``dropped`` before that, or ``failed``. At least once."""
        ...


def watch(response: Any, encoding: str, listener: Listener) -> None:
    """Puts a wrapper around the unread body of an httpx (or httpx2) response, which tells `listener` what passes.

    `encoding`: of the body, as its `content-encoding` header says; empty for none.
    """
    httpx = http_library(response)
    sync_body, async_body, dual_body = _body_classes(httpx)
    stream = response.stream
    if not isinstance(stream, httpx.SyncByteStream):
        wrapper = async_body
    else:
        wrapper = dual_body if isinstance(stream, httpx.AsyncByteStream) else sync_body
    response.stream = wrapper(stream, listener, _decompressor(httpx, encoding))


def http_library(response: Any) -> ModuleType:
    """The library that a response object is of: `httpx`, or its successor `httpx2` in newer SDKs."""
    successor = sys.modules.get("httpx2")
    return successor if successor is not None and isinstance(response, successor.Response) else sys.modules["httpx"]


def _decompressor(httpx: ModuleType, encoding: str) -> Callable[[bytes], Iterator[bytes]] | None:
    """A function that decompresses chunk after chunk, or None for a body that is not compressed."""
    if encoding in ("", "identity"):
        return None
    decoder = httpx.Response(200, headers={"content-encoding": encoding})._get_content_decoder()

    def decompress(data: bytes) -> Iterator[bytes]:
        decoded = decoder.decode(data)
        return iter((decoded,) if isinstance(decoded, bytes) else decoded)

    return decompress


class _WatchedBody:
    """What the wrappers have in common."""

    stream_observer: Any = None
    """The SDK looks for this on the body at each event; `__getattr__` would cost more than all the rest."""

    def __init__(self, body: Any, listener: Listener, decompress: Callable[[bytes], Iterator[bytes]] | None) -> None:
        self._body = body
        self._listener = listener
        self._decompress = decompress
        observer = getattr(body, "stream_observer", None)
        if observer is not None:
            self.stream_observer = observer

    def __getattr__(self, name: str) -> Any:
        """What others look for on the body that we wrap, such as its `elapsed` time."""
        return getattr(self.__dict__["_body"], name)

    def _hearing(self) -> Callable[[bytes], None]:
        """What is to be called with each chunk: there may be thousands, so no more than has to be."""
        return self._listener.chunk if self._decompress is None else self._hear_compressed

    def _hear_compressed(self, data: bytes) -> None:
        if self._decompress is None:
            return
        try:
            for part in self._decompress(data):
                self._listener.chunk(part)
        except Exception:
            self._decompress = None

    def __del__(self) -> None:
        # The caller may drop a response without closing it, and without reading any of it.
        try:
            self._listener.ended("dropped")
        except Exception:
            return


class _SyncBody(_WatchedBody):
    def __iter__(self) -> Iterator[bytes]:
        hear = self._hearing()
        try:
            for chunk in self._body:
                hear(chunk)
                yield chunk
        except Exception:
            self._listener.ended("failed")
            raise
        self._listener.ended("read")

    def close(self) -> None:
        self._listener.ended("closed")
        self._body.close()


class _AsyncBody(_WatchedBody):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        hear = self._hearing()
        chunks = self._body.__aiter__()
        try:
            async for chunk in chunks:
                hear(chunk)
                yield chunk
        except Exception:
            self._listener.ended("failed")
            raise
        finally:
            # In the task that read it; otherwise the event loop closes it later, in a task of its own.
            if isinstance(chunks, AsyncGenerator):
                await chunks.aclose()
        self._listener.ended("read")

    async def aclose(self) -> None:
        self._listener.ended("closed")
        await self._body.aclose()


@cache
def _body_classes(httpx: ModuleType) -> tuple[type, type, type]:
    """The wrappers as streams of this library, which checks what kind a stream is."""
    sync_stream, async_stream = httpx.SyncByteStream, httpx.AsyncByteStream
    return (
        type("SyncBody", (_SyncBody, sync_stream), {}),
        type("AsyncBody", (_AsyncBody, async_stream), {}),
        type("DualBody", (_SyncBody, _AsyncBody, sync_stream, async_stream), {}),
    )
