"""Walks through the blocks of a prompt and takes each apart, breakpoints left out.

This is on the way of every request, so unlike `cachelint.prompt.blocks` it builds no object per block, and asks for the
commonest shapes first: texts, then calls of tools and their results. What a marker is is decided there.
"""

from __future__ import annotations

from typing import Any

from cachelint.prompt.layout import DEFAULT_TTL, without_markers
from cachelint.runtime.encoding import Piece, encode_value, marshalled, take_apart

_CALL = {"id", "input", "name", "type"}
"""The keys of a tool's call that has no more to it."""

_MEDIA = frozenset({"image", "document"})


class Walk:
    """What has been gathered of a prompt so far."""

    __slots__ = ("citations", "markers", "media", "pieces")

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.markers: list[tuple[int, str]] = []
        """Explicit breakpoints: place in the list, TTL."""
        self.media: dict[int, list[str]] = {}
        """The types of the images and files in each block that has any."""
        self.citations = False
        """Whether a document asks for citations."""

    def add_tool(self, tool: Any) -> None:
        """Adds the definition of a tool, in which the order of all keys counts."""
        if isinstance(tool, dict) and "cache_control" in tool:
            self._mark(tool["cache_control"])
            tool = without_markers(tool)
        self.pieces.append(encode_value("tools", tool))

    def add_system(self, content: Any) -> None:
        """Adds the blocks of the system prompt."""
        self.add_messages(({"role": "system", "content": content},))

    def add_messages(self, messages: list[Any] | tuple[Any, ...]) -> list[int]:
        """Adds the blocks of all messages, and returns where each message starts."""
        pieces, starts = self.pieces, []
        add = pieces.append
        for message in messages:
            if not isinstance(message, dict):
                continue
            starts.append(len(pieces))
            role, content = message.get("role"), message.get("content")
            if type(role) is not str:
                role = str(role)
            for block in content if type(content) is list else _blocks(content):
                if type(block) is dict:
                    kind = block.get("type")
                    text = block.get("text") if kind == "text" and len(block) == 2 else None
                    add((role, text) if type(text) is str else self._piece(role, block, kind))
                else:
                    add((role, block) if type(block) is str else encode_value(role, block))
        return starts

    def _piece(self, role: str, block: dict[str, Any], kind: Any) -> Piece:
        if kind == "tool_result":
            return self._result(role, block)
        if kind == "tool_use" and block.keys() == _CALL:
            return self._call(role, block)
        if kind in _MEDIA:
            return self._medium(role, block)
        if "cache_control" in block:
            self._mark(block["cache_control"])
            block = {key: value for key, value in block.items() if key != "cache_control"}
            if kind == "text" and len(block) == 2 and isinstance(block.get("text"), str):
                return role, block["text"]
        return take_apart(role, block)

    def _call(self, role: str, block: dict[str, Any]) -> Piece:
        identifier, name = block["id"], block["name"]
        try:
            if type(identifier) is type(name) is str:
                return role, "id", identifier, "input", marshalled(block["input"]), "name", name, "type", "tool_use"
        except ValueError:
            pass
        return take_apart(role, block)

    def _result(self, role: str, block: dict[str, Any]) -> Piece:
        content = block.get("content")
        text = only_text(content)
        if text is not None and len(block) == 3 and type(block.get("tool_use_id")) is str:
            return role, "content", (text,), "tool_use_id", block["tool_use_id"], "type", "tool_result"
        inner = items(content)
        bare = "cache_control" not in block
        for item in inner:
            if isinstance(item, dict):
                bare = bare and "cache_control" not in item and item.get("type") != "document"
                if item.get("type") in _MEDIA:
                    self._note_medium(item)
        if not bare:
            self._mark(block.get("cache_control") or _last_marker(inner))
            return take_apart(role, without_markers(block))
        if len(block) == 3 and type(block.get("tool_use_id")) is str:
            try:
                return role, "content", marshalled(content), "tool_use_id", block["tool_use_id"], "type", "tool_result"
            except ValueError:
                pass
        return take_apart(role, block)

    def _medium(self, role: str, block: dict[str, Any]) -> Piece:
        """An image or a document; the last block inside a document may carry its breakpoint."""
        source = block.get("source")
        inner = items(source.get("content")) if block["type"] == "document" and isinstance(source, dict) else ()
        for item in (block, *inner):
            if isinstance(item, dict) and item.get("type") in _MEDIA:
                self._note_medium(item)
        citations = block.get("citations")
        if isinstance(citations, dict) and citations.get("enabled") is True:
            self.citations = True
        self._mark(block.get("cache_control") or _last_marker(inner))
        return take_apart(role, without_markers(block))

    def _note_medium(self, block: dict[str, Any]) -> None:
        source = block.get("source")
        if isinstance(source, dict) and source.get("type") != "text":
            self.media.setdefault(len(self.pieces), []).append(block["type"])

    def _mark(self, control: Any) -> None:
        ttl = ttl_of(control)
        if ttl:
            self.markers.append((len(self.pieces), ttl))


def only_text(content: Any) -> str | None:
    """The text of a list that holds one text block and nothing more, keys in the usual order; None for anything else.

    Marshalling such a list, as most results of tools are, would copy the whole text.
    """
    if type(content) is not list or len(content) != 1 or type(content[0]) is not dict or len(content[0]) != 2:
        return None
    (first, kind), (second, text) = content[0].items()
    return text if (first, kind, second) == ("type", "text", "text") and type(text) is str else None


def items(value: Any) -> list[Any] | tuple[Any, ...]:
    """A list as it is; nothing for anything else."""
    return value if isinstance(value, list | tuple) else ()


def _blocks(content: Any) -> list[Any] | tuple[Any, ...]:
    """A text as the one block that it is."""
    return (content,) if isinstance(content, str) else items(content)


def ttl_of(control: Any) -> str | None:
    """The lifetime that a `cache_control` asks for; None for what is none."""
    return str(control.get("ttl") or DEFAULT_TTL) if isinstance(control, dict) else None


def _last_marker(inner: list[Any] | tuple[Any, ...]) -> Any:
    return inner[-1].get("cache_control") if inner and isinstance(inner[-1], dict) else None
