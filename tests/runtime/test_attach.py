"""SDKs that are older or newer than the one we test with: by the HTTP client's hooks, or by a copy and with a word."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anthropic
import pytest

import cachelint
from cachelint.runtime import legacy_hooks
from cachelint.runtime.observer import Observer, observer_for
from cachelint.runtime.options import Options
from cachelint.testing import ApiServer, fail

PROMPT: dict[str, Any] = {"model": "claude-opus-4-8", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def observer(log: Path) -> Observer:
    return observer_for(Options(log=str(log)))


def test_hooks_see_what_middleware_sees(server: ApiServer, observer: Observer, records: Any) -> None:
    client = anthropic.Anthropic(base_url=server.url, api_key="key")
    legacy_hooks.hook(client, observer)
    server.api.answers.add(fail(529))  # type: ignore[attr-defined]
    whole = client.messages.create(**PROMPT)
    with client.messages.stream(**PROMPT) as stream:
        streamed = stream.get_final_message()

    failed, *answered = records()
    assert (failed["status"], failed["attempt"], answered[0]["attempt"]) == (529, 0, 1)
    assert [record["usage"] for record in answered] == [
        message.usage.model_dump(exclude_none=True) for message in (whole, streamed)
    ]
    assert [record["stream"] for record in answered] == [False, True]
    assert {record["function"] for record in answered} == {"test_hooks_see_what_middleware_sees"}


def test_hooks_of_an_asynchronous_client(server: ApiServer, observer: Observer, records: Any) -> None:
    async def main() -> None:
        async with anthropic.AsyncAnthropic(base_url=server.url, api_key="key") as client:
            legacy_hooks.hook(client, observer)
            await client.messages.create(**PROMPT)
            async with client.messages.stream(**PROMPT) as stream:
                await stream.get_final_message()

    asyncio.run(main())
    assert [record["complete"] for record in records()] == [True, True]


def test_a_hook_and_middleware_log_once(
    server: ApiServer, observer: Observer, client: anthropic.Anthropic, records: Any
) -> None:
    legacy_hooks.hook(client, observer)
    legacy_hooks.hook(client, observer)
    assert legacy_hooks.is_hooked(client)
    client.messages.create(**PROMPT)
    assert len(records()) == 1


def test_a_hook_of_the_users_own_stays(server: ApiServer, observer: Observer) -> None:
    client = anthropic.Anthropic(base_url=server.url, api_key="key")
    seen: list[int] = []
    client._client.event_hooks = {"response": [lambda response: seen.append(response.status_code)]}
    legacy_hooks.hook(client, observer)
    client.messages.create(**PROMPT)
    assert seen == [200]


class LaterClient:
    """A client of an SDK whose internals have changed."""

    def __init__(self, *middleware: Any) -> None:
        self.middleware = middleware

    def with_middleware(self, *middleware: Any) -> LaterClient:
        return LaterClient(*middleware)


def test_an_sdk_that_we_do_not_know_gets_a_copy_and_a_word(log: Path, caplog: pytest.LogCaptureFixture) -> None:
    tracked = cachelint.track(LaterClient(), log)
    assert [type(entry) for entry in tracked.middleware] == [cachelint.CacheMiddleware]
    assert caplog.messages == [
        "This anthropic SDK is newer than cachelint knows: only the client that `track` returns is logged."
    ]
