"""Encodes a block of a prompt as bytes for comparison, and reads them back where two blocks differ.

The first line names the role and the encoding (``user text``); the rest is the content. A text stays as it is, so that
an offset into it means something to a person; anything else goes through `marshal`, three times as fast as JSON.

Most blocks have been seen before, in the request that this one continues. So they are taken apart only as far as it
takes to compare them (`Piece`): long texts are kept as the objects that they are, and are often the same objects.
"""

from __future__ import annotations

import json
import marshal
from typing import Any

Part = str | bytes | tuple[str]
"""A key of a block, or its value: a text as it is, a list of one text block as a tuple of that text, anything else
marshalled."""

Piece = bytes | tuple[Part, ...]
"""A block that is not encoded before it has to be: a role and a text; a role, then the keys of a block in order, each
with its value; or the bytes of anything else."""

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
_VERSION = 2
"""Of marshal: the one without references, in which equal values give equal bytes."""

TEXT_OVERHEAD = len(" text\n")
"""What an encoded text block has beside its role and its text."""

_TEXT_HEADERS = {role: f"{role} text\n".encode() for role in ("system", "user", "assistant")}


def encode_text(role: str, text: str) -> bytes:
    """A text block. `role`: ``system``, or that of its message."""
    header = _TEXT_HEADERS.get(role) or f"{role} text\n".encode("utf-8", "replace")
    return header + text.encode("utf-8", "surrogatepass")


def encode_value(role: str, value: Any) -> bytes:
    """Any other block. Equal JSON values with equal order of keys give equal bytes, in every process."""
    header = role.encode("utf-8", "replace")
    try:
        return header + b" marshal\n" + marshal.dumps(value, _VERSION)
    except ValueError:
        return header + b" json\n" + _JSON(value).encode("utf-8", "surrogatepass")


def take_apart(role: str, block: dict[str, Any]) -> Piece:
    """A block that is not only a text. The order of its own keys is left out; that of what is inside them stays."""
    parts: list[Part] = [role]
    try:
        for key in sorted(block):
            value = block[key]
            parts += (key, value if type(value) is str else marshal.dumps(value, _VERSION))
    except (ValueError, TypeError):
        return encode_value(role, dict(sorted(block.items(), key=lambda item: str(item[0]))))
    return tuple(parts)


def marshalled(value: Any) -> str | bytes:
    """A value as `take_apart` has it. Raises ValueError for one that is not plain data."""
    return value if type(value) is str else marshal.dumps(value, _VERSION)


def encode(piece: Piece) -> bytes:
    """A block in full."""
    if isinstance(piece, bytes):
        return piece
    role, *parts = piece
    if len(parts) == 1:
        return encode_text(str(role), str(parts[0]))
    return encode_value(str(role), dict(zip(parts[::2], map(_value, parts[1::2]), strict=True)))


def length(piece: Piece) -> int:
    """The bytes of a block, more or less: what tokens are shared out by."""
    return len(piece) if isinstance(piece, bytes) else TEXT_OVERHEAD + sum(map(_length, piece))


def _length(part: Part) -> int:
    text = part[0] if isinstance(part, tuple) else part
    return len(text) if isinstance(text, bytes) or text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _value(part: Part) -> Any:
    if isinstance(part, tuple):
        return [{"type": "text", "text": part[0]}]
    return part if isinstance(part, str) else marshal.loads(part)


def decode(encoded: bytes) -> Any:
    """The text or value of an encoded block."""
    header, _, content = encoded.partition(b"\n")
    match header.rpartition(b" ")[2]:
        case b"text":
            return content.decode("utf-8", "surrogatepass")
        case b"marshal":
            return marshal.loads(content)
    return json.loads(content)


def as_text(value: Any) -> str:
    """What a person would look at: a text as it is, anything else as compact JSON in its own order of keys."""
    return value if isinstance(value, str) else _JSON(value)
