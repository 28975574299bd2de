"""The simulated Messages API without a transport: an HTTP request in, an HTTP response out.

The loopback server (`server.py`) puts it behind a socket, the pytest plugin behind the HTTP client of the SDK.
It serves `POST /v1/messages` (also as a stream), `/v1/messages/count_tokens`, and `/v1/messages/batches` with their
results. Beta calls use the same paths; those of Vertex AI and Amazon Bedrock are understood too (`platforms.py`).
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from cachelint.prompt import problems
from cachelint.testing.answers import Answer, Failure, Responder, Script, fail
from cachelint.testing.batches import Batches
from cachelint.testing.binding import broken_bindings, drops_broken, signed, transformations, unbound, without
from cachelint.testing.cache import CacheUsage, PendingRequest, PromptCache
from cachelint.testing.clock import Clock, SystemClock
from cachelint.testing.diagnosis import Diagnosis
from cachelint.testing.messages import events, message
from cachelint.testing.platforms import Translated, first_party_body, stream_of, translated
from cachelint.testing.prefix import context_edits, positions
from cachelint.testing.threads import Threads

_T = TypeVar("_T")
_BINDING_CONTROLS = "thinking-binding-controls-2026-08-01"
_INDEX = re.compile(r"\[(\d+)\]")
"""As we write a place; the API's sentences write ``messages.0.content.1``."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What goes back to the client."""

    status: int
    headers: Mapping[str, str]
    body: bytes | Iterator[bytes]
    """Bytes, or the pieces of a stream, each as it becomes available."""
    delay: float = 0.0
    """Seconds to wait before the response begins."""
    begin: Callable[[], object] = bool
    """To be called when it begins: from then on others can read what the request wrote to the cache."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request for an answer, as it arrived, with what was answered."""

    body: Mapping[str, Any]
    """With the whole history, also where a message thread keeps it on the server."""
    workspace: str
    betas: tuple[str, ...]
    usage: CacheUsage | None
    """None for a request that failed."""
    status: int
    origin: str | None
    """The line of code that sent it, where that can be known: ``support/agent.py:34``."""


