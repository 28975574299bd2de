"""Every way in which the SDK sends a request gives one record, with the usage that the SDK itself returned."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anthropic
import pydantic
import pytest
from anthropic import beta_async_tool, beta_tool

import cachelint
from cachelint.testing import ApiServer, use_tool

MODEL = "claude-opus-4-8"
PROMPT: dict[str, Any] = {
    "model": MODEL,
    "max_tokens": 64,
    "system": [{"type": "text", "text": "Be brief. " * 900, "cache_control": {"type": "ephemeral"}}],
    "messages": [{"role": "user", "content": "Hello"}],
}


class Verdict(pydantic.BaseModel):
    good: bool


@beta_tool
def weather(city: str) -> str:
    """The weather in a city."""
    return f"Sunny in {city}"


@beta_async_tool
async def weather_later(city: str) -> str:
    """The weather in a city."""
    return f"Sunny in {city}"


def create(client: anthropic.Anthropic) -> Any:
    return client.messages.create(**PROMPT).usage


def create_stream(client: anthropic.Anthropic) -> Any:
    return merged(list(client.messages.create(**PROMPT, stream=True)))


def stream(client: anthropic.Anthropic) -> Any:
    with client.messages.stream(**PROMPT) as events:
        return events.get_final_message().usage


def stream_text(client: anthropic.Anthropic) -> Any:
    with client.messages.stream(**PROMPT) as events:
        assert "".join(events.text_stream) == "You said: Hello"
        return events.get_final_message().usage


def raw(client: anthropic.Anthropic) -> Any:
    return client.messages.with_raw_response.create(**PROMPT).parse().usage


def raw_stream(client: anthropic.Anthropic) -> Any:
    return merged(list(client.messages.with_raw_response.create(**PROMPT, stream=True).parse()))


def streaming_response(client: anthropic.Anthropic) -> Any:
    with client.messages.with_streaming_response.create(**PROMPT) as response:
        return response.parse().usage


def streaming_response_lines(client: anthropic.Anthropic) -> Any:
    with client.messages.with_streaming_response.create(**PROMPT, stream=True) as response:
        lines = list(response.iter_lines())
    assert lines[0] == "event: message_start"
    return None


def beta_create(client: anthropic.Anthropic) -> Any:
    return client.beta.messages.create(**PROMPT, betas=["context-1m-2025-08-07"]).usage


def beta_stream(client: anthropic.Anthropic) -> Any:
    with client.beta.messages.stream(**PROMPT) as events:
        return events.get_final_message().usage


def copied(client: anthropic.Anthropic) -> Any:
    return client.with_options(timeout=20).messages.create(**PROMPT).usage


WAYS = [
    create,
    create_stream,
    stream,
    stream_text,
    raw,
    raw_stream,
    streaming_response,
    streaming_response_lines,
    beta_create,
    beta_stream,
    copied,
]


STREAMS = (stream, stream_text, beta_stream)
"""Those by the SDK's method of that name."""


def merged(events: list[Any]) -> Any:
    """The usage of a stream by the SDK's own rule: final counters replace those of the start."""
    usage = events[0].message.usage
    final = next(event.usage for event in events if event.type == "message_delta")
    return usage.model_copy(update={name: value for name, value in final.model_dump().items() if value is not None})


@pytest.fixture(params=["plain", "gzip"])
def server(request: pytest.FixtureRequest) -> Iterator[ApiServer]:
    with ApiServer(compress=request.param == "gzip") as running:
        yield running


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_synchronous_calls(way: Callable[..., Any], client: anthropic.Anthropic, records: Any) -> None:
    usage = way(client)

    [record] = records()
    assert record["kind"] == "messages"
    assert record["complete"] is True
    assert record["model"] == MODEL
    assert record["function"] == way.__name__
    assert record["method"] == ("stream" if way in STREAMS else "create")
    assert record["call_site"].startswith("tests/runtime/test_coverage.py:")
    assert record["markers"] == [{"position": "system[0]", "ttl": "5m"}]
    if usage is not None:
        assert record["usage"] == usage.model_dump(exclude_none=True)


