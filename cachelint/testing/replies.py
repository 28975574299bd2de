"""Scripted replies as JSON lines, for a server that runs as a program of its own.

{"status": 529}
{"tool": "find_order", "input": {"number": "F-88121"}, "text": "I am checking your order."}
{"text": "It has been sent.", "delay": 0.2}
{"content": [{"type": "text", "text": "Any content blocks."}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cachelint.errors import InputError
from cachelint.testing.answers import Answer, Reply, fail, say, use_tool


def read_replies(lines: Iterable[str]) -> list[Reply]:
    """One reply for each line that is not empty. Raises `InputError` that names the line which is none."""
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(_reply(json.loads(line)))
            except (ValueError, TypeError, KeyError, AttributeError):
                expected = "an object with status, tool and input, text, or content"
                raise InputError(f"line {number} of the replies is no reply: expected {expected}") from None
    return found


def _reply(written: Mapping[str, Any]) -> Reply:
    delay = float(written.get("delay", 0.0))
    if "status" in written:
        return fail(int(written["status"]), written.get("message"))
    if "tool" in written:
        return use_tool(written["tool"], written["input"], text=written.get("text", ""), delay=delay)
    if "content" in written:
        return Answer(tuple(written["content"]), delay)
    return say(written["text"], delay=delay)
