"""Facts about cache diagnostics (facts.md A.8b), row by row. Never shown is the answer *pending*: the comparison of the
real API runs in the background, and the stand-in's is done before it answers."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from simulated_requests import SHORT, Body, request, text, tool, user

FIRST = request(text(600, SHORT), tools=[tool("a", 600)], system=[text(700)])
LATER = {**FIRST, "messages": [*FIRST["messages"], {"role": "assistant", "content": "yes"}, user(text(5))]}
ALL = 726
"""Tokens of FIRST as they are estimated for a diagnosis, which does not count as the bill does."""
CHANGES: dict[str, tuple[Body, str | None, int | None]] = {
    "nothing": ({}, None, None),
    "a later turn": (LATER, None, None),
    "model": ({"model": "claude-opus-5-5"}, "model_changed", ALL),
    "speed": ({"speed": "fast"}, "model_changed", ALL),
    "a tool": ({"tools": [tool("b", 600)]}, "tools_changed", ALL),
    "a tool added": ({"tools": [tool("a", 600), tool("b", 600)]}, "tools_changed", ALL),
    "system": ({"system": [text(700, letter="y")]}, "system_changed", 481),
    "an earlier message": ({"messages": [user(text(600, letter="y"))]}, "messages_changed", 222),
    "tool_choice": ({"tool_choice": {"type": "any"}}, "unavailable", None),
    "thinking": ({"thinking": {"type": "adaptive"}}, "unavailable", None),
    "effort": ({"output_config": {"effort": "low"}}, "unavailable", None),
    "context_management": (
        {"context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]}},
        "unavailable",
        None,
    ),
    "beta headers": ({"betas": ["some-beta"]}, "unavailable", None),
    "system and messages, of which the earliest is named": (
        {"system": [text(700, letter="y")], "messages": [user(text(600, letter="y"))]},
        "system_changed",
        481,
    ),
    "max_tokens": ({"max_tokens": 7}, None, None),
}


@pytest.mark.parametrize(("changed", "reason", "missed"), CHANGES.values(), ids=CHANGES.keys())
def test_the_reason_that_is_named(
    sdk: anthropic.Anthropic, changed: Body, reason: str | None, missed: int | None
) -> None:
    first = sdk.beta.messages.create(**FIRST, diagnostics={"previous_message_id": None})
    second = sdk.beta.messages.create(**{**FIRST, **changed}, diagnostics={"previous_message_id": first.id})
    found = second.diagnostics and second.diagnostics.cache_miss_reason
    assert (found and found.type, getattr(found, "cache_missed_input_tokens", None)) == (reason, missed)


def test_the_first_turn_opts_in_and_has_nothing_to_say(sdk: anthropic.Anthropic) -> None:
    asked, silent = ({"diagnostics": {"previous_message_id": None}}, {})
    for how in (asked, silent):
        answered: Any = sdk.messages.create(**FIRST, **how)
        assert "diagnostics" in answered.to_dict()
        assert answered.diagnostics is None


def test_a_request_that_did_not_opt_in_is_not_found(sdk: anthropic.Anthropic) -> None:
    first = sdk.messages.create(**FIRST)
    second = sdk.messages.create(**FIRST, diagnostics={"previous_message_id": first.id})
    assert second.diagnostics.cache_miss_reason.type == "previous_message_not_found"


def test_another_workspace_is_not_found(sdk: anthropic.Anthropic) -> None:
    first = sdk.messages.create(**FIRST, diagnostics={"previous_message_id": None})
    other = sdk.copy(api_key="key of another workspace")
    second = other.messages.create(**FIRST, diagnostics={"previous_message_id": first.id})
    assert second.diagnostics.cache_miss_reason.type == "previous_message_not_found"


def test_a_stream_says_it_when_it_begins(sdk: anthropic.Anthropic) -> None:
    first = sdk.messages.create(**FIRST, diagnostics={"previous_message_id": None})
    changed = {**FIRST, "system": [text(700, letter="y")]}
    with sdk.messages.stream(**changed, diagnostics={"previous_message_id": first.id}) as stream:
        started = next(event for event in stream if event.type == "message_start")
    assert started.message.diagnostics.cache_miss_reason.type == "system_changed"
