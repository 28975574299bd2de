"""Takes a prompt apart for comparison: its blocks in render order, breakpoints left out.

This walk is on the way of every request, so unlike `cachelint.prompt.blocks` it builds no object per block; what a
marker is and which block automatic caching marks is decided there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, NamedTuple

from cachelint.prompt.layout import DEFAULT_TTL, TIERS, Tier, inner_blocks, unmarkable, without_markers
from cachelint.prompt.tokens import IMAGE_TOKENS
from cachelint.runtime.encoding import TEXT_OVERHEAD, Piece, encode_value

_MEDIA_BYTES = IMAGE_TOKENS * 3
"""What an image or a file counts for when tokens are shared out by length: its own bytes say nothing about them."""


class LaidOut(NamedTuple):
    """A prompt as a flat list of blocks: tools, then system, then the content blocks of all messages."""

    pieces: list[Piece]
    """The blocks. Equal ones of several prompts may be made to share their memory."""
    weights: list[int]
    """The length of each in bytes, by which tokens are shared out."""
    weight: int
    """Of all blocks together."""
    ends: tuple[int, int, int]
    """Where each tier ends in the list."""
    message_starts: tuple[int, ...]
    """Where each message starts in the list."""
    markers: tuple[tuple[int, str], ...]
    """Explicit breakpoints: place in the list, TTL."""
    automatic: str | None
    """The TTL of automatic caching."""
    last_cached: int
    """Place of the last breakpoint, automatic caching included; -1 when nothing is cached."""
    media: frozenset[str]
    """The types of media among the blocks of the messages, and ``citations``."""

    def tier_of(self, place: int) -> Tier:
        """The tier that the block at `place` is in."""
        return TIERS[bisect_right(self.ends, place)]

    def position(self, place: int) -> str:
        """``tools[2]``, ``system[0]``, ``messages[3].content[1]``."""
        tier = self.tier_of(place)
        if tier == "messages":
            message = bisect_right(self.message_starts, place) - 1
            return f"messages[{message}].content[{place - self.message_starts[message]}]"
        return f"{tier}[{place if tier == 'tools' else place - self.ends[0]}]"


def lay_out(body: Mapping[str, Any]) -> LaidOut:
    """The blocks of a request body. Parts of an unexpected shape are encoded as they are, or skipped."""
    walk = _Walk()
    for tool in _items(body.get("tools")):
        walk.add("tools", tool)
    tools_end = len(walk.pieces)
    for block in _content(body.get("system")):
        walk.add("system", block)
    system_end = len(walk.pieces)
    starts = []
    for message in _items(body.get("messages")):
        if isinstance(message, dict):
            starts.append(len(walk.pieces))
            role = str(message.get("role"))
            content = message.get("content")
            for block in content if isinstance(content, list) else _content(content):
                walk.add(role, block)
    automatic = _ttl(body.get("cache_control"))
    weights = walk.weights()
    return LaidOut(
        walk.pieces,
        weights,
        sum(weights),
        (tools_end, system_end, len(walk.pieces)),
        tuple(starts),
        tuple(walk.markers),
        automatic,
        max(walk.last_marked, walk.last_markable() if automatic else -1),
        frozenset(walk.media),
    )


class _Walk:
    """What has been gathered of a prompt so far."""

    __slots__ = ("last_marked", "markers", "media", "media_weights", "pieces", "unmarkable")

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.markers: list[tuple[int, str]] = []
        self.last_marked = -1
        self.unmarkable: set[int] = set()
        """Places of blocks that cannot carry a breakpoint; there are few."""
        self.media: set[str] = set()
        self.media_weights: dict[int, int] = {}

    def add(self, role: str, block: Any) -> None:
        if isinstance(block, dict):
            text = block.get("text")
            # Most blocks of most prompts are a text and nothing else.
            if len(block) == 2 and text and isinstance(text, str) and block.get("type") == "text":
                self.pieces.append((role, text))
            else:
                self._add_block(role, block)
        elif isinstance(block, str):
            self._add_text(role, block)
        else:
            self.unmarkable.add(len(self.pieces))
            self.pieces.append(encode_value(role, block))

    def weights(self) -> list[int]:
        weights = [
            len(piece) if isinstance(piece, bytes) else len(piece[0]) + len(piece[1]) + TEXT_OVERHEAD
            for piece in self.pieces
        ]
        for place, weight in self.media_weights.items():
            weights[place] = weight
        return weights

    def last_markable(self) -> int:
        return next((place for place in range(len(self.pieces) - 1, -1, -1) if place not in self.unmarkable), -1)

    def _add_text(self, role: str, text: str) -> None:
        if not text:
            self.unmarkable.add(len(self.pieces))
        self.pieces.append((role, text))

    def _add_block(self, role: str, block: dict[str, Any]) -> None:
        if block.get("type") == "text" and _is_only_text(block):
            self._mark(block.get("cache_control"))
            self._add_text(role, block["text"])
        else:
            self._add_structure(role, block)

    def _add_structure(self, role: str, block: dict[str, Any]) -> None:
        inner = inner_blocks(block)
        lifted = inner[-1].get("cache_control") if inner and isinstance(inner[-1], dict) else None
        self._mark(block.get("cache_control") or lifted)
        if unmarkable(block) is not None:
            self.unmarkable.add(len(self.pieces))
        media = [str(item["type"]) for item in (block, *inner) if isinstance(item, dict) and _is_media(item)]
        if media:
            self.media.update(media)
            self.media_weights[len(self.pieces)] = _MEDIA_BYTES * len(media)
        citations = block.get("citations")
        if isinstance(citations, dict) and citations.get("enabled") is True:
            self.media.add("citations")
        bare = without_markers(block) if inner or "cache_control" in block else block
        # The order of a block's own keys is not rendered; that of what is inside them, such as a schema, is.
        self.pieces.append(encode_value(role, bare if role == "tools" else dict(sorted(bare.items(), key=str))))

    def _mark(self, control: Any) -> None:
        ttl = _ttl(control)
        if ttl:
            self.last_marked = len(self.pieces)
            self.markers.append((self.last_marked, ttl))


def _is_only_text(block: dict[str, Any]) -> bool:
    """Whether a text block has nothing but its text, and perhaps a breakpoint; one with citations has more."""
    return len(block) == 2 + ("cache_control" in block) and isinstance(block.get("text"), str)


def _is_media(block: dict[str, Any]) -> bool:
    source = block.get("source")
    return block.get("type") in ("image", "document") and isinstance(source, dict) and source.get("type") != "text"


def _items(value: Any) -> list[Any] | tuple[Any, ...]:
    return value if isinstance(value, list | tuple) else ()


def _content(value: Any) -> list[Any] | tuple[Any, ...]:
    return (value,) if isinstance(value, str) else _items(value)


def _ttl(control: Any) -> str | None:
    return str(control.get("ttl") or DEFAULT_TTL) if isinstance(control, dict) else None
