"""The usage in a record is the one that the SDK itself ends up with, for any stream, in any chunks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

from cachelint.runtime.usage import ResponseFacts

PROMPT: dict[str, Any] = {"model": "claude-opus-4-8", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
RECORDED = (
    "basic.txt",
    "compaction.txt",
    "fallback.txt",
    "fallback_credit.txt",
    "incomplete_partial_json.txt",
    "refusal.txt",
    "stream-a-refusal.sse",
    "stream-a-toolrefusal.sse",
    "stream-b-fallback.sse",
    "tool_use.txt",
)


def chunked(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


@pytest.mark.parametrize("size", [7, 100, 1 << 20])
@pytest.mark.parametrize("name", RECORDED)
def test_recorded_streams(name: str, size: int, shared: Path, canned: Any, records: Any) -> None:
    body = (shared / "logs" / "sse" / name).read_bytes()

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=chunked(body, size))

    final = None
    events = []
    with canned(answer).beta.messages.stream(**PROMPT) as stream:
        try:
            events = list(stream)
            final = stream.get_final_message()
        except ValueError:
            # One of the recordings is cut off inside the JSON of a tool's input, which the SDK refuses to parse.
            assert name == "incomplete_partial_json.txt"

    [record] = records()
    assert record["status"] == 200
    if final is not None and any(event.type == "message_delta" for event in events):
        assert record["usage"] == final.usage.model_dump(exclude_none=True)
        assert record["complete"] is True
        assert (record["id"], record["stop_reason"]) == (final.id, final.stop_reason)
    else:
        assert record["complete"] is False
        assert "output_tokens" not in record["usage"]


def facts(*events: dict[str, Any]) -> ResponseFacts:
    """What a response says of itself in these events."""
    gathered = ResponseFacts()
    for event in events:
        gathered.read(event)
    return gathered


def start(**usage: Any) -> dict[str, Any]:
    return {"type": "message_start", "message": {"id": "msg_1", "model": "m", "content": [], "usage": usage}}


def delta(**usage: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage}


def test_final_counters_replace_those_of_the_start() -> None:
    gathered = facts(
        start(input_tokens=2, cache_creation_input_tokens=47_119, output_tokens=4),
        delta(input_tokens=2, cache_creation_input_tokens=47_119, cache_read_input_tokens=0, output_tokens=64),
    )
    assert gathered.usage == {
        "input_tokens": 2,
        "cache_creation_input_tokens": 47_119,
        "cache_read_input_tokens": 0,
        "output_tokens": 64,
    }


def test_a_null_counter_keeps_that_of_the_start() -> None:
    gathered = facts(start(input_tokens=9, output_tokens=1), delta(input_tokens=None, output_tokens=5))
    assert gathered.usage == {"input_tokens": 9, "output_tokens": 5}


def test_what_only_the_start_says_is_kept() -> None:
    breakdown = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 70}
    gathered = facts(
        start(input_tokens=9, cache_creation=breakdown, inference_geo="us", speed="fast", output_tokens=1),
        delta(output_tokens=5),
    )
    assert gathered.usage == {
        "input_tokens": 9,
        "cache_creation": breakdown,
        "inference_geo": "us",
        "speed": "fast",
        "output_tokens": 5,
    }


def test_a_placeholder_is_not_a_count() -> None:
    gathered = facts(start(input_tokens=9, output_tokens=3))
    assert (gathered.usage, gathered.complete) == ({"input_tokens": 9}, False)


@pytest.mark.parametrize(
    ("content", "empty"),
    [
        ([], True),
        ([{"type": "text", "text": ""}], True),
        ([{"type": "text", "text": "Hi"}], False),
        ([{"type": "tool_use", "id": "t", "name": "n", "input": {}}], False),
        ([{"type": "thinking", "thinking": "", "signature": "abc"}], False),
    ],
)
def test_whether_a_response_has_content(content: list[dict[str, Any]], empty: bool) -> None:
    whole = {"type": "message", "id": "msg_1", "content": content, "usage": {"input_tokens": 1, "output_tokens": 0}}
    assert facts(whole).content_empty is empty


def test_a_refusal_without_a_word_is_told_from_one_in_mid_sentence() -> None:
    block = {"type": "content_block_start", "content_block": {"type": "text", "text": ""}}
    word = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "I"}}
    assert facts(start(input_tokens=1), block, delta(output_tokens=0)).content_empty is True
    assert facts(start(input_tokens=1), block, word, delta(output_tokens=1)).content_empty is False


def test_iterations_are_kept_as_returned() -> None:
    iterations = [
        {"type": "message", "input_tokens": 5, "output_tokens": 1},
        {"type": "compaction", "input_tokens": 90},
    ]
    gathered = facts(start(input_tokens=5, output_tokens=1), delta(output_tokens=2, iterations=iterations))
    assert gathered.usage == {"input_tokens": 5, "output_tokens": 2, "iterations": iterations}


@pytest.mark.parametrize("event", [None, 7, [], "text", {}, {"type": "message_start"}, {"type": "message_delta"}])
def test_events_of_another_shape_are_no_error(event: Any) -> None:
    facts(event)


def test_the_sdk_agrees_on_a_whole_message(canned: Any, records: Any) -> None:
    usage = {"input_tokens": 7, "output_tokens": 2, "cache_read_input_tokens": None, "service_tier": "batch"}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": "m", "usage": usage}
    client: anthropic.Anthropic = canned(lambda request: httpx2.Response(200, json=message))
    response = client.messages.create(**PROMPT)
    assert records()[0]["usage"] == response.usage.model_dump(exclude_none=True)
