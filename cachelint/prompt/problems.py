"""What the API rejects about caching in a request: the breakpoints, and the parameters that go with them.

Each problem carries the sentence that the API answers with a 400, as far as it is published. What fails silently (a
prefix below the minimum, a breakpoint on varying text) is no problem in this sense. Sources: Anthropic documentation,
Prompt caching, Fast mode, Data residency, Mid-conversation system messages (2026-08-21); release notes, October 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from cachelint.prompt.layout import (
    MAXIMUM_BREAKPOINTS,
    TTL_SECONDS,
    Block,
    Body,
    automatic_ttl,
    blocks,
    breakpoints,
    inner_blocks,
    is_passing,
    unmarkable,
)
from cachelint.prompt.models import model_facts


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why the API rejects a request."""

    kind: str
    """A stable name: ``too-many-breakpoints``, ``ttl-order``, ``empty-block`` ..."""
    position: str
    """What is wrong: ``messages[0].content[1]``, or the name of a parameter."""
    message: str


def problems(body: Body, *, batch: bool = False, day: date | None = None) -> tuple[Problem, ...]:
    """Everything about caching that the API rejects in `body`, in the order of the prompt.

    `batch`: the request is an item of a message batch. `day`: when it is sent, for what is offered for a time only
    (without it, such limits are not checked).
    """
    laid_out = blocks(body)
    return (
        *_of_markers(body, laid_out),
        *_of_automatic(body, laid_out),
        *_of_tools(body, laid_out),
        *_of_prewarm(body, batch),
        *_of_model(body, day),
    )


def _of_markers(body: Body, laid_out: Sequence[Block]) -> Iterator[Problem]:
    for block in laid_out:
        yield from _of_block(block)
    for number, message in enumerate(_list(body.get("messages"))):
        if isinstance(message, Mapping) and "cache_control" in message:
            position = f"messages[{number}].cache_control"
            yield Problem("message-level-marker", position, f"{position}: Extra inputs are not permitted")
    yield from _of_passing_messages(body, laid_out)
    count = sum(block.marker is not None and not block.marker.automatic for block in laid_out)
    if count > MAXIMUM_BREAKPOINTS:
        sentence = f"A maximum of {MAXIMUM_BREAKPOINTS} blocks with cache_control may be provided. Found {count}."
        yield Problem("too-many-breakpoints", "cache_control", sentence)
    yield from _of_ttl_order(laid_out)


def _of_block(block: Block) -> Iterator[Problem]:
    if isinstance(block.value, Mapping) and "cache_control" in block.value:
        yield from _of_control(block.value["cache_control"], f"{block.position}.cache_control")
        reason = unmarkable(block.value)
        if reason is not None and block.value["cache_control"] is not None:
            sentence = f"{block.position}.cache_control: cache_control cannot be set for {reason}"
            yield Problem("unmarkable-block", block.position, sentence)
    for index, citation in enumerate(_list(_mapping(block.value).get("citations"))):
        if _mapping(citation).get("cache_control") is not None:
            position = f"{block.position}.citations[{index}].cache_control"
            yield Problem("citation-marker", position, f"{position}: Extra inputs are not permitted")
    for index, inner in enumerate(inner_blocks(block.value)[:-1]):
        if isinstance(inner, Mapping) and inner.get("cache_control") is not None:
            position = f"{block.position}.content[{index}]"
            sentence = f"{position}.cache_control: cache_control can only be set on the last block"
            yield Problem("inner-block", position, sentence)


def _of_passing_messages(body: Body, laid_out: Sequence[Block]) -> Iterator[Problem]:
    """A system message that is shown for one turn only cannot end a prefix."""
    for block in laid_out:
        if block.marker is not None and is_passing(body, block):
            reason = "a system message with clear_at"
            sentence = f"{block.position}.cache_control: cache_control cannot be set for {reason}"
            yield Problem("unmarkable-block", block.position, sentence)


def _of_control(control: Any, position: str) -> Iterator[Problem]:
    if control is None:
        return
    if not isinstance(control, Mapping) or control.get("type") != "ephemeral":
        yield Problem("invalid-type", position, f"{position}.type: Input should be 'ephemeral'")
    elif control.get("ttl") is not None and control["ttl"] not in TTL_SECONDS:
        yield Problem("invalid-ttl", position, f"{position}.ttl: Input should be '5m' or '1h'")


def _of_ttl_order(laid_out: Sequence[Block]) -> Iterator[Problem]:
    shorter = False
    for block in laid_out:
        if block.marker is None:
            continue
        if block.marker.ttl == "1h" and shorter:
            sentence = (
                f"{block.position}.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' "
                "cache_control block. Blocks are processed in the order `tools`, `system`, `messages`."
            )
            yield Problem("ttl-order", block.position, sentence)
        shorter = shorter or block.marker.ttl == "5m"


