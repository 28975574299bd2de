"""The simulated Messages API without a transport: an HTTP request in, an HTTP response out.

The loopback server (`server.py`) puts it behind a socket, the pytest plugin behind the HTTP client of the SDK.
It serves `POST /v1/messages` (also as a stream), `/v1/messages/count_tokens`, and `/v1/messages/batches` with their
results. Beta calls use the same paths.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from cachelint.prompt import problems
from cachelint.testing.answers import Failure, Responder, Script, fail
from cachelint.testing.batches import Batches
from cachelint.testing.cache import CacheUsage, PromptCache
from cachelint.testing.clock import Clock, SystemClock
from cachelint.testing.diagnosis import Diagnosis
from cachelint.testing.messages import events, message
from cachelint.testing.prefix import positions

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What goes back to the client."""

    status: int
    headers: Mapping[str, str]
    body: bytes | Iterator[bytes]
    """Bytes, or the pieces of a stream, each as it becomes available."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request for an answer, as it arrived, with what was answered."""

    body: Mapping[str, Any]
    workspace: str
    betas: tuple[str, ...]
    usage: CacheUsage | None
    """None for a request that failed."""
    status: int = 200


@dataclass(slots=True)
class MessagesApi:
    """A stand-in for the Messages API with a cache of its own.

    `answers` makes the replies (a `Script`, or any function of the request body). `workspaces` says to which workspace
    an API key belongs; keys that it does not list share the workspace ``default``. `seed` makes the ids of responses
    differ between two instances; equal seeds give equal ids.
    """

    clock: Clock = field(default_factory=SystemClock)
    answers: Responder = field(default_factory=Script)
    workspaces: Mapping[str, str] = field(default_factory=dict)
    seed: str = ""
    sleep: Callable[[float], None] = time.sleep
    calls: list[Call] = field(default_factory=list)
    """Every request for an answer so far, in order of arrival."""
    cache: PromptCache = field(init=False)
    _diagnosis: Diagnosis = field(init=False, default_factory=Diagnosis)
    _batches: Batches = field(init=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)
    _count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.cache = PromptCache(self.clock)
        self._batches = Batches(self._identity, self._now)

    def handle(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> HttpResponse:
        """Answer one HTTP request. `headers` has lower-case names; `path` may carry a query string."""
        request_id = self._identity("req")
        sent = {"request-id": request_id, "anthropic-workspace-id": self._workspace(headers)}
        try:
            result = self._route(method, path.partition("?")[0].rstrip("/"), headers, content)
        except _RejectedError as rejected:
            failure = rejected.failure
            return _json(failure.status, {**sent, **failure.headers}, failure.body(request_id))
        if isinstance(result, dict):
            return _json(200, sent, result)
        media, body = result
        return HttpResponse(200, {**sent, "content-type": media}, body)

    def _route(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes
    ) -> dict[str, Any] | tuple[str, bytes | Iterator[bytes]]:
        match method, path.split("/")[1:]:
            case "POST", ["v1", "messages"]:
                return self._create(_parsed(content), headers)
            case "POST", ["v1", "messages", "count_tokens"]:
                return {"input_tokens": self._count_tokens(_parsed(content), headers)}
            case "POST", ["v1", "messages", "batches"]:
                return self._batches.create(_parsed(content), lambda params: self._item(params, headers))
            case "GET", ["v1", "messages", "batches", identity, "results"]:
                return "application/x-jsonl", _found(self._batches.results(identity))
            case "GET", ["v1", "messages", "batches", identity]:
                return _found(self._batches.get(identity))
            case "GET", ["v1", "messages", "batches"]:
                return self._batches.all()
            case _:
                raise _RejectedError(fail(404, f"Not found: {method} {path}"))

    def _create(
        self, body: dict[str, Any], headers: Mapping[str, str]
    ) -> dict[str, Any] | tuple[str, bytes | Iterator[bytes]]:
        complete = self._message(body, headers, tier="standard")
        return ("text/event-stream; charset=utf-8", events(complete)) if body.get("stream") is True else complete

    def _item(self, params: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any] | Failure:
        """The answer to one item of a batch."""
        try:
            return self._message(params, headers, tier="batch")
        except _RejectedError as rejected:
            return rejected.failure

    def _message(self, body: Mapping[str, Any], headers: Mapping[str, str], *, tier: str) -> dict[str, Any]:
        """Validate, ask the cache, wait for the answer to begin, and write the message."""
        workspace, betas = self._workspace(headers), _betas(headers)
        rejected = _rejection(body, batch=tier == "batch", now=self._now())
        if rejected is not None:
            self.calls.append(Call(body, workspace, betas, None, rejected.status))
            raise _RejectedError(rejected)
        reply = self.answers(body)
        if isinstance(reply, Failure):
            self.calls.append(Call(body, workspace, betas, None, reply.status))
            raise _RejectedError(reply)
        pending = self.cache.begin(body, workspace=workspace, betas=betas)
        self.calls.append(Call(body, workspace, betas, pending.usage))
        if reply.delay:
            self.sleep(reply.delay)
        pending.respond()
        complete = message(body, reply, pending.usage, identity=self._identity("msg"), tier=tier)
        return {**complete, "diagnostics": self._diagnosis.of(complete["id"], body, workspace, betas)}

    def _count_tokens(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> int:
        laid_out = positions(body, _betas(headers))
        return laid_out[-1].tokens if laid_out else 0

    def _workspace(self, headers: Mapping[str, str]) -> str:
        key = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        return headers.get("anthropic-workspace-id") or self.workspaces.get(key, "default")

    def _identity(self, kind: str) -> str:
        with self._lock:
            self._count += 1
            number = self._count
        return f"{kind}_{hashlib.sha256(f'{self.seed}:{kind}:{number}'.encode()).hexdigest()[:24]}"

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)


class _RejectedError(Exception):
    """A request that is answered with an error."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def _rejection(body: Mapping[str, Any], *, batch: bool, now: datetime) -> Failure | None:
    """The 400 that the API answers to `body`, or None if it accepts it."""
    for name in ("model", "max_tokens", "messages"):
        if body.get(name) is None:
            return fail(400, f"{name}: Field required", {})
    if not isinstance(body["messages"], Sequence) or not body["messages"]:
        return fail(400, "messages: at least one message is required", {})
    found = problems(body, batch=batch, day=now.date())
    return fail(400, found[0].message, {}) if found else None


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        raise _RejectedError(fail(400, "The request body is not valid JSON", {})) from None
    if not isinstance(body, dict):
        raise _RejectedError(fail(400, "The request body is not an object", {}))
    return body


def _found(value: _T | None) -> _T:
    if value is None:
        raise _RejectedError(fail(404, "No such message batch"))
    return value


def _betas(headers: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name.strip() for name in headers.get("anthropic-beta", "").split(",") if name.strip())


def _json(status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(status, {**headers, "content-type": "application/json"}, json.dumps(body).encode())
