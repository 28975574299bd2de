"""One exchange with the API: a request that was sent, what came back, and the record of both."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cachelint.prompt.layout import automatic_ttl
from cachelint.runtime import guard
from cachelint.runtime.body import watch
from cachelint.runtime.callsite import CallSite
from cachelint.runtime.decoding import Decoder, decoder_for
from cachelint.runtime.endpoint import Endpoint, platform_of_host
from cachelint.runtime.fingerprint import Fingerprint
from cachelint.runtime.location import host_name
from cachelint.runtime.record import SCHEMA, UsageRecord
from cachelint.runtime.usage import ResponseFacts
from cachelint.runtime.version import __version__

if TYPE_CHECKING:
    from cachelint.runtime.observer import Observer

_HOST = host_name()


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it was sent."""

    endpoint: Endpoint
    body: Mapping[str, Any]
    fingerprint: Fingerprint | None
    site: CallSite | None
    session: str | None
    attempt: int
    platform: str | None
    streamed: bool


class Exchange:
    """Collects one record and writes it when the response has ended, in whatever way."""

    def __init__(self, observer: Observer, sent: Sent) -> None:
        self.sent = sent
        self.facts = ResponseFacts()
        self._observer = observer
        self._started = time.time()
        self._clock = time.perf_counter()
        self._first_token_ms: float | None = None
        self._decoder: Decoder | None = None
        self._response: Any = None
        self._written = False

    # --- what the middleware tells

    def failed(self, error: BaseException) -> None:
        """No response came."""
        self.facts.error = type(error).__name__
        self._write()

    def responded(self, response: Any) -> None:
        """An httpx response came; its body may be unread, and then it is watched while the caller reads it."""
        if response.extensions.get("cachelint"):
            self._written = True
            return
        response.extensions["cachelint"] = True
        self._response = response
        self._decoder = decoder_for(self.sent.endpoint, response.headers.get("content-type", ""))
        content = _content(response)
        if content is None:
            watch(response, self)
        else:
            self.chunk(content)
            self.ended("read")

    # --- what the body tells

    def chunk(self, data: bytes) -> None:
        """Some bytes of the response. Never raises; bytes that cannot be decoded end the decoding."""
        if self._decoder is None:
            return
        try:
            for event in self._decoder.feed(data):
                self._read(event)
        except Exception as error:
            self._decoder = None
            guard.report(error)

    def ended(self, how: str) -> None:
        """The response was read, closed, dropped, or its connection failed. Never raises."""
        if self._written:
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
        if how == "failed" and self.facts.error is None:
            self.facts.error = "connection_error"
        self._write()

    def _read(self, event: Any) -> None:
        self.facts.read(event)
        if self._first_token_ms is None and self.facts.content_empty is False and self.sent.streamed:
            self._first_token_ms = self._elapsed()

    # --- the record

    def _write(self) -> None:
        if self._written:
            return
        self._written = True
        try:
            self._observer.log.append(self.record())
        except Exception as error:
            guard.report(error)

    def record(self) -> UsageRecord:
        """The record of what is known so far."""
        facts, sent, response = self.facts, self.sent, self._response
        headers = response.headers if response is not None else {}
        status = response.status_code if response is not None else None
        record: UsageRecord = {
            "schema": SCHEMA,
            "id": facts.id,
            "request_id": headers.get("request-id") or headers.get("x-amzn-requestid"),
            "kind": "batch" if sent.endpoint == "batch_results" else sent.endpoint,
            "stream": sent.streamed,
            "status": status,
            "error": facts.error or (f"http_{status}" if status is not None and status >= 400 else None),
            "attempt": sent.attempt,
            "started": _timestamp(self._started),
            "first_token_ms": self._first_token_ms,
            "duration_ms": self._elapsed(),
            "model_requested": _text(sent.body.get("model")),
            "model": facts.model,
            "platform": sent.platform or platform_of_host(_host(response)),
            "workspace": headers.get("anthropic-workspace-id"),
            "session": sent.session,
            "call_site": sent.site.place if sent.site else None,
            "function": sent.site.function if sent.site else None,
            "stop_reason": facts.stop_reason,
            "content_empty": facts.content_empty,
            "complete": facts.complete,
            "markers": [],
            "automatic": automatic_ttl(sent.body),
            "blocks": 0,
            "estimated_tokens": 0,
            "pid": os.getpid(),
            "host": _HOST,
            "version": __version__,
        }
        if facts.usage is not None:
            record["usage"] = facts.usage
        if sent.fingerprint is not None:
            record["markers"] = sent.fingerprint.markers
            record["blocks"] = len(sent.fingerprint.digests)
            record["fingerprints"] = sent.fingerprint.hashes
        if "thread" in sent.body:
            record["thread"] = True
        if sent.body.get("max_tokens") == 0:
            record["prewarm"] = True
        return record

    def _elapsed(self) -> float:
        return round((time.perf_counter() - self._clock) * 1000, 1)


def _content(response: Any) -> bytes | None:
    """The body of a response that has been read, or None: asking an unread one raises."""
    try:
        content = response.content
    except Exception:
        return None
    return content if isinstance(content, bytes) else None


def _host(response: Any) -> str:
    return str(response.request.url.host) if response is not None else ""


def _timestamp(seconds: float) -> str:
    milliseconds = int(seconds * 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000)) + f".{milliseconds % 1000:03d}Z"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