@dataclass(slots=True)
class MessagesApi:
    """A stand-in for the Messages API with a cache of its own.

    `answers` makes the replies (a `Script`, or any function of the request body). `workspaces` says to which workspace
    an API key belongs; keys that it does not list share the workspace ``default``. `seed` makes the ids of responses
    differ between two instances; equal seeds give equal ids. `origin` tells which code sends the request at hand.
    """

    clock: Clock = field(default_factory=SystemClock)
    answers: Responder = field(default_factory=Script)
    workspaces: Mapping[str, str] = field(default_factory=dict)
    seed: str = ""
    origin: Callable[[], str | None] = lambda: None
    calls: list[Call] = field(default_factory=list)
    """Every request for an answer so far, in order of arrival."""
    cache: PromptCache = field(init=False)
    _diagnosis: Diagnosis = field(init=False, default_factory=Diagnosis)
    _batches: Batches = field(init=False)
    _threads: Threads = field(init=False, default_factory=Threads)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)
    _count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.cache = PromptCache(self.clock)
        self._batches = Batches(self._identity, self._now)

    def handle(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> HttpResponse:
        """Answer one HTTP request. `headers` has lower-case names; `path` may carry a query string.

        The caller waits for the response's `delay` and calls its `begin` before it passes the response on.
        """
        request_id = self._identity("req")
        try:
            request = _found(translated(path.partition("?")[0].rstrip("/")))
            response = self._route(method, request, headers, content)
        except _RejectedError as rejected:
            failure = rejected.failure
            response = _json(failure.body(request_id), status=failure.status, headers=failure.headers)
        known = {"request-id": request_id, "anthropic-workspace-id": self._workspace(headers)}
        return replace(response, headers={**known, **response.headers})

    def _route(self, method: str, request: Translated, headers: Mapping[str, str], content: bytes) -> HttpResponse:
        match method, request.path.split("/")[3:]:
            case "POST", []:
                return self._create(request, headers, content)
            case "POST", ["count_tokens"]:
                return _json({"input_tokens": _count_tokens(_parsed(content), headers)})
            case "POST", ["batches"]:
                return _json(self._batches.create(_parsed(content), lambda params: self._item(params, headers)))
            case "GET", ["batches", identity, "results"]:
                results = _found(self._batches.results(identity))
                return HttpResponse(200, {"content-type": "application/x-jsonl"}, results)
            case "GET", ["batches", identity]:
                return _json(_found(self._batches.get(identity)))
            case "GET", ["batches"]:
                return _json(self._batches.all())
            case _:
                raise _RejectedError(fail(404))

    def _create(self, request: Translated, headers: Mapping[str, str], content: bytes) -> HttpResponse:
        body = first_party_body(request, _parsed(content))
        if isinstance(body, Failure):
            raise _RejectedError(body)
        answer, pending, complete = self._message(body, headers, tier="standard")
        response = _json(complete)
        if body.get("stream") is True:
            media, pieces = stream_of(request, events(complete))
            response = HttpResponse(200, {"content-type": media}, pieces)
        return replace(response, delay=answer.delay, begin=pending.respond)

    def _item(self, params: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any] | Failure:
        """The answer to one item of a batch."""
        try:
            _, pending, complete = self._message(params, headers, tier="batch")
        except _RejectedError as rejected:
            return rejected.failure
        pending.respond()
        return complete

    def _message(
        self, body: Mapping[str, Any], headers: Mapping[str, str], *, tier: str
    ) -> tuple[Answer, PendingRequest, dict[str, Any]]:
        """Validate a request, ask the cache, and write the message that answers it."""
        workspace, betas = self._workspace(headers), _betas(headers)
        try:
            whole, shown, answer = self._accepted(body, batch=tier == "batch")
        except _RejectedError as rejected:
            self.calls.append(Call(body, workspace, betas, None, rejected.failure.status, self.origin()))
            raise
        answered = answer.content if whole["max_tokens"] else ()
        pending = self.cache.begin(shown, workspace=workspace, betas=betas, answered=answered)
        self.calls.append(Call(whole, workspace, betas, pending.usage, 200, self.origin()))
        identity, day = self._identity("msg"), self._now().date()
        complete = message(whole, answer, pending.iterations, identity=identity, tier=tier, day=day)
        self._threads.remember(whole, complete)
        complete["diagnostics"] = self._diagnosis.of(complete["id"], whole, workspace, betas)
        return answer, pending, {**complete, **self._reported(whole, betas)}

    def _accepted(self, body: Mapping[str, Any], *, batch: bool) -> tuple[Mapping[str, Any], Mapping[str, Any], Answer]:
        """A request with its whole history, what the model is shown of it, and its answer.

        Raises `_RejectedError` if it gets none.
        """
        whole = self._threads.whole(body)
        if isinstance(whole, Failure):
            raise _RejectedError(whole)
        reply = _rejection(whole, batch=batch, now=self._now()) or self.answers(whole)
        if isinstance(reply, Failure):
            raise _RejectedError(reply)
        return whole, without(whole, broken_bindings(whole)), replace(reply, content=signed(reply, whole))

    def _reported(self, whole: Mapping[str, Any], betas: Sequence[str]) -> dict[str, Any]:
        """What the response says of what was done to the history of its request."""
        found: dict[str, Any] = {}
        if whole.get("context_management"):
            found["context_management"] = {"applied_edits": context_edits(whole, self.cache.count)}
        if _BINDING_CONTROLS in betas:
            found["input_transformations"] = transformations(broken_bindings(whole))
        return found

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
    if found:
        return fail(400, _INDEX.sub(r".\1", found[0].message), {})
    broken = () if batch or drops_broken(body) else broken_bindings(body)
    return fail(400, unbound(broken[0]), {}) if broken else None


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
        raise _RejectedError(fail(404))
    return value


def _count_tokens(body: Mapping[str, Any], headers: Mapping[str, str]) -> int:
    laid_out = positions(body, _betas(headers))
    return laid_out[-1].tokens if laid_out else 0


def _betas(headers: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name.strip() for name in headers.get("anthropic-beta", "").split(",") if name.strip())


def _json(body: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponse(status, {**(headers or {}), "content-type": "application/json"}, json.dumps(body).encode())
