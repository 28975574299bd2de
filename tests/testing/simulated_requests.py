"""Requests for the simulated API whose tokens can be counted by eye, and their usage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cachelint.testing import CacheUsage

Body = dict[str, Any]
Send = Callable[..., CacheUsage]

SHORT, LONG = {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}


def count(block: Mapping[str, Any], _model: str) -> int:
    """A token for each character of a text or a description, 10 for any other block."""
    return len(block.get("text") or block.get("description") or "") or 10


def text(length: int, control: Any = None, letter: str = "x") -> Body:
    return {"type": "text", "text": letter * length, **({"cache_control": control} if control else {})}


def tool(name: str, length: int, control: Any = None) -> Body:
    marked = {"cache_control": control} if control else {}
    return {"name": name, "description": "d" * length, "input_schema": {"type": "object"}, **marked}


def user(*content: Any) -> Body:
    return {"role": "user", "content": [*content]}


def assistant(*content: Any) -> Body:
    return {"role": "assistant", "content": [*content]}


def request(*content: Any, **parameters: Any) -> Body:
    """A request in which the user says this; 512 tokens are enough to be cached."""
    return {"model": "claude-opus-5", "max_tokens": 9, "messages": [user(*content)], **parameters}


def usage(*, plain: int = 0, read: int = 0, write: int = 0, write_1h: int = 0) -> CacheUsage:
    return CacheUsage(input_tokens=plain, read=read, write_5m=write, write_1h=write_1h)


def counted(reported: Any) -> CacheUsage:
    """The SDK's usage as the simulator's; the writes by TTL must add up to the write."""
    by_ttl = reported.cache_creation
    assert reported.cache_creation_input_tokens == by_ttl.ephemeral_5m_input_tokens + by_ttl.ephemeral_1h_input_tokens
    return CacheUsage(
        input_tokens=reported.input_tokens,
        read=reported.cache_read_input_tokens,
        write_5m=by_ttl.ephemeral_5m_input_tokens,
        write_1h=by_ttl.ephemeral_1h_input_tokens,
    )
