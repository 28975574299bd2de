"""The positions of a prompt as the simulated cache sees them: for each block the hash of everything up to its end.

Equal hashes mean *the same prefix to the cache*. They cover, tier by tier, the parameters that are part of the prompt
(`cachelint.prompt.parameters`) and the blocks in render order, without breakpoints. What the API does to a request
before the cache sees it happens here too:

- tools with `defer_loading` are not rendered until they are referenced;
- the web search and web fetch tools are rendered behind the other tools, because they edit the system prompt;
- what the API takes out of the history is left out (`history.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cachelint.prompt import (
    PARAMETER_TIERS,
    TIERS,
    Block,
    Marker,
    Tier,
    blocks,
    estimate_block_tokens,
    prompt_parameters,
)
from cachelint.testing.history import TokenCounter, applied_edits, shown

_SERVER_SIDE_SEARCH = ("web_search", "web_fetch")
_EDITING = ("context_management",)
"""Parameters that are not rendered: what they do to the blocks is."""
_FREE_FORM = frozenset({"input", "input_schema", "schema"})


@dataclass(frozen=True, slots=True)
class Position:
    """The end of one block in the rendered prompt."""

    label: str
    """``system[0]``, as `Block.position` names it."""
    tier: Tier
    digest: bytes
    """Hash of everything up to and including the block."""
    tokens: int
    """Tokens up to and including the block."""
    marker: Marker | None


def positions(
    body: Mapping[str, Any], betas: Iterable[str] = (), count: TokenCounter = estimate_block_tokens
) -> tuple[Position, ...]:
    """The positions of a request in render order."""
    model = str(body.get("model", ""))
    parameters = prompt_parameters(body, betas)
    rendered = render(body, count)
    digest, tokens, found = b"", 0, []
    for tier in TIERS:
        own = {
            name: value for name, value in parameters.items() if PARAMETER_TIERS[name] == tier and name not in _EDITING
        }
        digest = _hash(digest, tier, json.dumps(own, sort_keys=True, default=str))
        for block in (block for block in rendered if block.tier == tier):
            digest = _hash(digest, block.role or "", canonical(block.content))
            tokens += count(block.value, model)
            found.append(Position(block.position, tier, digest, tokens, block.marker))
    return tuple(found)


def render(body: Mapping[str, Any], count: TokenCounter = estimate_block_tokens) -> tuple[Block, ...]:
    """The blocks that reach the model, in the order in which they are rendered."""
    return shown(body, _laid_out(body), count)


def context_edits(body: Mapping[str, Any], count: TokenCounter = estimate_block_tokens) -> list[dict[str, Any]]:
    """What `context_management` clears of a request, as `applied_edits` of the response."""
    return applied_edits(body, _laid_out(body), count)


def canonical(value: Any) -> str:
    """A block as text such that equal text means equal prompt: the order of its own keys does not matter, the order of
    keys within a tool's schema or input does, because they are rendered as written."""
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":"), default=str)


def _laid_out(body: Mapping[str, Any]) -> tuple[Block, ...]:
    laid_out = [block for block in blocks(body) if not _is_deferred(block)]
    tools = [block for block in laid_out if block.tier == "tools"]
    return (*sorted(tools, key=_is_search), *laid_out[len(tools) :])


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: value[key] if key in _FREE_FORM else _ordered(value[key]) for key in sorted(value)}
    return [_ordered(item) for item in value] if isinstance(value, list | tuple) else value


def _hash(previous: bytes, *parts: str) -> bytes:
    return hashlib.sha256(b"\0".join((previous, *(part.encode("utf-8", "surrogatepass") for part in parts)))).digest()


def _is_deferred(block: Block) -> bool:
    return block.tier == "tools" and isinstance(block.value, Mapping) and block.value.get("defer_loading") is True


def _is_search(block: Block) -> bool:
    return isinstance(block.value, Mapping) and str(block.value.get("type")).startswith(_SERVER_SIDE_SEARCH)
