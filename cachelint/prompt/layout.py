"""How a request is laid out for the cache: its blocks in render order, and the breakpoints set on them.

A request body is the JSON object that goes to `POST /v1/messages`, as plain dicts and lists. Nothing here validates
it: parts of an unexpected shape are skipped, because the API will say so, and a linter or a log need not. The rules
that the API enforces are in `problems.py`. Source: Anthropic documentation, Prompt caching (2026-08-21).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Tier = Literal["tools", "system", "messages"]
Body = Mapping[str, Any]

TIERS: tuple[Tier, ...] = ("tools", "system", "messages")
"""The render order: a change in one tier loses the cache of this tier and of those after it."""

MAXIMUM_BREAKPOINTS = 4
"""Breakpoints per request, explicit and automatic together."""

LOOKBACK = 20
"""Positions that are compared at each breakpoint, going back block by block, the breakpoint itself included."""

TTL_SECONDS: Mapping[str, int] = {"5m": 300, "1h": 3600}
"""Lifetimes of a cache entry, counted from the start of the request that last wrote or read it."""

DEFAULT_TTL = "5m"

WRITE_MULTIPLIERS: Mapping[str, float] = {"5m": 1.25, "1h": 2.0}
"""What writing a token to the cache costs, as a multiple of the input price."""

UNMARKABLE_TYPES = frozenset({"thinking", "redacted_thinking"})
"""Blocks that are cached as part of the prompt but cannot carry a breakpoint."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A breakpoint: the prefix that ends with its block is written to the cache, and looked up in it."""

    ttl: str
    """``5m`` or ``1h``; kept as written when it is neither."""
    automatic: bool = False
    """Set by the API on the last block that can carry one, because the body has a top-level `cache_control`."""


@dataclass(frozen=True, slots=True)
class Block:
    """One position of the prompt: a tool, a system block, or a content block of a message."""

    tier: Tier
    path: tuple[int, ...]
    """Where it stands within its tier: ``(tool,)``, ``(system block,)`` or ``(message, content block)``."""
    role: str | None
    """The role of its message; None for tools and system."""
    value: Any
    """The block as it stands in the body, with its `cache_control`. A text that stands alone (``system="..."``,
    ``content="..."``) becomes the one-block list that it means."""
    marker: Marker | None = None

    @property
    def position(self) -> str:
        """``tools[2]``, ``system[0]``, ``messages[3].content[1]``."""
        if self.tier == "messages":
            return f"messages[{self.path[0]}].content[{self.path[1]}]"
        return f"{self.tier}[{self.path[0]}]"

    @property
    def content(self) -> Any:
        """What is rendered and compared: the value without any `cache_control`."""
        return without_markers(self.value)


def blocks(body: Body) -> tuple[Block, ...]:
    """The blocks of a request in render order, each with its breakpoint; an automatic one is resolved."""
    found = [*_tools(body), *_system(body), *_messages(body)]
    place = automatic_place(body, found)
    if place is not None and found[place].marker is None:
        ttl = _ttl(body["cache_control"])
        block = found[place]
        found[place] = Block(block.tier, block.path, block.role, block.value, Marker(ttl, automatic=True))
    return tuple(found)


def breakpoints(laid_out: Sequence[Block]) -> tuple[int, ...]:
    """The indexes of the blocks that carry a breakpoint, in render order."""
    return tuple(index for index, block in enumerate(laid_out) if block.marker is not None)


def automatic_ttl(body: Body) -> str | None:
    """The lifetime that the top-level `cache_control` asks for, or None if the body has none."""
    return _ttl(body["cache_control"]) if isinstance(body.get("cache_control"), Mapping) else None


def automatic_place(body: Body, laid_out: Sequence[Block]) -> int | None:
    """The index of the block that automatic caching marks: the last one that can carry a breakpoint.

    None when the body does not ask for it, or when no block can carry one (then nothing is cached, silently).
    """
    if automatic_ttl(body) is None:
        return None
    backwards = range(len(laid_out) - 1, -1, -1)
    return next(
        (i for i in backwards if unmarkable(laid_out[i].value) is None and not is_passing(body, laid_out[i])), None
    )


def is_passing(body: Body, block: Block) -> bool:
    """Whether a block belongs to a system message that is shown for one turn only (`clear_at`); it cannot be marked."""
    return block.role == "system" and body["messages"][block.path[0]].get("clear_at") == "next_user_message"


def unmarkable(value: Any) -> str | None:
    """Why a block cannot carry a breakpoint, as a phrase (``an empty text block``), or None if it can."""
    if not isinstance(value, Mapping):
        return "not a block"
    if value.get("type") in UNMARKABLE_TYPES:
        return f"a {value['type']} block"
    if value.get("type") == "text" and not value.get("text"):
        return "an empty text block"
    if value.get("defer_loading") is True:
        return "a tool with defer_loading"
    return None


def without_markers(value: Any) -> Any:
    """A block without its `cache_control` and those of its inner blocks: what the cache compares.

    Only where a breakpoint can stand: a key of that name in a tool's input or schema is content. Shares what it keeps.
    """
    if not isinstance(value, Mapping):
        return value
    bare = {key: item for key, item in value.items() if key != "cache_control"}
    if inner_blocks(value):
        stripped = [without_markers(item) for item in inner_blocks(value)]
        if value.get("type") == "document":
            bare["source"] = {**value["source"], "content": stripped}
        else:
            bare["content"] = stripped
    return bare


def inner_blocks(value: Any) -> Sequence[Any]:
    """The blocks inside a `tool_result`, or inside the content source of a `document`."""
    if not isinstance(value, Mapping):
        return ()
    content = value.get("content") if value.get("type") == "tool_result" else None
    if value.get("type") == "document" and isinstance(value.get("source"), Mapping):
        content = value["source"].get("content")
    return content if isinstance(content, list | tuple) else ()


def _tools(body: Body) -> Iterator[Block]:
    for index, tool in enumerate(_items(body.get("tools"))):
        yield Block("tools", (index,), None, tool, _marker(tool))


def _system(body: Body) -> Iterator[Block]:
    for index, value in enumerate(_content(body.get("system"))):
        yield Block("system", (index,), None, value, _marker(value))


def _messages(body: Body) -> Iterator[Block]:
    for number, message in enumerate(_items(body.get("messages"))):
        if isinstance(message, Mapping):
            role = str(message.get("role"))
            for index, value in enumerate(_content(message.get("content"))):
                yield Block("messages", (number, index), role, value, _marker(value))


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _content(value: Any) -> Sequence[Any]:
    return ({"type": "text", "text": value},) if isinstance(value, str) else _items(value)


def _marker(value: Any) -> Marker | None:
    """The breakpoint on a block; one on the last inner block of a tool result is lifted to the result."""
    if not isinstance(value, Mapping):
        return None
    control = value.get("cache_control")
    if not isinstance(control, Mapping):
        inner = inner_blocks(value)
        control = inner[-1].get("cache_control") if inner and isinstance(inner[-1], Mapping) else None
    return Marker(_ttl(control)) if isinstance(control, Mapping) else None


def _ttl(control: Mapping[str, Any]) -> str:
    ttl = control.get("ttl")
    return DEFAULT_TTL if ttl is None else str(ttl)
