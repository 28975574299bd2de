"""Thinking that is bound to the prompt it was produced from: editing the history is an error on some models."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cachelint.testing import Answer, MessagesApi, Script, say

Body = dict[str, Any]
THOUGHT = Answer(({"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Blue."}))


def send(api: MessagesApi, body: Body) -> tuple[int, Any]:
    response = api.handle("POST", "/v1/messages", {}, json.dumps(body).encode())
    assert isinstance(response.body, bytes)
    return response.status, json.loads(response.body)


def conversation(model: str, api: MessagesApi) -> Body:
    """The second turn of a conversation whose first answer began with thinking."""
    first: Body = {
        "model": model,
        "max_tokens": 99,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Which colour?"}],
    }
    _, answered = send(api, first)
    turn = [{"role": "assistant", "content": answered["content"]}, {"role": "user", "content": "Why?"}]
    return {**first, "messages": [*first["messages"], *turn]}


def edit_history(body: Body) -> None:
    body["messages"][0] = {"role": "user", "content": "Which color?"}


EDITS: dict[str, Callable[[Body], None]] = {
    "system": lambda body: body.update(system="Be kind."),
    "tools": lambda body: body.update(tools=[{"name": "look", "input_schema": {"type": "object"}}]),
    "history": edit_history,
}
HARMLESS: dict[str, Callable[[Body], None]] = {
    "nothing": lambda body: None,
    "max_tokens": lambda body: body.update(max_tokens=5),
    "effort": lambda body: body.update(output_config={"effort": "low"}),
    "breakpoints": lambda body: body.update(cache_control={"type": "ephemeral"}),
    "system as blocks": lambda body: body.update(system=[{"type": "text", "text": "Be brief."}]),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edit_before_bound_thinking_is_rejected(edit: Callable[[Body], None]) -> None:
    api = MessagesApi(answers=Script([THOUGHT]))
    body = conversation("claude-fable-5-1", api)
    edit(body)
    status, answered = send(api, body)
    sentence = "messages.1.content.0: tools, system or an earlier message differ from what this thinking is bound to"
    assert (status, answered["error"]["message"]) == (400, sentence)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_on_other_models_it_only_costs_the_cache(edit: Callable[[Body], None]) -> None:
    api = MessagesApi(answers=Script([THOUGHT]))
    body = conversation("claude-opus-5", api)
    edit(body)
    assert send(api, body)[0] == 200


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_is_no_edit(change: Callable[[Body], None]) -> None:
    api = MessagesApi(answers=Script([THOUGHT]))
    body = conversation("claude-fable-5-1", api)
    change(body)
    assert send(api, body)[0] == 200


def test_a_request_can_ask_to_drop_the_thinking_instead() -> None:
    api = MessagesApi(answers=Script([THOUGHT]))
    body = conversation("claude-fable-5-1", api)
    body.update(
        system="Be kind.", thinking={"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "drop_block"}}
    )
    assert send(api, body)[0] == 200


def test_thinking_that_somebody_else_signed_is_let_through() -> None:
    api = MessagesApi(answers=Script([say("Blue.")]))
    body = conversation("claude-fable-5-1", api)
    body["messages"][1]["content"].insert(0, {"type": "thinking", "thinking": "Hm.", "signature": "c2lnbmF0dXJl"})
    body["system"] = "Be kind."
    assert send(api, body)[0] == 200