async def call_every_way(url: str, log: Path) -> list[Any]:
    """The usage of each call of the asynchronous client."""
    usages = []
    async with anthropic.AsyncAnthropic(base_url=url, api_key="key") as plain:
        client = cachelint.track(plain, log)
        usages.append((await client.messages.create(**PROMPT)).usage)
        usages.append(merged([event async for event in await client.messages.create(**PROMPT, stream=True)]))
        async with client.messages.stream(**PROMPT) as events:
            usages.append((await events.get_final_message()).usage)
        usages.append((await (await client.messages.with_raw_response.create(**PROMPT)).parse()).usage)
        async with client.messages.with_streaming_response.create(**PROMPT) as response:
            usages.append((await response.parse()).usage)
        usages.append((await client.beta.messages.create(**PROMPT)).usage)
        usages.append((await client.copy().messages.create(**PROMPT)).usage)
    return usages


def test_asynchronous_calls(server: ApiServer, log: Path, records: Any) -> None:
    usages = asyncio.run(call_every_way(server.url, log))

    assert [record["usage"] for record in records()] == [usage.model_dump(exclude_none=True) for usage in usages]
    assert {record["function"] for record in records()} == {"call_every_way"}


def test_the_aiohttp_backend(server: ApiServer, log: Path, records: Any) -> None:
    pytest.importorskip("aiohttp", reason="needs aiohttp")

    async def main() -> None:
        async with anthropic.DefaultAioHttpClient() as http:
            plain = anthropic.AsyncAnthropic(base_url=server.url, api_key="key", http_client=http)
            client = cachelint.track(plain, log)
            await client.messages.create(**PROMPT)
            async with client.messages.stream(**PROMPT) as events:
                await events.get_final_message()

    asyncio.run(main())
    assert [record["complete"] for record in records()] == [True, True]


def test_concurrent_tasks_each_get_their_own_record(server: ApiServer, log: Path, records: Any) -> None:
    async def main() -> None:
        async with anthropic.AsyncAnthropic(base_url=server.url, api_key="key") as plain:
            client = cachelint.track(plain, log)
            await asyncio.gather(*(client.messages.create(**PROMPT) for _ in range(10)))

    asyncio.run(main())
    assert len({record["id"] for record in records()}) == 10


def test_parse(client: anthropic.Anthropic, server: ApiServer, records: Any) -> None:
    server.api.answers = lambda body: use_tool("none", {}, text='{"good": true}')
    response = client.messages.parse(**PROMPT, output_format=Verdict)

    [record] = records()
    assert record["method"] == "parse"
    assert record["usage"] == response.usage.model_dump(exclude_none=True)
    assert "format" in record["fingerprints"]["parameters"]


def test_counting_tokens_is_marked_and_has_no_output(client: anthropic.Anthropic, records: Any) -> None:
    counted = client.messages.count_tokens(model=MODEL, messages=PROMPT["messages"])

    [record] = records()
    assert record["kind"] == "count_tokens"
    assert record["usage"] == {"input_tokens": counted.input_tokens}


def test_a_tool_runner_gives_a_record_for_each_request(
    client: anthropic.Anthropic, server: ApiServer, records: Any
) -> None:
    server.api.answers.add(use_tool("weather", {"city": "Oslo"}))  # type: ignore[attr-defined]
    runner = client.beta.messages.tool_runner(**PROMPT, tools=[weather], thread=False)
    usages = [message.usage.model_dump(exclude_none=True) for message in runner]

    assert [record["usage"] for record in records()] == usages
    assert len(usages) == 2
    assert {record["method"] for record in records()} == {"tool_runner"}
    assert [record["stop_reason"] for record in records()] == ["tool_use", "end_turn"]
    assert len({record["session"] for record in records()}) == 1


