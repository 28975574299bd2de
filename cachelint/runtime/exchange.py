"""One exchange with the API: a request that was sent, what came back, and the record of both."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from cachelint.runtime import guard, telemetry
from cachelint.runtime.body import watch
from cachelint.runtime.callsite import CallSite
from cachelint.runtime.decoding import Decoder, decoder_for
from cachelint.runtime.divergence import Divergence
from cachelint.runtime.endpoint import Endpoint, Method
from cachelint.runtime.fingerprint import Fingerprint
from cachelint.runtime.head import NO_RESPONSE, Head, head_of
from cachelint.runtime.sessions import Conversation
from cachelint.runtime.usage import ResponseFacts

if TYPE_CHECKING:
    from cachelint.runtime.observer import Observer

_SEEN = "cachelint"
"""Marks a response, in its `extensions`, that is being recorded already."""


class Sent(NamedTuple):
    """A request as it was sent."""

    endpoint: Endpoint
    body: Mapping[str, Any]
    site: CallSite | None
    session: str | None
    """The name given by the user."""
    attempt: int
    platform: str | None
    """None where only the host can tell."""
    method: Method
    streamed: bool
    started: float
    """Seconds since the epoch."""
    clock: float
    """The same on the clock of `time.perf_counter`."""
    betas: str = ""
    """The `anthropic-beta` header, as far as it is known before the request is sent."""

    @property
    def place(self) -> str:
        """The call site as a name, also where there is none."""
        return self.site.place if self.site else ""


class Asked(NamedTuple):
    """What was asked: the prompt, and its place among other prompts."""

    fingerprint: Fingerprint
    conversation: Conversation
    divergence: Divergence | None


class Exchange:
    """Listens to one response, and tells the observer when it has begun and when it has ended, in whatever way."""

    def __init__(self, observer: Observer, sent: Sent, asked: Asked | None) -> None:
        self.sent = sent
        self.asked = asked
        self.facts = ResponseFacts()
        self.head: Head = NO_RESPONSE
        self.url: Any = None
        """The httpx URL of the response, once there is one. Not the response: its body holds us."""
        self.span = telemetry.sdk_span()
        self.first_token_ms: float | None = None
        self.read_to_end = False
        self._observer = observer
        self._decoder: Decoder | None = None
        self._ended = False

    @property
    def elapsed_ms(self) -> float:
        """Since the request was sent."""
        return round((time.perf_counter() - self.sent.clock) * 1000, 1)

    def asks(self, body: Mapping[str, Any]) -> None:
        """The request was sent with another body than the caller's."""
        self.sent = self.sent._replace(body=body)

    def failed(self, error: BaseException) -> None:
        """No response came."""
        self.facts.error = type(error).__name__
        self._end()

    def responded(self, response: Any) -> None:
        """An httpx response came; its body may be unread, and then it is watched while the caller reads it."""
        if response.extensions.get(_SEEN):
            self._ended = True
            return
        response.extensions[_SEEN] = True
        self.url = response.request.url
        self.head = head_of(response)
        self._observer.answered(self, response.request.headers.get("anthropic-beta") or "")
        self._decoder = decoder_for(self.sent.endpoint, self.head.content_type)
        content = _content(response)
        if content is None:
            watch(response, self.head.content_encoding, self)
        else:
            self.chunk(content)
            self.ended("read")

    def chunk(self, data: bytes) -> None:
        """Some bytes of the response. Never raises; bytes that cannot be decoded end the decoding."""
        try:
            for event in self._decoder.feed(data) if self._decoder is not None else ():
                self._read(event)
        except Exception as error:
            self._decoder = None
            guard.report(error)

    def ended(self, how: str) -> None:
        """The response was read, closed, dropped, or its connection failed. Never raises."""
        if self._ended:
            return
        try:
            if self._decoder is not None and how == "read":
                for event in self._decoder.end():
                    self._read(event)
        except ValueError:
            # The body is not JSON, as the error page of a proxy.
            self._decoder = None
        except Exception as error:
            guard.report(error)
        self.read_to_end = how == "read"
        if how == "failed" and self.facts.error is None:
            self.facts.error = "connection_error"
        self._end()

    def _read(self, event: Any) -> None:
        if isinstance(event, dict) and "custom_id" in event:
            self._observer.batch_result(self, event)
            return
        self.facts.read(event)
        if self.first_token_ms is None and self.facts.content_empty is False and self.sent.streamed:
            self.first_token_ms = self.elapsed_ms

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._observer.ended(self)


def _content(response: Any) -> bytes | None:
    """The body of a response that has been read, or None: asking an unread one raises."""
    try:
        content = response.content
    except Exception:
        return None
    return content if isinstance(content, bytes) else None
