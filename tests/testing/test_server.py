"""The loopback server as the real SDK sees it."""

import asyncio
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anthropic
import pytest

from cachelint.testing import Answer, ApiServer, ManualClock, Script, fail, say, use_tool

CACHED = {"type": "ephemeral"}
SYSTEM = [{"type": "text", "text": "Answer in verse. " * 300, "cache_control": CACHED}]
REQUEST: dict[str, Any] = {
    "model": "claude-opus-5",
    "max_tokens": 200,
    "system": SYSTEM,
    "messages": [{"role": "user", "content": "What is a cache?"}],
}
PREFIX = 1888
"""Tokens of SYSTEM, by the kernel's estimate."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture(params=[False, True], ids=["plain", "gzip"])
def server(request: pytest.FixtureRequest, clock: ManualClock, script: Script) -> Iterator[ApiServer]:
    with ApiServer(script, clock=clock, compress=request.param, workspaces={"key-2": "second"}) as running:
        yield running


@pytest.fixture
def client(server: ApiServer) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=server.url, api_key="key-1") as made:
        yield made


def post(url: str, body: Any) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode())
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read())


def cached(usage: Any) -> tuple[int, int]:
    return usage.cache_creation_input_tokens, usage.cache_read_input_tokens


def test_a_message(client: anthropic.Anthropic, script: Script) -> None:
    script.add(say("A cache is a store of things to come."))
    message = client.messages.create(**REQUEST)
    assert message.content[0].text == "A cache is a store of things to come."
    assert (message.model, message.stop_reason) == ("claude-opus-5", "end_turn")
    assert message.usage.model_dump(exclude_none=True) == {
        "input_tokens": 5,
        "cache_creation_input_tokens": PREFIX,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": PREFIX, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 13,
        "service_tier": "standard",
        "inference_geo": "not_available",
    }


def test_a_stream_says_the_same_as_a_message(client: anthropic.Anthropic, script: Script) -> None:
    call = use_tool("look_up", {"word": "cache", "languages": ["en", "fr"]}, text="Let me look. " * 10)
    script.add(call, call)
    whole = client.messages.create(**REQUEST)
    with client.messages.stream(**REQUEST) as stream:
        streamed = stream.get_final_message()
    assert [block.to_dict() for block in streamed.content] == [block.to_dict() for block in whole.content]
    assert (streamed.stop_reason, streamed.usage.output_tokens) == ("tool_use", whole.usage.output_tokens)
    assert cached(streamed.usage) == (0, PREFIX)


def test_thinking_is_streamed_with_its_signature(client: anthropic.Anthropic, script: Script) -> None:
    thought = {"type": "thinking", "thinking": "Verse... " * 20, "signature": "c2ln"}
    script.add(Answer((thought, {"type": "text", "text": "Roses"})))
    with client.messages.stream(**REQUEST) as stream:
        assert stream.get_final_message().content[0].to_dict() == thought


def test_the_async_client_and_the_beta_calls_share_the_cache(server: ApiServer) -> None:
    async def ask() -> list[tuple[int, int]]:
        async with anthropic.AsyncAnthropic(base_url=server.url, api_key="key-1") as client:
            first = await client.messages.create(**REQUEST)
            async with client.messages.stream(**REQUEST) as stream:
                second = await stream.get_final_message()
            third = await client.beta.messages.create(**REQUEST)
            return [cached(message.usage) for message in (first, second, third)]

    assert asyncio.run(ask()) == [(PREFIX, 0), (0, PREFIX), (0, PREFIX)]


def test_counting_tokens_neither_writes_nor_reads(client: anthropic.Anthropic, server: ApiServer) -> None:
    body = {name: REQUEST[name] for name in ("model", "system", "messages")}
    assert client.messages.count_tokens(**body).input_tokens == PREFIX + 5
    assert server.calls == ()
    assert cached(client.messages.create(**REQUEST).usage) == (PREFIX, 0)


def test_failures_are_retried_by_the_client(client: anthropic.Anthropic, script: Script, server: ApiServer) -> None:
    script.add(fail(529), fail(429), say("at last"))
    assert client.messages.create(**REQUEST).content[0].text == "at last"
    assert [call.status for call in server.calls] == [529, 429, 200]


def test_failures_that_remain_reach_the_caller(client: anthropic.Anthropic, script: Script) -> None:
    script.add(fail(500), fail(500), fail(500))
    with pytest.raises(anthropic.InternalServerError) as raised:
        client.messages.create(**REQUEST)
    assert raised.value.body == {
        "type": "error",
        "error": {"type": "api_error", "message": "Internal server error"},
        "request_id": raised.value.request_id,
    }


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"model": None}, "model: Field required"),
        ({"messages": []}, "messages: at least one message is required"),
        (
            {"system": [*SYSTEM * 5]},
            "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        ),
        (
            {"system": [{"type": "text", "text": "", "cache_control": CACHED}]},
            "system.0.cache_control: cache_control cannot be set for an empty text block",
        ),
    ],
)
def test_what_the_api_rejects_is_rejected(client: anthropic.Anthropic, wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as raised:
        client.messages.create(**{**REQUEST, **wrong})
    assert raised.value.body["error"] == {"type": "invalid_request_error", "message": sentence}


def test_batches_are_answered_at_the_batch_tier(client: anthropic.Anthropic) -> None:
    items = [{"custom_id": name, "params": REQUEST} for name in ("a", "b")]
    prewarm = {"custom_id": "c", "params": {**REQUEST, "max_tokens": 0}}
    batch = client.messages.batches.create(requests=[*items, prewarm])
    assert client.messages.batches.retrieve(batch.id).processing_status == "ended"
    assert [listed.id for listed in client.messages.batches.list()] == [batch.id]
    first, second, third = client.messages.batches.results(batch.id)
    assert [cached(line.result.message.usage) for line in (first, second)] == [(PREFIX, 0), (0, PREFIX)]
    assert first.result.message.usage.service_tier == "batch"
    assert third.result.error.error.message == "max_tokens: 0 cannot be used with batch"


def test_a_key_of_another_workspace_has_another_cache(client: anthropic.Anthropic, server: ApiServer) -> None:
    client.messages.create(**REQUEST)
    with anthropic.Anthropic(base_url=server.url, api_key="key-2") as other:
        raw = other.messages.with_raw_response.create(**REQUEST)
    assert raw.headers["anthropic-workspace-id"] == "second"
    assert cached(raw.parse().usage) == (PREFIX, 0)


def test_parallel_cold_requests_all_pay(client: anthropic.Anthropic, script: Script) -> None:
    script.add(*[say("slow", delay=0.2)] * 3)
    with ThreadPoolExecutor(3) as pool:
        messages = list(pool.map(lambda _: client.messages.create(**REQUEST), range(3)))
    assert [cached(message.usage) for message in messages] == [(PREFIX, 0)] * 3


def test_another_process_can_let_time_pass(client: anthropic.Anthropic, server: ApiServer, clock: ManualClock) -> None:
    client.messages.create(**REQUEST)
    before = clock.now()
    assert post(f"{server.url}/_time", {"advance": 301}) == {"now": before + 301}
    assert cached(client.messages.create(**REQUEST).usage) == (PREFIX, 0)


def test_prewarming_returns_an_empty_message(client: anthropic.Anthropic) -> None:
    message = client.messages.create(**{**REQUEST, "max_tokens": 0})
    assert (message.content, message.stop_reason, message.usage.output_tokens) == ([], "max_tokens", 0)


@pytest.mark.parametrize(("model", "served"), [("claude-opus-5", "fast"), ("claude-opus-4-6", "standard")])
def test_fast_mode_that_a_model_lost_is_served_at_standard_speed_and_only_usage_says_so(
    client: anthropic.Anthropic, model: str, served: str
) -> None:
    assert client.messages.create(**{**REQUEST, "model": model, "speed": "fast"}).usage.speed == served


def test_diagnostics_name_the_first_difference(client: anthropic.Anthropic) -> None:
    def ask(previous: str | None, **changed: Any) -> tuple[str, Any]:
        message = client.messages.create(**{**REQUEST, **changed}, diagnostics={"previous_message_id": previous})
        return message.id, message.diagnostics and message.diagnostics.cache_miss_reason.to_dict()

    first, nothing_yet = ask(None)
    _, same = ask(first)
    _, system = ask(first, system="Answer in prose.")
    _, model = ask(first, model="claude-opus-5-5")
    _, thinking = ask(first, thinking={"type": "adaptive"})
    _, messages = ask(first, messages=[{"role": "user", "content": "What else?"}])
    _, unknown = ask("msg_of_somebody_else")
    assert (nothing_yet, same) == (None, None)
    assert system == {"type": "system_changed", "cache_missed_input_tokens": PREFIX + 5}
    assert model == {"type": "model_changed", "cache_missed_input_tokens": PREFIX + 5}
    assert messages == {"type": "messages_changed", "cache_missed_input_tokens": 5}
    assert thinking == {"type": "unavailable"}
    assert unknown == {"type": "previous_message_not_found"}


def test_an_unknown_path_is_not_found(server: ApiServer) -> None:
    with pytest.raises(urllib.error.HTTPError) as raised:
        post(f"{server.url}/v1/nothing", {})
    with raised.value as response:
        assert response.status == 404
        assert json.loads(response.read())["error"]["type"] == "not_found_error"


def test_the_server_runs_as_a_program() -> None:
    command = [sys.executable, "-m", "cachelint.testing.server", "--port", "0", "--manual-clock"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        assert post(f"{url}/_time", {"advance": 1})["now"] > 0
        process.terminate()
