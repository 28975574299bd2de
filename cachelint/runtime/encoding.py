"""Encodes a block of a prompt as bytes for comparison, and reads them back where two blocks differ.

The first line names the role and the encoding (``user text``); the rest is the content. A text stays as it is, so that
an offset into it means something to a person; anything else goes through `marshal`, three times as fast as JSON.
"""

from __future__ import annotations

import json
import marshal
from typing import Any

Piece = bytes | tuple[str, str]
"""A block that is not encoded before it has to be: a role and a text, or the bytes of anything else."""

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
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
        return header + b" marshal\n" + marshal.dumps(value, 2)
    except ValueError:
        return header + b" json\n" + _JSON(value).encode("utf-8", "surrogatepass")


def encode(piece: Piece) -> bytes:
    """A block in full."""
    return encode_text(*piece) if isinstance(piece, tuple) else piece


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
