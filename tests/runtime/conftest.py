"""A stand-in for the API, a usage log, and clients of the real SDK."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

import cachelint
from cachelint.testing import ApiServer

Record = dict[str, Any]
Handler = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture(autouse=True)
def _connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Closes the connections of all synchronous clients that a test makes."""
    opened: list[httpx2.HTTPTransport] = []
    construct = httpx2.HTTPTransport.__init__

    def noting(transport: httpx2.HTTPTransport, *arguments: Any, **options: Any) -> None:
        construct(transport, *arguments, **options)
        opened.append(transport)

    monkeypatch.setattr(httpx2.HTTPTransport, "__init__", noting)
    yield
    for transport in opened:
        transport.close()


@pytest.fixture
def server() -> Iterator[ApiServer]:
    """The simulated API on a loopback port."""
    with ApiServer() as running:
        yield running


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the tracked clients of a test log to."""
    return tmp_path / "usage.jsonl"


@pytest.fixture
def records(log: Path) -> Callable[[], list[Record]]:
    """Reads the log of the test; every line must be a whole record."""
    return lambda: read_records(log)


@pytest.fixture
def client(server: ApiServer, log: Path) -> Iterator[anthropic.Anthropic]:
    """A tracked client of the simulated API."""
    with anthropic.Anthropic(base_url=server.url, api_key="key", max_retries=2) as plain:
        yield cachelint.track(plain, log)


@pytest.fixture
def canned(log: Path) -> Callable[[Handler], anthropic.Anthropic]:
    """Makes a tracked client whose requests are answered by a function, without any socket."""

    def make(answer: Handler) -> anthropic.Anthropic:
        http = httpx2.Client(transport=httpx2.MockTransport(answer))
        return cachelint.track(anthropic.Anthropic(api_key="key", http_client=http, max_retries=1), log)

    return make


def read_records(log: Path) -> list[Record]:
    """The records of a log file; none when there is no file."""
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def chunked(body: bytes, size: int) -> Iterator[bytes]:
    """A body in chunks of `size` bytes."""
    return (body[start : start + size] for start in range(0, len(body), size))