def test_a_tool_runner_over_a_thread_is_one_session(
    client: anthropic.Anthropic, server: ApiServer, records: Any
) -> None:
    server.api.answers.add(use_tool("weather", {"city": "Oslo"}))  # type: ignore[attr-defined]
    prompt = {**PROMPT, "system": "Be brief."}
    assert len(list(client.beta.messages.tool_runner(**prompt, tools=[weather]))) == 2

    billed = [record for record in records() if record["status"] == 200]
    assert len(billed) == 2
    assert len({record["session"] for record in billed}) == 1


def test_an_asynchronous_tool_runner(server: ApiServer, log: Path, records: Any) -> None:
    server.api.answers.add(use_tool("weather_later", {"city": "Oslo"}))  # type: ignore[attr-defined]

    async def main() -> int:
        async with anthropic.AsyncAnthropic(base_url=server.url, api_key="key") as plain:
            client = cachelint.track(plain, log)
            runner = client.beta.messages.tool_runner(**PROMPT, tools=[weather_later], thread=False)
            return len([message async for message in runner])

    assert asyncio.run(main()) == len(records()) == 2


def test_a_thread_on_the_server_is_marked(client: anthropic.Anthropic, records: Any) -> None:
    thread: dict[str, Any] = {"type": "create"}
    for question in ("One", "Two", "Three"):
        turn = {**PROMPT, "system": "Be brief.", "messages": [{"role": "user", "content": question}]}
        response = client.beta.messages.create(**turn, extra_body={"thread": thread})
        thread = {"type": "continue", "previous_message_id": response.id}

    assert [record["thread"] for record in records()] == [True] * 3
    assert len({record["session"] for record in records()}) == 1
    assert not any("divergence" in record for record in records())


def test_a_request_without_a_prompt_is_not_recorded(client: anthropic.Anthropic, log: Path) -> None:
    with pytest.raises(anthropic.NotFoundError):
        client.models.list()
    client.messages.batches.list()
    assert not log.exists()


def test_a_body_given_beside_the_arguments_is_part_of_the_prompt(client: anthropic.Anthropic, records: Any) -> None:
    client.messages.create(**PROMPT, extra_body={"system": "Another.", "thinking": {"type": "disabled"}})
    client.messages.create(**{**PROMPT, "system": "Another."}, thinking={"type": "disabled"})

    one, other = (record["fingerprints"] for record in records())
    assert one == other


def test_event_loops_threads_and_forks_share_a_client(
    client: anthropic.Anthropic, server: ApiServer, log: Path, records: Any
) -> None:
    def in_a_loop() -> None:
        async def main() -> None:
            async with anthropic.AsyncAnthropic(base_url=server.url, api_key="key") as plain:
                await cachelint.track(plain, log).messages.create(**PROMPT)

        asyncio.run(main())

    threads = [threading.Thread(target=in_a_loop) for _ in range(3)]
    threads += [threading.Thread(target=client.messages.create, kwargs=PROMPT) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    child = os.fork()
    if child == 0:
        with anthropic.Anthropic(base_url=server.url, api_key="key") as plain:
            cachelint.track(plain, log).messages.create(**PROMPT)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

    assert len({record["id"] for record in records()}) == 7
    assert sorted(Counter(record["pid"] for record in records()).values()) == [1, 6]


def test_what_other_middleware_changes_is_seen_as_it_is_sent(server: ApiServer, log: Path, records: Any) -> None:
    class Renaming(anthropic.Middleware):
        def handle(self, request: Any, call_next: Any) -> Any:
            return call_next(request.copy(body={**request.json, "model": "claude-sonnet-4-5"}))

    client = anthropic.Anthropic(base_url=server.url, api_key="key", middleware=[Renaming()])
    cachelint.track(client, log).messages.create(**PROMPT)

    [record] = records()
    assert record["model_requested"] == record["model"] == "claude-sonnet-4-5"