def _of_automatic(body: Body, laid_out: Sequence[Block]) -> Iterator[Problem]:
    yield from _of_control(body.get("cache_control"), "cache_control")
    ttl = automatic_ttl(body)
    if ttl is None or not laid_out:
        return
    last = laid_out[-1].marker
    if last is not None and not last.automatic and last.ttl != ttl:
        sentence = f"cache_control: the last block has a cache_control with another ttl ({last.ttl}, not {ttl})"
        yield Problem("automatic-ttl-mismatch", laid_out[-1].position, sentence)
    if len(breakpoints(laid_out)) > MAXIMUM_BREAKPOINTS and any(b.marker and b.marker.automatic for b in laid_out):
        sentence = f"cache_control: no breakpoint is left for automatic caching; {MAXIMUM_BREAKPOINTS} are already set"
        yield Problem("automatic-without-slot", "cache_control", sentence)


def _of_tools(body: Body, laid_out: Sequence[Block]) -> Iterator[Problem]:
    tools = [tool for tool in _list(body.get("tools")) if isinstance(tool, Mapping)]
    if tools and all(tool.get("defer_loading") is True for tool in tools):
        yield Problem("all-tools-deferred", "tools", "tools: at least one tool must not have defer_loading")
    for index, tool in enumerate(tools):
        for name, member in _mapping(tool.get("configs")).items():
            if "cache_control" in _mapping(member):
                position = f"tools[{index}].configs.{name}.cache_control"
                yield Problem("toolset-member-marker", position, f"{position}: Extra inputs are not permitted")
    yield from _of_references({tool.get("name") for tool in tools}, laid_out)
    if not any(str(tool.get("type")).startswith("advisor_") for tool in tools):
        yield from _of_advice(laid_out)


def _of_references(defined: Set[Any], laid_out: Sequence[Block]) -> Iterator[Problem]:
    """Tools that the history refers to must still be there."""
    for block in laid_out:
        for reference in (block.value, *inner_blocks(block.value)):
            name = _mapping(reference).get("tool_name")
            if _mapping(reference).get("type") == "tool_reference" and name not in defined:
                sentence = f"{block.position}: tool_reference to {name}, which is not among the tools"
                yield Problem("undefined-tool-reference", block.position, sentence)


def _of_advice(laid_out: Sequence[Block]) -> Iterator[Problem]:
    """Once the advisor has answered, its tool has to stay."""
    for block in laid_out:
        if _mapping(block.value).get("type") == "advisor_tool_result":
            sentence = f"{block.position}: advisor_tool_result, and the advisor is not among the tools"
            yield Problem("advisor-removed", block.position, sentence)


def _of_prewarm(body: Body, batch: bool) -> Iterator[Problem]:
    """`max_tokens: 0` writes the cache and generates nothing, so nothing may ask for a particular answer."""
    if body.get("max_tokens") != 0 or isinstance(body.get("max_tokens"), bool):
        return
    conflicts = {
        "stream": body.get("stream") is True,
        "thinking": _mapping(body.get("thinking")).get("type") == "enabled",
        "output_config.format": bool(_mapping(body.get("output_config")).get("format")),
        "tool_choice": _mapping(body.get("tool_choice")).get("type") in ("any", "tool"),
        "batch": batch,
    }
    for name, present in conflicts.items():
        if present:
            yield Problem("prewarm-conflict", name, f"max_tokens: 0 cannot be used with {name}")


def _of_model(body: Body, day: date | None) -> Iterator[Problem]:
    facts = model_facts(str(body.get("model", "")))
    if facts is None:
        return
    if _mapping(body.get("tool_choice")).get("type") in ("any", "tool"):
        if facts.forced_tool_choice is False:
            yield Problem(
                "forced-tool-choice", "tool_choice", f"tool_choice: {facts.id} does not support forced tool use"
            )
        elif _mapping(body.get("thinking")).get("type") == "enabled":
            sentence = "tool_choice: forced tool use cannot be combined with manual thinking"
            yield Problem("forced-tool-choice", "tool_choice", sentence)
    if body.get("inference_geo") is not None and facts.geo_multiplier is None:
        yield Problem("geo-unsupported", "inference_geo", f"inference_geo: not supported by {facts.id}")
    fast = day is not None and body.get("speed") == "fast" and not facts.offers_fast_mode(day)
    if fast and facts.fast_mode_otherwise == "error":
        yield Problem("fast-unsupported", "speed", f"speed: fast mode is not supported by {facts.id}")
    for number, message in enumerate(_list(body.get("messages"))):
        if _mapping(message).get("role") == "system" and (facts.system_messages is False or number == 0):
            sentence = f"messages[{number}].role: a system message cannot stand here on {facts.id}"
            yield Problem("system-message", f"messages[{number}]", sentence)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
