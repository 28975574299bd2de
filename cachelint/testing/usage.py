"""The `usage` object of a response: whole, and the two parts in which a stream sends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from cachelint.prompt import model_facts
from cachelint.testing.answers import Answer, output_tokens
from cachelint.testing.cache import CacheUsage, together
from cachelint.testing.server_tools import segments, server_tool_use

_CUMULATIVE = (
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
    "server_tool_use",
    "iterations",
)
"""What the last event of a stream repeats. The write by TTL is not among it."""


def usage(
    body: Mapping[str, Any], answer: Answer, cached: Sequence[CacheUsage], tokens: int, tier: str, day: date
) -> dict[str, Any]:
    """The usage of a response with `tokens` of output, on that `day`, from that of each iteration.

    Its speed is the one that was served, which need not be the one asked for. Where server tools made several
    iterations, each is listed, and the counters are their sums.
    """
    iterations = _iterations(body, answer, cached, tokens)
    counted: dict[str, Any] = {
        **_counters(together(cached)),
        "output_tokens": tokens,
        "service_tier": tier,
        "inference_geo": body.get("inference_geo") or "not_available",
    }
    if body.get("speed"):
        counted["speed"] = _served_speed(body, day)
    if used := server_tool_use(answer.content):
        counted["server_tool_use"] = used
    return {**counted, "iterations": iterations} if len(iterations) > 1 else counted


def usage_at_start(complete: Mapping[str, Any]) -> dict[str, Any]:
    """What is known when a stream begins: the input of the first iteration."""
    first = complete.get("iterations", [complete])[0]
    kept = {name: value for name, value in complete.items() if name not in ("iterations", "server_tool_use")}
    counted = {name: first[name] for name in kept if name in first}
    return {**kept, **counted, "output_tokens": 1}


def usage_at_end(complete: Mapping[str, Any]) -> dict[str, Any]:
    """The cumulative counters that end a stream."""
    return {name: complete[name] for name in _CUMULATIVE if name in complete}


def _iterations(
    body: Mapping[str, Any], answer: Answer, cached: Sequence[CacheUsage], tokens: int
) -> list[dict[str, Any]]:
    """The iterations as `usage` lists them. The output of the last one is what the others leave."""
    said = segments(answer.content)
    listed, left = [], tokens
    for number, iteration in enumerate(cached):
        output = output_tokens(replace(answer, content=tuple(said[number])), str(body["model"]))
        output = left if number == len(cached) - 1 else min(output, left)
        left -= output
        listed.append({"type": "message", **_counters(iteration), "output_tokens": output})
    return listed


def _counters(cached: CacheUsage) -> dict[str, Any]:
    return {
        "input_tokens": cached.input_tokens,
        "cache_creation_input_tokens": cached.write,
        "cache_read_input_tokens": cached.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": cached.write_5m,
            "ephemeral_1h_input_tokens": cached.write_1h,
        },
    }


def _served_speed(body: Mapping[str, Any], day: date) -> str:
    facts = model_facts(str(body["model"]))
    return "fast" if body["speed"] == "fast" and (facts is None or facts.offers_fast_mode(day)) else "standard"
