"""Where two requests that should share a prefix stop sharing it, and what stands there instead."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from cachelint.prompt import Block, Tier, blocks, breakpoints, prompt_parameters, tiers_lost
from cachelint.runtime.difference import Difference, difference
from cachelint.runtime.encoding import encode_text, encode_value
from cachelint.testing.prefix import canonical

Body = Mapping[str, Any]

_SAME_PROMPT = 0.5
"""Two requests whose tools and system share less than this, from both ends, are different prompts."""


@dataclass(frozen=True, slots=True)
class Change:
    """The first difference between the cached prefixes of two requests."""

    position: str
    """``system[0]``, or the name of a parameter."""
    difference: Difference | None
    """Within the block; None when a block or a parameter came or went, or when another one stands in its place."""
    sentence: str
    """What changed, in words."""
    breakpoint: str | None
    """The breakpoint that is lost, as ``system[0], 5m``; None when the earlier request caches nothing."""


def changed_prefix(earlier: Body, later: Body, *, whole: bool) -> Change | None:
    """The first difference in what `earlier` caches, or None when `later` can read all of it.

    `whole`: both requests should be the same, messages included. Otherwise messages are compared only where `later`
    continues the conversation of `earlier`; tools, system and parameters are compared in any case.
    """
    before, after = blocks(earlier), blocks(later)
    marked = breakpoints(before)
    end = marked[-1] + 1 if marked else sum(block.tier != "messages" for block in before)
    lost = _described(before[marked[-1]]) if marked else None
    compare_messages = whole or _continues(earlier, later)
    for index in range(end):
        if before[index].tier == "messages" and not compare_messages:
            break
        found = _changed_block(before[index], after[index] if index < len(after) else None)
        if found is not None:
            return Change(before[index].position, found[0], found[1], lost)
    reached = {block.tier for block in before[:end]}
    return _changed_parameter(earlier, later, reached, lost)


def likeness(first: Body, second: Body) -> float:
    """How much of the tools and system of two requests is the same at the start and at the end, from 0 to 1."""
    one, other = (_shared_text(body) for body in (first, second))
    if one == other:
        return 1.0
    return difference(encode_text("system", one), encode_text("system", other)).shared


def same_prompt(first: Body, second: Body) -> bool:
    """Whether two requests look like two renderings of the same prompt."""
    return likeness(first, second) >= _SAME_PROMPT


def _shared_text(body: Body) -> str:
    return "\n".join(canonical(block.content) for block in blocks(body) if block.tier != "messages")


def _continues(earlier: Body, later: Body) -> bool:
    """Whether `later` is a later turn of the conversation of `earlier`: it begins alike and is longer."""
    first, second = (_messages(body) for body in (earlier, later))
    return len(second) > len(first) > 0 and first[0] == second[0]


def _messages(body: Body) -> list[str]:
    """Each message as text, without breakpoints."""
    found: dict[int, str] = {}
    for block in blocks(body):
        if block.tier == "messages":
            found[block.path[0]] = found.get(block.path[0], "") + canonical([block.role, block.content])
    return list(found.values())


def _changed_block(before: Block, after: Block | None) -> tuple[Difference | None, str] | None:
    if after is None or after.tier != before.tier:
        return None, f"{before.position} is gone"
    if canonical(before.content) == canonical(after.content) and before.role == after.role:
        return None
    name, other = _name(before), _name(after)
    if name != other:
        return None, f"{before.position} was the tool {name}, now it is {other}"
    return difference(_encoded(before), _encoded(after)), f"{before.position} changed"


def _name(block: Block) -> Any:
    return block.value.get("name") if block.tier == "tools" and isinstance(block.value, Mapping) else None


def _encoded(block: Block) -> bytes:
    content = block.content
    if isinstance(content, Mapping) and content.get("type") == "text" and isinstance(content.get("text"), str):
        return encode_text(block.role or block.tier, content["text"])
    return encode_value(block.role or block.tier, content)


def _changed_parameter(earlier: Body, later: Body, reached: Set[Tier], lost: str | None) -> Change | None:
    """A parameter that differs and whose change reaches a tier that `earlier` caches."""
    before, after = prompt_parameters(earlier), prompt_parameters(later)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name) and reached & set(tiers_lost(name)):
            sentence = f"{name} was {before.get(name, 'absent')!r}, now it is {after.get(name, 'absent')!r}"
            return Change(name, None, sentence, lost)
    return None


def _described(block: Block) -> str:
    assert block.marker is not None
    return f"{block.position}, {block.marker.ttl}{', automatic' if block.marker.automatic else ''}"
