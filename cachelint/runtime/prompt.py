"""A prompt laid out for comparison: its blocks in render order, breakpoints left out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cachelint.prompt.layout import TIERS, Tier, unmarkable
from cachelint.runtime.encoding import Piece
from cachelint.runtime.walk import Walk, items, ttl_of

_POWERS = [1 << exponent for exponent in range(32)]


class LaidOut(NamedTuple):
    """A prompt as a flat list of blocks: tools, then system, then the content blocks of all messages."""

    pieces: list[Piece]
    """The blocks. Equal ones of several prompts may be made to share their memory."""
    ends: tuple[int, int, int]
    """Where each tier ends in the list."""
    message_starts: list[int]
    """Where each message starts in the list."""
    markers: list[tuple[int, str]]
    """Explicit breakpoints: place in the list, TTL."""
    automatic: str | None
    """The TTL of automatic caching."""
    last_cached: int
    """Place of the last breakpoint, automatic caching included; -1 when nothing is cached."""
    media: Mapping[int, list[str]]
    """The types of the images and files in each block that has any."""
    citations: bool
    """Whether a document asks for citations."""

    def tier_of(self, place: int) -> Tier:
        """The tier that the block at `place` is in."""
        return TIERS[bisect_right(self.ends, place)]

    def position(self, place: int) -> str:
        """``tools[2]``, ``system[0]``, ``messages[3].content[1]``."""
        tools, system, _ = self.ends
        if place >= system:
            message = bisect_right(self.message_starts, place) - 1
            return f"messages[{message}].content[{place - self.message_starts[message]}]"
        return f"tools[{place}]" if place < tools else f"system[{place - tools}]"

    def prefix_lengths(self) -> list[int]:
        """How many blocks of the messages are hashed: 1, 2, 4 …, and those up to each breakpoint and to the end."""
        _, start, end = self.ends
        lengths = {end - start, self.last_cached + 1 - start, *(place + 1 - start for place, _ in self.markers)}
        lengths.update(_POWERS[: (end - start).bit_length()])
        return sorted(length for length in lengths if 0 < length <= end - start)


def lay_out(body: Mapping[str, Any]) -> LaidOut:
    """The blocks of a request body. Parts of an unexpected shape are encoded as they are, or skipped."""
    walk = Walk()
    for tool in items(body.get("tools")):
        walk.add_tool(tool)
    tools_end = len(walk.pieces)
    walk.add_system(body.get("system"))
    system_end = len(walk.pieces)
    starts = walk.add_messages(items(body.get("messages")))
    end = len(walk.pieces)
    automatic = ttl_of(body.get("cache_control"))
    marked = walk.markers[-1][0] if walk.markers else -1
    return LaidOut(
        walk.pieces,
        (tools_end, system_end, end),
        starts,
        walk.markers,
        automatic,
        marked if automatic is None else max(marked, _last_markable(body, end)),
        walk.media,
        walk.citations,
    )


def _last_markable(body: Mapping[str, Any], place: int) -> int:
    """The place of the last block that can carry a breakpoint, of as many as there are."""
    for block in _backwards(body):
        place -= 1
        if block if isinstance(block, str) else unmarkable(block) is None:
            return place
    return -1


def _backwards(body: Mapping[str, Any]) -> Iterator[Any]:
    for message in reversed(items(body.get("messages"))):
        if isinstance(message, dict):
            yield from _reversed(message.get("content"))
    yield from _reversed(body.get("system"))
    yield from reversed(items(body.get("tools")))


def _reversed(content: Any) -> Iterator[Any]:
    return iter((content,)) if isinstance(content, str) else reversed(items(content))
