"""Retries, failures and streams that end early: one billed record each, and never a number that was not returned."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

import cachelint
from cachelint.testing import ApiServer, fail

PROMPT: dict[str, Any] = {"model": "claude-opus-4-8", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}

START = (
    b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",'
    b'"model":"m","content":[],"stop_reason":null,"stop_sequence":null,'
    b'"usage":{"input_tokens":5,"output_tokens":1}}}\n\n'
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,'
    b'"content_block":{"type":"text","text":""}}\n\n'
)
TEXT = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
    b'"delta":{"type":"text_delta","text":"Hi"}}\n\n'
)


def outcome(record: dict[str, Any]) -> tuple[Any, ...]:
    return record["attempt"], record["status"], record["error"], record["complete"]


def test_a_retry_is_one_billed_record_with_its_attempt(
    client: anthropic.Anthropic, server: ApiServer, records: Any
) -> None:
    server.api.answers.add(fail(429), fail(529))  # type: ignore[attr-defined]
    client.messages.create(**PROMPT)

    first, second, third = records()
    assert outcome(first) == (0, 429, "rate_limit_error", False)
    assert outcome(second) == (1, 529, "overloaded_error", False)
    assert outcome(third) == (2, 200, None, True)
    assert [("usage" in record) for record in (first, second, third)] == [False, False, True]


def test_a_retried_stream_is_one_billed_record(client: anthropic.Anthropic, server: ApiServer, records: Any) -> None:
    server.api.answers.add(fail(500))  # type: ignore[attr-defined]
    with client.messages.stream(**PROMPT) as stream:
        stream.until_done()

    first, second = records()
    # Nobody read the body of the failure, so its type is not known.
    assert outcome(first) == (0, 500, "http_500", False)
    assert outcome(second) == (1, 200, None, True)


def test_the_body_of_a_last_failure_is_read_by_the_sdk_and_names_its_type(
    client: anthropic.Anthropic, server: ApiServer, records: Any
) -> None:
    server.api.answers.add(fail(400, "prompt is too long"))  # type: ignore[attr-defined]
    with pytest.raises(anthropic.BadRequestError, match="prompt is too long"):
        client.messages.create(**PROMPT, stream=True)
    assert outcome(records()[0]) == (0, 400, "invalid_request_error", False)


def test_a_connection_that_never_came_about(canned: Any, records: Any) -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    client = canned(refuse)
    with pytest.raises(anthropic.APIConnectionError):
        client.with_options(max_retries=0).messages.create(**PROMPT)
    assert outcome(records()[0]) == (0, None, "APIConnectionError", False)


def streamed(*parts: bytes, error: Exception | None = None) -> httpx2.Response:
    """A stream that breaks off with `error` behind its parts."""

    def chunks() -> Iterator[bytes]:
        yield from parts
        if error is not None:
            raise error

    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=chunks())


def test_a_connection_that_breaks_within_a_stream(canned: Any, records: Any) -> None:
    client = canned(lambda request: streamed(START, TEXT, error=httpx2.ReadError("gone")))
    with pytest.raises((httpx2.ReadError, anthropic.APIConnectionError)), client.messages.stream(**PROMPT) as stream:
        stream.until_done()

    [record] = records()
    assert outcome(record) == (0, 200, "connection_error", False)
    assert record["usage"] == {"input_tokens": 5}


def test_a_stream_closed_by_the_caller_keeps_its_input(canned: Any, records: Any) -> None:
    client = canned(lambda request: streamed(START, *[TEXT] * 10))
    with client.messages.stream(**PROMPT) as stream:
        for event in stream:
            if event.type == "text":
                break

    [record] = records()
    assert outcome(record) == (0, 200, None, False)
    assert record["usage"] == {"input_tokens": 5}
    assert record["content_empty"] is False


def test_a_stream_that_is_dropped_unread(canned: Any, records: Any) -> None:
    stream = canned(lambda request: streamed(START, TEXT)).messages.create(**PROMPT, stream=True)
    assert records() == []
    del stream

    [record] = records()
    assert outcome(record) == (0, 200, None, False)
    assert "usage" not in record


def test_a_cut_stream_that_the_sdk_takes_for_complete(canned: Any, records: Any) -> None:
    client = canned(lambda request: streamed(START, TEXT))
    for _ in client.messages.create(**PROMPT, stream=True):
        pass
    assert outcome(records()[0]) == (0, 200, None, False)


def test_a_cancelled_task_leaves_one_record(log: Path, records: Any) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield START
        while True:
            yield TEXT
            await asyncio.sleep(0)

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=endless())

    async def main() -> None:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
        client = cachelint.track(anthropic.AsyncAnthropic(api_key="key", http_client=http), log)

        async def read() -> None:
            async with client.messages.stream(**PROMPT) as stream:
                async for _ in stream:
                    reading.set()

        reading = asyncio.Event()
        task = asyncio.create_task(read())
        await reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    [record] = records()
    assert outcome(record) == (0, 200, None, False)
    assert record["usage"] == {"input_tokens": 5}


def test_an_error_page_of_a_proxy(canned: Any, records: Any) -> None:
    client = canned(lambda request: httpx2.Response(502, text="<html>Bad gateway</html>"))
    with pytest.raises(anthropic.InternalServerError):
        client.with_options(max_retries=0).messages.create(**PROMPT)
    assert outcome(records()[0]) == (0, 502, "http_502", False)


def test_nothing_is_read_before_the_caller_reads(canned: Any) -> None:
    taken: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(3):
            taken.append(number)
            yield START if number == 0 else TEXT

    client = canned(
        lambda request: httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=chunks())
    )
    events = iter(client.messages.create(**PROMPT, stream=True))
    assert taken == []
    next(events)
    assert taken == [0]
