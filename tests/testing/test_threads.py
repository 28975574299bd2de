"""Message threads: the SDK's tool runner keeps its history on the server unless that is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from cachelint.testing import ApiServer, Script, say, use_tool

CACHED = {"type": "ephemeral"}
TURN = [use_tool("look_up", {"word": "cache"}), say("A store.")]


@anthropic.beta_tool
def look_up(word: str) -> str:
    """Look up a word."""
    return f"{word}: a store"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer(Script(TURN)) as running:
        yield running


def run(server: ApiServer, **parameters: Any) -> list[Any]:
    """The messages of one run of the tool runner."""
    with anthropic.Anthropic(base_url=server.url, api_key="none") as client:
        question = {"role": "user", "content": "What is a cache?"}
        runner = client.beta.messages.tool_runner(
            model="claude-opus-5", max_tokens=99, tools=[look_up], messages=[question], **parameters
        )
        return list(runner)


def roles(call: Any) -> list[str]:
    return [message["role"] for message in call.body["messages"]]


def test_a_thread_is_continued_with_its_whole_history(server: ApiServer) -> None:
    first, second = run(server)
    assert [call.body["thread"]["type"] for call in server.calls] == ["create", "continue"]
    assert roles(server.calls[1]) == ["user", "assistant", "user"]
    assert server.calls[1].body["tools"] == server.calls[0].body["tools"]
    assert second.usage.input_tokens > first.usage.input_tokens


def test_with_breakpoints_the_sdk_sends_the_conversation_itself(server: ApiServer) -> None:
    run(server, cache_control=CACHED)
    assert [(call.status, "thread" in call.body) for call in server.calls] == [(400, True), (200, False), (200, False)]
    assert roles(server.calls[2]) == ["user", "assistant", "user"]


def test_a_thread_that_nobody_knows_is_not_found(server: ApiServer) -> None:
    with (
        anthropic.Anthropic(base_url=server.url, api_key="none") as client,
        pytest.raises(anthropic.NotFoundError) as error,
    ):
        client.beta.messages.create(
            model="claude-opus-5",
            max_tokens=9,
            messages=[{"role": "user", "content": "And?"}],
            thread={"type": "continue", "previous_message_id": "msg_of_somebody_else"},
        )
    assert error.value.body["error"]["details"] == {"error_code": "thread_not_found"}
