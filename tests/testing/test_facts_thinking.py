"""Facts about thinking and edited histories (facts.md A.5, A.6): what leaves the prompt, and what that costs."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from simulated_requests import SHORT, Body, Send, assistant, count, counted, request, text, usage, user

from cachelint.prompt import known_models
from cachelint.testing import Answer, MessagesApi, PromptCache, Script, say

THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
LAST_TURN_ONLY = {
    "claude-haiku-4-5",
    "claude-haiku-3-5",
    "claude-haiku-3",
    "claude-opus-4-1",
    "claude-opus-4",
    "claude-sonnet-4-5",
    "claude-sonnet-4",
}
SPOKEN_AGAIN = [user(text(5000)), assistant(THOUGHT, text(20)), user(text(30))]


def conversation(*messages: Any, model: str = "claude-opus-5", **parameters: Any) -> Body:
    return {**request(), "model": model, "messages": [*messages], "cache_control": SHORT, **parameters}


# Thinking of earlier turns


def test_thinking_is_cached_with_its_turn_and_counts_as_input_when_it_is_read(send: Send) -> None:
    first, answer, second = SPOKEN_AGAIN
    assert send(conversation(first)) == usage(write=5000)
    assert send(conversation(first, answer, second)) == usage(read=5000, write=10 + 20 + 30)
    assert send(conversation(first, answer, second)) == usage(read=5060)


@pytest.mark.parametrize("model", known_models())
def test_whose_thinking_stays_when_the_user_speaks_again(model: str) -> None:
    """A tool result alone keeps it; behind a spoken message it is gone, and with it what followed in the cache."""
    cache = PromptCache(count=count)
    result = user({"type": "tool_result", "tool_use_id": "t", "content": "r"})
    cache.send(conversation(*SPOKEN_AGAIN[:2], result, model=model))
    found = cache.send(conversation(*SPOKEN_AGAIN[:2], result, user(text(40)), model=model))
    stripped = model in LAST_TURN_ONLY
    assert found == (usage(write=5070) if stripped else usage(read=5040, write=40))


def clearing(keep: Any) -> Body:
    return {"context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": keep}]}}


THREE_TURNS = [*SPOKEN_AGAIN, assistant(THOUGHT, text(50)), user(text(60))]
KEPT: dict[str, tuple[Any, str, int, list[Any]]] = {
    "all": ("all", "claude-opus-5", 5180, []),
    "the last turn": ({"type": "thinking_turns", "value": 1}, "claude-opus-5", 5160, [(2, 20)]),
    "two turns": ({"type": "thinking_turns", "value": 2}, "claude-opus-5", 5170, [(1, 10)]),
    "all, on a model that keeps the last turn's": ("all", "claude-haiku-4-5", 5180, []),
}


@pytest.mark.parametrize(("keep", "model", "prompt", "cleared"), KEPT.values(), ids=KEPT.keys())
def test_clearing_thinking_overrides_the_model(
    sdk: anthropic.Anthropic, keep: Any, model: str, prompt: int, cleared: list[Any]
) -> None:
    answered = sdk.beta.messages.create(**conversation(*THREE_TURNS, model=model, **clearing(keep)))
    assert counted(answered.usage) == usage(write=prompt)
    edits = answered.context_management.applied_edits
    assert [(edit.cleared_thinking_turns, edit.cleared_input_tokens) for edit in edits] == cleared


# Results of tools


def used(identity: str, length: int) -> list[Any]:
    """A use of a tool and its result, of which the SDK sees nothing but the blocks."""
    call = {"type": "tool_use", "id": identity, "name": "look", "input": {}}
    return [
        assistant(call),
        user({"type": "tool_result", "tool_use_id": identity, "content": "r", "text": "r" * length}),
    ]


def clearing_results(**options: Any) -> Body:
    edit = {"type": "clear_tool_uses_20250919", "trigger": {"type": "tool_uses", "value": 2}, **options}
    return {"context_management": {"edits": [{**edit, "keep": {"type": "tool_uses", "value": 1}}]}}


def test_an_edit_that_clears_nothing_costs_nothing(send: Send) -> None:
    history = [user(text(600)), *used("a", 100), *used("b", 100)]
    send(conversation(*history))
    assert send(conversation(*history, **clearing_results())) == usage(read=820)


def test_tools_system_and_what_stands_before_the_cleared_result_survive(send: Send) -> None:
    before = [user(text(600, SHORT)), *used("a", 100), *used("b", 100)]
    send(conversation(*before, **clearing_results()))
    assert send(conversation(*before, *used("c", 100), **clearing_results())) == usage(read=600, write=330)


def test_what_was_cleared_is_reported(sdk: anthropic.Anthropic, api: MessagesApi) -> None:
    api.cache.count = lambda block, _model: len(str(block.get("content", "")))
    history = [user(text(600)), *long_uses("a", "b", "c")]
    answered = sdk.beta.messages.create(**conversation(*history, **clearing_results()))
    (edit,) = answered.context_management.applied_edits
    assert (edit.cleared_tool_uses, edit.cleared_input_tokens) == (2, 2 * (300 - len("[cleared]")))


def long_uses(*identities: str) -> list[Any]:
    calls = [{"type": "tool_use", "id": identity, "name": "look", "input": {"n": 1}} for identity in identities]
    results = [{"type": "tool_result", "tool_use_id": identity, "content": "r" * 300} for identity in identities]
    return [assistant(*calls), user(*results)]


OPTIONS: dict[str, tuple[Body, int]] = {
    "two of three results": ({}, 2),
    "not those of an excluded tool": ({"exclude_tools": ["look"]}, 0),
    "not if too little is gained": ({"clear_at_least": {"type": "input_tokens", "value": 10_000}}, 0),
    "not before the prompt is long": ({"trigger": {"type": "input_tokens", "value": 10_000}}, 0),
    "once the prompt is long": ({"trigger": {"type": "input_tokens", "value": 100}}, 2),
    "the inputs too": ({"clear_tool_inputs": True}, 2),
}


@pytest.mark.parametrize(("options", "cleared"), OPTIONS.values(), ids=OPTIONS.keys())
def test_how_much_is_cleared(sdk: anthropic.Anthropic, options: Body, cleared: int) -> None:
    history = [user(text(600)), *long_uses("a", "b", "c")]
    answered = sdk.beta.messages.create(**conversation(*history, **clearing_results(**options)))
    assert sum(edit.cleared_tool_uses for edit in answered.context_management.applied_edits) == cleared


# System messages for one turn


def test_a_system_message_for_one_turn_is_gone_in_the_next_and_costs_what_followed_it(send: Send) -> None:
    passing = {"role": "system", "content": [text(50)], "clear_at": "next_user_message"}
    before = [user(text(600)), passing, assistant(text(70))]
    assert send(conversation(*before[:2])) == usage(plain=50, write=600)
    assert send(conversation(*before, user(text(80)))) == usage(read=600, write=150)


def test_one_that_stays_costs_nothing(send: Send) -> None:
    staying = {"role": "system", "content": [text(50)]}
    before = [user(text(600)), staying]
    assert send(conversation(*before)) == usage(write=650)
    assert send(conversation(*before, assistant(text(70)), user(text(80)))) == usage(read=650, write=150)


# Thinking that is bound to its prompt

CONTROLS = "thinking-binding-controls-2026-08-01"
DROPPING = {"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "drop_block"}}
DROPPED = {"type": "thinking_dropped", "path": "messages.1.content.0", "reason": "prefix_binding_mismatch"}


def edited_history(sdk: anthropic.Anthropic, api: MessagesApi) -> Body:
    """A second turn whose first message is not the one that the thinking in between was produced from."""
    thinking = {"type": "thinking", "thinking": "hm"}
    api.answers = Script([Answer((thinking, {"type": "text", "text": "x" * 20})), say("y")])
    first = conversation(user(text(600)), model="claude-fable-5-1", thinking=DROPPING)
    answered = sdk.beta.messages.create(**first)
    said = assistant(*(block.to_dict() for block in answered.content))
    return {**first, "messages": [user(text(601)), said, user(text(30))]}


def test_dropped_thinking_is_no_input_and_is_reported_where_that_is_asked_for(
    sdk: anthropic.Anthropic, api: MessagesApi
) -> None:
    answered = sdk.beta.messages.create(**edited_history(sdk, api), betas=[CONTROLS])
    assert counted(answered.usage) == usage(write=651)
    assert [entry.to_dict() for entry in answered.input_transformations] == [DROPPED]


def test_without_the_beta_it_is_dropped_all_the_same(sdk: anthropic.Anthropic, api: MessagesApi) -> None:
    answered = sdk.beta.messages.create(**edited_history(sdk, api))
    assert (counted(answered.usage), answered.input_transformations) == (usage(write=651), None)


def test_batches_drop_it_by_default(sdk: anthropic.Anthropic, api: MessagesApi) -> None:
    params = {**edited_history(sdk, api), "thinking": {"type": "adaptive"}}
    batch = sdk.messages.batches.create(requests=[{"custom_id": "a", "params": params}])
    (line,) = sdk.messages.batches.results(batch.id)
    assert counted(line.result.message.usage) == usage(write=651)
