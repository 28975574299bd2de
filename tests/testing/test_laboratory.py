"""Capturing requests and asserting that their prefix is stable: what the pytest fixture gives to a test."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anthropic
import pytest

from cachelint.testing import fail, say
from cachelint.testing.laboratory import Laboratory

GUIDE = "Answer in verse, and never in prose. " * 200
CACHED = {"type": "ephemeral"}


@pytest.fixture
def laboratory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    """In an empty folder, so that a failure has no program to look for the culprit in."""
    monkeypatch.chdir(tmp_path)
    return Laboratory()


def request(system: str, *messages: str, **parameters: Any) -> dict[str, Any]:
    return {
        "model": "claude-opus-5",
        "max_tokens": 50,
        "system": [{"type": "text", "text": system, "cache_control": CACHED}],
        "messages": [{"role": "user", "content": message} for message in messages or ("Hello",)],
        **parameters,
    }


def ask(system: str, *messages: str, **parameters: Any) -> anthropic.types.Message:
    with anthropic.Anthropic(api_key="none") as client:
        return client.messages.create(**request(system, *messages, **parameters))


def test_what_is_sent_and_what_it_would_have_cost(laboratory: Laboratory) -> None:
    with laboratory.capture() as requests:
        ask(GUIDE, "one")
        ask(GUIDE, "two")
    first, second = requests
    assert first.body["messages"] == [{"role": "user", "content": "one"}]
    assert (first.usage.write, second.usage.read) == (2740, 2740)
    assert first.origin == second.origin
    assert first.origin.startswith("testing/test_laboratory.py:")
    assert requests.hit_ratio == pytest.approx(0.5, abs=0.001)
    requests.assert_stable_prefix()


def test_streams_and_async_clients_are_captured_too(laboratory: Laboratory) -> None:
    async def both() -> None:
        async with anthropic.AsyncAnthropic(api_key="none") as client:
            await client.messages.create(**request(GUIDE))
            async with client.messages.stream(**request(GUIDE)) as stream:
                assert await stream.get_final_text() == "You said: Hello"

    with laboratory.capture() as requests:
        asyncio.run(both())
    assert [call.usage.read for call in requests] == [0, 2740]


def test_parallel_cold_requests_all_write(laboratory: Laboratory) -> None:
    async def fan_out() -> None:
        async with anthropic.AsyncAnthropic(api_key="none") as client:
            await asyncio.gather(*(client.messages.create(**request(GUIDE, str(number))) for number in range(3)))

    with laboratory.capture() as requests:
        asyncio.run(fan_out())
    assert requests.writes == 3


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        (
            request(GUIDE, thinking={"type": "adaptive"}),
            "thinking was 'absent', now it is {'type': 'adaptive'}, before the breakpoint system[0], 5m",
        ),
        (
            request(GUIDE, tools=[{"name": "a", "input_schema": {"type": "object"}}]),
            "system[0] is gone, before the breakpoint system[0], 5m",
        ),
        (
            request(GUIDE.replace("verse", "rhyme", 1)),
            "system[0] changed at byte 10, before the breakpoint system[0], 5m",
        ),
    ],
)
def test_each_change_of_the_prefix_is_named(laboratory: Laboratory, second: dict[str, Any], sentence: str) -> None:
    with laboratory.capture() as requests, anthropic.Anthropic(api_key="none") as client:
        for body in (request(GUIDE), second):
            client.messages.create(**body)
    with pytest.raises(AssertionError) as raised:
        requests.assert_stable_prefix()
    assert str(raised.value).splitlines()[2].strip() == sentence


def test_tools_in_another_order_are_named(laboratory: Laboratory) -> None:
    tools = [{"name": name, "input_schema": {"type": "object"}} for name in ("find", "buy")]
    with laboratory.capture() as requests:
        for order in (tools, tools[::-1]):
            ask(GUIDE, tools=order)
    with pytest.raises(AssertionError, match=r"tools\[0\] was the tool find, now it is buy"):
        requests.assert_stable_prefix()


def test_a_conversation_that_only_grows_is_stable(laboratory: Laboratory) -> None:
    with laboratory.capture() as requests:
        for turns in (("one",), ("one", "two"), ("one", "two", "three")):
            ask(GUIDE, *turns, cache_control=CACHED)
    requests.assert_stable_prefix()


def test_a_rewritten_history_is_not(laboratory: Laboratory) -> None:
    with laboratory.capture() as requests:
        for turns in (("one", "two"), ("one", "TWO", "three")):
            ask(GUIDE, *turns, cache_control=CACHED)
    with pytest.raises(AssertionError, match=r"messages\[1\]\.content\[0\] changed at byte 0, before the breakpoint"):
        requests.assert_stable_prefix()


def test_another_question_is_no_rewritten_history(laboratory: Laboratory) -> None:
    with laboratory.capture() as requests:
        for question in ("one", "two"):
            ask(GUIDE, question, cache_control=CACHED)
    requests.assert_stable_prefix()


def test_different_prompts_that_one_helper_sends_are_not_compared(laboratory: Laboratory) -> None:
    with laboratory.capture() as requests:
        for prompt in ("Sort the mail. " * 300, "Write a poem about the sea. " * 300):
            ask(prompt)
    requests.assert_stable_prefix()


def test_a_changed_prefix_that_is_not_cached_yet_is_found_as_well(laboratory: Laboratory) -> None:
    with laboratory.capture() as requests, anthropic.Anthropic(api_key="none") as client:
        for minute in range(2):
            client.messages.create(**{**request(""), "system": f"It is 12:0{minute}. {GUIDE}"})
    with pytest.raises(AssertionError, match="nothing is cached yet: there is no breakpoint in this request"):
        requests.assert_stable_prefix()


def test_the_hit_ratio_is_checked_and_shown(laboratory: Laboratory) -> None:
    with laboratory.capture() as requests:
        ask(GUIDE)
        laboratory.clock.advance(301)
        ask(GUIDE)
    with pytest.raises(AssertionError, match=r"the hit ratio is 0\.0%, and should be at least 40\.0%"):
        requests.assert_hit_ratio(at_least=0.4)
    with pytest.raises(AssertionError) as raised:
        requests.assert_writes(at_most=1)
    assert str(raised.value) == (
        "2 requests wrote to the cache, and should be at most 1\n\n"
        f"  request 1: read 0, wrote 2,740, uncached 1 tokens, sent by {requests[0].origin}\n"
        f"  request 2: read 0, wrote 2,740, uncached 1 tokens, sent by {requests[1].origin}"
    )


def test_replies_can_be_scripted(laboratory: Laboratory) -> None:
    laboratory.answer(fail(529), say("At last."))
    with laboratory.capture() as requests:
        assert ask(GUIDE).content[0].text == "At last."
    assert [call.status for call in requests] == [529, 200]


def test_an_empty_capture_fails_rather_than_passes(laboratory: Laboratory) -> None:
    with laboratory.capture() as requests:
        pass
    with pytest.raises(AssertionError, match="no request was captured: nothing was sent to the Messages API"):
        requests.assert_stable_prefix()


def test_other_hosts_stay_reachable(laboratory: Laboratory) -> None:
    """Only the Messages API is answered here; this address refuses connections."""
    with (
        laboratory.capture(),
        anthropic.Anthropic(api_key="none", base_url="http://127.0.0.1:9", max_retries=0) as client,
    ):
        with pytest.raises(anthropic.APIConnectionError):
            client.models.list()
        assert client.messages.create(**request(GUIDE)).stop_reason == "end_turn"
