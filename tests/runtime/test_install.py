"""`install` covers every client made later; the ways in can be combined, and nothing is logged twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import pytest

import cachelint
from cachelint.testing import ApiServer

PROMPT: dict[str, Any] = {"model": "claude-opus-4-8", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def installed(log: Path) -> Iterator[None]:
    cachelint.install(log)
    yield
    cachelint.uninstall()


def new_client(server: ApiServer, **options: Any) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=server.url, api_key="key", **options)


class Subclass(anthropic.Anthropic):
    """A client as users derive it, with a constructor of its own."""

    def __init__(self, server: ApiServer) -> None:
        super().__init__(base_url=server.url, api_key="key")


@pytest.mark.usefixtures("installed")
def test_every_client_made_later_is_logged(server: ApiServer, records: Any) -> None:
    clients = [
        new_client(server),
        new_client(server).copy(timeout=3),
        Subclass(server),
        new_client(server, middleware=()),
    ]
    for client in clients:
        client.messages.create(**PROMPT)
    assert len(records()) == len(clients)


def test_clients_made_before_or_after_are_not(server: ApiServer, log: Path, records: Any) -> None:
    before = new_client(server)
    cachelint.install(log)
    cachelint.uninstall()
    after = new_client(server)
    before.messages.create(**PROMPT)
    after.messages.create(**PROMPT)
    assert records() == []


def test_the_constructors_are_restored(log: Path) -> None:
    base = anthropic._base_client.SyncAPIClient
    before = base.__init__
    cachelint.install(log)
    cachelint.install(log)
    assert base.__init__ is not before
    cachelint.uninstall()
    cachelint.uninstall()
    assert base.__init__ is before


@pytest.mark.usefixtures("installed")
def test_all_ways_in_together_log_once(server: ApiServer, log: Path, records: Any) -> None:
    middleware = [cachelint.CacheMiddleware(log), cachelint.CacheMiddleware(log)]
    client = cachelint.track(cachelint.track(new_client(server, middleware=middleware), log), log)
    cachelint.install(log)
    client.copy().messages.create(**PROMPT)
    with client.messages.stream(**PROMPT) as stream:
        stream.until_done()
    assert len(records()) == 2


def test_two_middleware_of_ours_on_one_client_log_once(server: ApiServer, log: Path, records: Any) -> None:
    middleware = [cachelint.CacheMiddleware(log), cachelint.CacheMiddleware(log)]
    new_client(server, middleware=middleware).messages.create(**PROMPT)
    assert len(records()) == 1


@pytest.mark.usefixtures("installed")
def test_a_tracked_client_keeps_its_own_log(server: ApiServer, tmp_path: Path, records: Any) -> None:
    own = tmp_path / "own.jsonl"
    cachelint.track(new_client(server), own).copy().messages.create(**PROMPT)
    assert records() == []
    assert len(own.read_text().splitlines()) == 1


def test_resources_taken_before_tracking_are_covered(server: ApiServer, log: Path, records: Any) -> None:
    client = new_client(server)
    create = client.messages.create
    assert cachelint.track(client, log) is client
    create(**PROMPT)
    assert len(records()) == 1


def test_what_is_not_a_client_is_refused_with_a_word(log: Path) -> None:
    with pytest.raises(TypeError, match=r"clients of the anthropic SDK 0\.75 and later, not builtins\.dict"):
        cachelint.track({}, log)


def test_a_wrong_argument_is_refused_at_once(server: ApiServer, log: Path) -> None:
    with pytest.raises(ValueError, match="capture must be one of none, excerpt, not 'all'"):
        cachelint.track(new_client(server), log, capture="all")  # type: ignore[arg-type]


def test_importing_cachelint_costs_nothing() -> None:
    program = (
        "import sys, cachelint\n"
        "cachelint.install()\n"
        "heavy = {'anthropic', 'libcst', 'duckdb', 'pydantic', 'click', 'httpx', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert output == "[]\n"


def test_installing_before_the_sdk_is_imported(server: ApiServer, log: Path, records: Any) -> None:
    program = (
        f"import cachelint; cachelint.install({str(log)!r})\n"
        f"import anthropic; client = anthropic.Anthropic(base_url={server.url!r}, api_key='key')\n"
        f"client.messages.create(**{PROMPT!r})"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert len(records()) == 1


def test_the_public_names_can_be_listed_and_used() -> None:
    assert set(cachelint.__all__) <= set(dir(cachelint))
    assert all(getattr(cachelint, name) for name in cachelint.__all__ if name != "LiteLLMLogger")
    with pytest.raises(AttributeError, match="no attribute 'trak'"):
        cachelint.trak  # type: ignore[attr-defined]  # noqa: B018
