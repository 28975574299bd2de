"""Server tools: each result is followed by another look at the prompt, with a breakpoint of five minutes of its own."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from simulated_requests import LONG, SHORT, Body, assistant, counted, request, text, usage, user

from cachelint.testing import Answer, MessagesApi, Script

SEARCH = {"type": "web_search_20250305", "name": "web_search"}
CALL = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "cache"}}
RESULT = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
SEARCHED = Answer((CALL, RESULT, {"type": "text", "text": "A store."}))
SEARCHED_TWICE = Answer((CALL, RESULT, CALL, RESULT, {"type": "text", "text": "A store."}))


@pytest.fixture
def searching(api: MessagesApi) -> MessagesApi:
    api.answers = Script([SEARCHED])
    return api


def asked(control: Any, *messages: Any) -> Body:
    first = user(text(700, control), text(30))
    return {**request(), "max_tokens": 99, "tools": [SEARCH], "messages": [first, *messages]}


def test_the_result_is_written_for_five_minutes_though_all_breakpoints_say_an_hour(
    sdk: anthropic.Anthropic, searching: MessagesApi
) -> None:
    answered = sdk.beta.messages.create(**asked(LONG))
    first, second = answered.usage.iterations
    assert counted(first) == usage(plain=30, write_1h=710)
    assert counted(second) == usage(read=710, write=30 + 20)
    assert counted(answered.usage) == usage(plain=30, read=710, write_1h=710, write=50)
    assert first.output_tokens + second.output_tokens == answered.usage.output_tokens
    assert answered.usage.server_tool_use.web_search_requests == 1


def test_the_next_turn_reads_what_the_result_has_written(sdk: anthropic.Anthropic, searching: MessagesApi) -> None:
    answered = sdk.messages.create(**asked(LONG))
    turn = (assistant(*(block.to_dict() for block in answered.content)), user(text(40, LONG)))
    assert counted(sdk.messages.create(**asked(LONG, *turn)).usage) == usage(read=760, write_1h=8 + 40)


def test_without_a_breakpoint_none_is_set(sdk: anthropic.Anthropic, searching: MessagesApi) -> None:
    answered = sdk.beta.messages.create(**asked(None))
    assert [counted(iteration) for iteration in answered.usage.iterations] == [usage(plain=740), usage(plain=760)]
    assert counted(answered.usage) == usage(plain=1500)


def test_automatic_caching_counts_as_a_breakpoint(sdk: anthropic.Anthropic, searching: MessagesApi) -> None:
    answered = sdk.beta.messages.create(**asked(None), cache_control=LONG)
    assert counted(answered.usage) == usage(read=740, write_1h=740, write=20)


def test_each_result_has_its_breakpoint(sdk: anthropic.Anthropic, api: MessagesApi) -> None:
    api.answers = Script([SEARCHED_TWICE])
    iterations = sdk.beta.messages.create(**asked(SHORT)).usage.iterations
    assert [counted(iteration) for iteration in iterations] == [
        usage(plain=30, write=710),
        usage(read=710, write=50),
        usage(read=760, write=20),
    ]


def test_a_stream_begins_with_the_first_iteration_and_ends_with_all(
    sdk: anthropic.Anthropic, searching: MessagesApi
) -> None:
    """The last event does not say for how long its writes are: what exceeds the first is for five minutes."""
    with sdk.messages.stream(**asked(LONG)) as stream:
        usages = {event.type: event for event in stream if event.type in ("message_start", "message_delta")}
    assert counted(usages["message_start"].message.usage) == usage(plain=30, write_1h=710)
    last = usages["message_delta"].usage
    assert (last.input_tokens, last.cache_read_input_tokens, last.cache_creation_input_tokens) == (30, 710, 760)
