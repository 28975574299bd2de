"""What the API takes out of a conversation before the model, and so the cache, sees it.

- system messages with `clear_at: "next_user_message"`, once the user has spoken again;
- thinking of earlier turns, on models that keep only the last turn's, or as `clear_thinking_20251015` says;
- results of tools, as `clear_tool_uses_20250919` says.

Everything behind the first block that is taken out or changed is another prompt. A turn begins with a message in which
the user says something, which tool results alone do not. Sources: Anthropic documentation, Thinking and Context editing
(2026-08-21); the SDK's types. What is put in the place of a result is not published: here, a short text.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cachelint.prompt import Block, model_facts
from cachelint.prompt.layout import is_passing

TokenCounter = Callable[[Any, str], int]
"""Counts the tokens of a block for a model."""

_CLEAR_THINKING = "clear_thinking_20251015"
_CLEAR_TOOL_USES = "clear_tool_uses_20250919"
_TRIGGER: Mapping[str, Any] = {"type": "input_tokens", "value": 100_000}
_KEPT_TOOL_USES = 3
_CLEARED = "[cleared]"
_THOUGHTS = ("thinking", "redacted_thinking")

Tokens = Callable[[Sequence[Block]], int]
Edited = tuple[tuple[Block, ...], int]
"""The remaining blocks, and how many turns or tool uses were cleared."""


def shown(body: Mapping[str, Any], laid_out: Sequence[Block], count: TokenCounter) -> tuple[Block, ...]:
    """The blocks that remain of a request, in their order."""
    return _edited(body, laid_out, count)[0]


def applied_edits(body: Mapping[str, Any], laid_out: Sequence[Block], count: TokenCounter) -> list[dict[str, Any]]:
    """What `context_management` did to a request, as the response reports it."""
    return _edited(body, laid_out, count)[1]


def _edited(
    body: Mapping[str, Any], laid_out: Sequence[Block], count: TokenCounter
) -> tuple[tuple[Block, ...], list[dict[str, Any]]]:
    model = str(body.get("model", ""))

    def tokens(blocks: Sequence[Block]) -> int:
        return sum(count(block.value, model) for block in blocks)

    edits = _edits(body)
    thinking, uses = edits.get(_CLEAR_THINKING), edits.get(_CLEAR_TOOL_USES)
    sent = tuple(block for block in laid_out if not _is_over(block, body))
    thoughtless, turns = _without_thinking(sent, _kept_turns(thinking, model))
    remaining, cleared = (thoughtless, 0) if uses is None else _without_results(thoughtless, uses, tokens)
    applied: list[dict[str, Any]] = []
    if thinking is not None and turns:
        saved = tokens(sent) - tokens(thoughtless)
        applied.append({"type": _CLEAR_THINKING, "cleared_thinking_turns": turns, "cleared_input_tokens": saved})
    if cleared:
        saved = tokens(thoughtless) - tokens(remaining)
        applied.append({"type": _CLEAR_TOOL_USES, "cleared_tool_uses": cleared, "cleared_input_tokens": saved})
    return remaining, applied


def _edits(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    listed = _mapping(body.get("context_management")).get("edits")
    return {str(edit.get("type")): edit for edit in listed or () if isinstance(edit, Mapping)}


def _is_over(block: Block, body: Mapping[str, Any]) -> bool:
    """Whether a block belongs to a system message that was meant for a turn that is over."""
    if not is_passing(body, block):
        return False
    return any(_mapping(message).get("role") == "user" for message in body["messages"][block.path[0] + 1 :])


def _kept_turns(edit: Mapping[str, Any] | None, model: str) -> int | None:
    """Of how many turns the thinking is kept; None for all."""
    facts = model_facts(model)
    if edit is None:
        return 1 if facts is not None and facts.keeps_thinking == "last-turn" else None
    keep = edit.get("keep")
    if keep == "all" or _mapping(keep).get("type") == "all":
        return None
    return int(_mapping(keep).get("value", 1))


def _without_thinking(laid_out: Sequence[Block], kept: int | None) -> Edited:
    """Leave out the thinking that stands before the last `kept` turns."""
    spoken = sorted(
        {block.path[0] for block in laid_out if block.role == "user" and not _has_type(block, "tool_result")}
    )
    if kept is None or len(spoken) < kept:
        return tuple(laid_out), 0
    first = spoken[-kept]
    early = [block.path[0] for block in laid_out if _has_type(block, *_THOUGHTS) and block.path[0] < first]
    remaining = (block for block in laid_out if not (_has_type(block, *_THOUGHTS) and block.path[0] < first))
    return tuple(remaining), len({bisect(spoken, message) for message in early})


def _without_results(laid_out: Sequence[Block], edit: Mapping[str, Any], tokens: Tokens) -> Edited:
    """Clear the results of all but the last tool uses, if the prompt is long enough and enough is gained."""
    names = {block.value.get("id"): block.value.get("name") for block in laid_out if _has_type(block, "tool_use")}
    excluded = edit.get("exclude_tools") or ()
    results = [block for block in laid_out if _has_type(block, "tool_result")]
    kept = int(_mapping(edit.get("keep")).get("value", _KEPT_TOOL_USES))
    old = [b for b in results[: len(results) - kept] if names.get(b.value.get("tool_use_id")) not in excluded]
    trigger = edit.get("trigger") or _TRIGGER
    size = len(names) if trigger["type"] == "tool_uses" else tokens(laid_out)
    if not old or size <= trigger["value"]:
        return tuple(laid_out), 0
    answered = {block.value.get("tool_use_id") for block in old}
    cleared = tuple(_cleared(block, answered, edit.get("clear_tool_inputs")) for block in laid_out)
    gained = tokens(laid_out) - tokens(cleared)
    if gained < _mapping(edit.get("clear_at_least")).get("value", 0):
        return tuple(laid_out), 0
    return cleared, len(old)


def _cleared(block: Block, answered: Collection[Any], inputs: Any) -> Block:
    """A block once the tool uses `answered` are cleared; `inputs` says whether, or of which tools, those go too."""
    value = block.value
    if _has_type(block, "tool_result") and value.get("tool_use_id") in answered:
        return replace(block, value={**value, "content": _CLEARED})
    if _has_type(block, "tool_use") and value.get("id") in answered:
        gone = inputs is True or (isinstance(inputs, list | tuple) and value.get("name") in inputs)
        return replace(block, value={**value, "input": {}}) if gone else block
    return block


def _has_type(block: Block, *types: str) -> bool:
    return block.tier == "messages" and _mapping(block.value).get("type") in types


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
