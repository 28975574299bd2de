"""The shim is a guest: whatever goes wrong inside it, the program gets what it would have got without it."""

from __future__ import annotations

import asyncio
import logging
import random
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

import cachelint
from cachelint.runtime import callsite, exchange, guard, log, recording, telemetry
from cachelint.runtime.breakage import Breakage
from cachelint.runtime.decoding.server_sent_events import ServerSentEvents
from cachelint.runtime.fingerprint import Fingerprinter
from cachelint.runtime.log import UsageLog
from cachelint.runtime.sessions import Sessions
from cachelint.runtime.usage import ResponseFacts
from cachelint.testing import ApiServer

PROMPT: dict[str, Any] = {"model": "claude-opus-4-8", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}

PLACES = [
    (callsite, "_remember"),
    (exchange, "decoder_for"),
    (exchange, "watch"),
    (recording, "_timestamp"),
    (telemetry, "sdk_span"),
    (Breakage, "warn"),
    (Fingerprinter, "fingerprint"),
    (ResponseFacts, "read"),
    (ServerSentEvents, "feed"),
    (Sessions, "follow"),
    (Sessions, "advance"),
    (UsageLog, "_append"),
]


class OurMistakeError(Exception):
    """Something that nobody foresaw."""


@pytest.fixture(autouse=True)
def _not_yet_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_warned", False)


def broken(*arguments: Any, **options: Any) -> Any:
    raise OurMistakeError("in cachelint")


def talk(client: anthropic.Anthropic) -> list[str]:
    """What a program gets out of a few calls."""
    whole = client.messages.create(**PROMPT)
    events = [event.type for event in client.messages.create(**PROMPT, stream=True)]
    with client.messages.stream(**PROMPT) as stream:
        text = "".join(stream.text_stream)
    return [whole.content[0].text, *events, text]  # type: ignore[union-attr]


@pytest.mark.parametrize(("owner", "name"), PLACES, ids=lambda part: getattr(part, "__name__", part))
def test_a_mistake_of_ours_reaches_nobody(
    owner: Any, name: str, server: ApiServer, client: anthropic.Anthropic, monkeypatch: pytest.MonkeyPatch
) -> None:
    callsite._files.clear()
    expected = talk(anthropic.Anthropic(base_url=server.url, api_key="key"))
    monkeypatch.setattr(owner, name, broken)
    assert talk(client) == expected


def test_a_mistake_is_told_once(
    client: anthropic.Anthropic, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fingerprinter, "fingerprint", broken)
    talk(client)
    [message] = caplog.messages
    assert message.startswith("cachelint failed to record a response (OurMistakeError at test_guest.py:")
    assert message.endswith("). Your program goes on; please report this. Further failures are logged at level DEBUG.")


def test_mistakes_at_random_cost_records_that_are_counted(
    server: ApiServer, client: anthropic.Anthropic, monkeypatch: pytest.MonkeyPatch, records: Any
) -> None:
    expected = talk(anthropic.Anthropic(base_url=server.url, api_key="key"))
    monkeypatch.setattr(log, "_RETRY_AFTER_SECONDS", 0.0)
    chance = random.Random(20261123)
    for owner, name in PLACES:
        monkeypatch.setattr(owner, name, sometimes(getattr(owner, name), chance))
    for _ in range(30):
        assert talk(client) == expected

    written = records()
    ids = [record["id"] for record in written if record["id"]]
    lost = sum(record.get("lost_records", 0) for record in written)
    still_unreported = client.middleware[-1].observer.log.lost_records  # type: ignore[union-attr]
    assert len(ids) == len(set(ids))
    assert len(written) + lost + still_unreported == 90
    assert len(written) > 45


def sometimes(function: Any, chance: random.Random) -> Any:
    def unreliable(*arguments: Any, **options: Any) -> Any:
        return broken() if chance.random() < 0.03 else function(*arguments, **options)

    return unreliable


def test_bytes_that_are_no_stream_reach_the_caller_unchanged(canned: Any, caplog: pytest.LogCaptureFixture) -> None:
    body = b"event: message_start\ndata: {broken\n\nevent: message_start\ndata: [\n\n"

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=iter([body]))

    with canned(answer).messages.with_streaming_response.create(**PROMPT, stream=True) as response:
        assert b"".join(response.iter_bytes()) == body
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_body_that_claims_to_be_compressed_fails_as_it_did(canned: Any) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        headers = {"content-type": "text/event-stream", "content-encoding": "gzip"}
        return httpx2.Response(200, headers=headers, content=iter([b"not gzip"]))

    with pytest.raises((httpx2.DecodingError, anthropic.APIConnectionError)):
        list(canned(answer).messages.create(**PROMPT, stream=True))


def test_exceptions_of_the_program_pass_unchanged(client: anthropic.Anthropic) -> None:
    class Stopped(BaseException):
        pass

    def stop() -> None:
        with client.messages.stream(**PROMPT) as stream:
            for _ in stream:
                raise Stopped

    with pytest.raises(Stopped):
        stop()


def test_a_closed_event_loop_and_an_unread_stream_are_no_error(server: ApiServer, tmp_path: Path) -> None:
    async def main() -> None:
        client = cachelint.track(anthropic.AsyncAnthropic(base_url=server.url, api_key="key"), tmp_path / "log")
        stream = await client.messages.create(**PROMPT, stream=True)
        await anext(aiter(stream))
        await stream.close()
        await client.close()

    asyncio.run(main())


def test_middleware_that_answers_by_itself_is_left_alone(server: ApiServer, tmp_path: Path, records: Any) -> None:
    class Cached(anthropic.Middleware):
        def handle(self, request: Any, call_next: Any) -> Any:
            return "from memory"

    ours = cachelint.CacheMiddleware(tmp_path / "usage.jsonl", diagnostics=True)
    client = anthropic.Anthropic(base_url=server.url, api_key="key", middleware=[ours, Cached()])
    assert client.messages.create(**PROMPT) == "from memory"
    assert records() == []


def test_the_request_is_sent_as_it_was(server: ApiServer, client: anthropic.Anthropic) -> None:
    anthropic.Anthropic(base_url=server.url, api_key="key").messages.create(**PROMPT)
    client.messages.create(**PROMPT)
    plain, tracked = server.calls
    assert plain.body == tracked.body == PROMPT
