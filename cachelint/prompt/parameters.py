"""The parameters of a request that are part of its prompt, and which tier of the cache each of them breaks.

Everything else (`max_tokens`, `metadata`, `stop_sequences`, `service_tier`, `stream`, `container` ids, ordinary
headers, time-outs, retries, and where the breakpoints stand) can change from request to request without harm.
Source: Anthropic documentation, Prompt caching, *What invalidates the cache*, with Thinking, Effort, Structured outputs
and Fast mode (2026-08-21). Where they say "depends on the model", or nothing, the entry is what may be lost at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cachelint.prompt.layout import TIERS, Body, Tier, inner_blocks
from cachelint.prompt.models import model_facts

PARAMETER_TIERS: Mapping[str, Tier] = {
    "model": "tools",
    "thinking": "tools",
    "effort": "tools",
    "format": "tools",
    "task_budget": "tools",
    "betas": "tools",
    "skills": "tools",
    "mcp_servers": "tools",
    "speed": "system",
    "citations": "system",
    "tool_choice": "messages",
    "images": "messages",
    "context_management": "messages",
}
"""For each parameter by the name that `prompt_parameters` gives it, the first tier that a change of it can lose."""

CERTAIN_TIERS: Mapping[str, Tier] = {
    "model": "tools",
    "thinking": "messages",
    "effort": "messages",
    "format": "messages",
    "speed": "system",
    "citations": "system",
    "tool_choice": "messages",
    "images": "messages",
}
"""The first tier that a change is documented to lose on every model; a parameter that is absent may lose none."""


def prompt_parameters(body: Body, betas: Iterable[str] = ()) -> dict[str, Any]:
    """The parameters that are part of the prompt, each in a form in which equal means *the same to the cache*.

    What is absent, or stated but equal to the default, is left out. `betas`: what the `anthropic-beta` header lists.
    """
    model = str(body.get("model", ""))
    output = _mapping(body.get("output_config"))
    stated = {
        "model": model,
        "thinking": body.get("thinking"),
        "effort": _effort(output.get("effort"), model),
        "format": output.get("format") or body.get("output_format"),
        "task_budget": output.get("task_budget"),
        "betas": sorted({*betas, *_strings(body.get("betas"))}),
        "skills": _mapping(body.get("container")).get("skills"),
        "mcp_servers": body.get("mcp_servers"),
        "speed": None if body.get("speed") == "standard" else body.get("speed"),
        "citations": _has_citations(body),
        "tool_choice": _tool_choice(body.get("tool_choice")),
        "images": _has_images(body),
        "context_management": body.get("context_management"),
    }
    return {name: value for name, value in stated.items() if value}


def tiers_lost(parameter: str) -> tuple[Tier, ...]:
    """The tiers that a change of the parameter can lose, in render order; empty if it is not in the prompt."""
    first = PARAMETER_TIERS.get(parameter)
    return TIERS[TIERS.index(first) :] if first else ()


def _effort(effort: Any, model: str) -> Any:
    facts = model_facts(model)
    return None if facts is not None and effort == facts.default_effort else effort


def _tool_choice(choice: Any) -> Any:
    """None for the default: ``auto``, parallel tool use allowed."""
    stated = {
        key: value for key, value in _mapping(choice).items() if (key, value) != ("disable_parallel_tool_use", False)
    }
    return None if stated == {"type": "auto"} else stated


def _has_images(body: Body) -> bool:
    return any(_type(block) == "image" for block in _content_blocks(body))


def _has_citations(body: Body) -> bool:
    return any(_mapping(_mapping(block).get("citations")).get("enabled") is True for block in _content_blocks(body))


def _content_blocks(body: Body) -> Iterable[Any]:
    """The blocks of all messages, those inside tool results included."""
    for message in _sequence(body.get("messages")):
        for block in _sequence(_mapping(message).get("content")):
            yield block
            yield from inner_blocks(block)


def _type(block: Any) -> Any:
    return _mapping(block).get("type")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _strings(value: Any) -> Iterable[str]:
    return (item for item in _sequence(value) if isinstance(item, str))
