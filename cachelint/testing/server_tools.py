"""What server tools (web search, web fetch, code execution ...) add to a request that is answered with their results.

The model is asked again behind each result, within the same request: each time, the whole prompt up to there counts.
A request with a breakpoint gets one more on each result, of five minutes, whatever its own last; one without gets none.
Source: Anthropic documentation, Tool use with prompt caching (2026-08-21); the SDK's docstring of `usage.iterations`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cachelint.prompt import blocks

_COUNTED = {"web_search": "web_search_requests", "web_fetch": "web_fetch_requests"}


def segments(content: Sequence[Mapping[str, Any]]) -> list[Sequence[Mapping[str, Any]]]:
    """The content of an answer cut behind the results of server tools: what each iteration said."""
    found, start = [], 0
    for end, block in enumerate(content, start=1):
        if _is_result(block) and not (end < len(content) and _is_result(content[end])):
            found.append(content[start:end])
            start = end
    return [*found, content[start:]]


def continuations(body: Mapping[str, Any], content: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The prompts of the iterations behind the first, each with the breakpoint that is set on its end, if any."""
    marked = any(block.marker for block in blocks(body))
    end = 0
    for segment in segments(content)[:-1]:
        end += len(segment)
        said: list[Mapping[str, Any]] = [*content[:end]]
        if marked:
            said[-1] = {**said[-1], "cache_control": {"type": "ephemeral"}}
        yield {**body, "cache_control": None, "messages": [*body["messages"], {"role": "assistant", "content": said}]}


def server_tool_use(content: Sequence[Mapping[str, Any]]) -> dict[str, int] | None:
    """The counters of `usage.server_tool_use`; None if no server tool was used."""
    names = [str(block.get("name")) for block in content if block.get("type") == "server_tool_use"]
    return {counter: names.count(name) for name, counter in _COUNTED.items()} if names else None


def _is_result(block: Mapping[str, Any]) -> bool:
    kind = str(block.get("type"))
    return kind.endswith("_tool_result") and kind != "advisor_tool_result"
