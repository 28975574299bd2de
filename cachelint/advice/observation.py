"""The requests of a usage log as advice needs them: when each was sent, and which prefixes its prompt has.

Only cachelint's own records carry fingerprints, so only they can be used; other lines are counted and left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cachelint.advice.placement import Placement
from cachelint.advice.present import placement_of
from cachelint.prompt import PARAMETER_TIERS

_KIND = "messages"


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a prompt, up to the end of a block."""

    identity: str
    """Equal for equal prefixes, parameters of the request included."""
    tokens: float
    """Its length, shared out from the billed tokens of the request by bytes."""
    blocks: int
    """Content blocks of the messages in it; 0 for tools and system."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One answered request."""

    site: str
    """``support/agent.py:33``."""
    model: str
    workspace: str
    session: str
    started: float
    """Seconds since the epoch."""
    readable: float
    """When its response began: from then on others could read what it wrote."""
    blocks: int
    """Positions of the whole prompt, by which the lookback counts."""
    tools: Prefix | None
    system: Prefix | None
    messages: tuple[Prefix, ...]
    """At 1, 2, 4 ... content blocks, at the breakpoints that were set, and at the end."""
    read: int
    written_5m: int
    written_1h: int
    uncached: int
    placement: Placement | None
    """Where its breakpoints stood; None where that cannot be told."""

    @property
    def total(self) -> int:
        """Tokens of the whole prompt."""
        return self.read + self.written_5m + self.written_1h + self.uncached

    @property
    def end(self) -> Prefix | None:
        """The whole prompt."""
        return self.messages[-1] if self.messages else self.system or self.tools


@dataclass(frozen=True, slots=True)
class Observations:
    """What a log holds."""

    requests: tuple[Observation, ...]
    """Ordered by start."""
    skipped: int
    """Lines that are not an answered request with fingerprints."""


def observe(lines: Iterable[str]) -> Observations:
    """Read the lines of one or more logs. A response that is logged twice counts once."""
    requests: dict[str, Observation] = {}
    skipped = 0
    for line in lines:
        record = _record(line)
        if record is None:
            skipped += bool(line.strip())
        else:
            requests.setdefault(str(record.get("id") or line), _observation(record))
    return Observations(tuple(sorted(requests.values(), key=lambda request: request.started)), skipped)


def _record(line: str) -> Mapping[str, Any] | None:
    """The record of an answered request with fingerprints and their lengths, or None."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or record.get("kind") != _KIND or record.get("status") != 200:
        return None
    fingerprints, usage = record.get("fingerprints"), record.get("usage")
    usable = isinstance(fingerprints, dict) and isinstance(usage, dict) and "lengths" in fingerprints
    return record if usable and record.get("call_site") and not record.get("thread") else None


def _observation(record: Mapping[str, Any]) -> Observation:
    usage = record["usage"]
    written, one_hour = _count(usage, "cache_creation_input_tokens"), 0
    if isinstance(usage.get("cache_creation"), dict):
        one_hour = min(written, _count(usage["cache_creation"], "ephemeral_1h_input_tokens"))
    read, uncached = _count(usage, "cache_read_input_tokens"), _count(usage, "input_tokens")
    tools, system, messages = _prefixes(record["fingerprints"], read + written + uncached)
    started = datetime.fromisoformat(record["started"]).timestamp()
    waited = record.get("first_token_ms") or record.get("duration_ms") or 0.0
    return Observation(
        site=record["call_site"],
        model=str(record.get("model") or record.get("model_requested")),
        workspace=str(record.get("workspace")),
        session=str(record.get("session")),
        started=started,
        readable=started + waited / 1000,
        blocks=record["blocks"],
        tools=tools,
        system=system,
        messages=messages,
        read=read,
        written_5m=written - one_hour,
        written_1h=one_hour,
        uncached=uncached,
        placement=placement_of(record, uncached, read + written + uncached),
    )


def _prefixes(fingerprints: Mapping[str, Any], total: int) -> tuple[Prefix | None, Prefix | None, tuple[Prefix, ...]]:
    lengths: Sequence[int] = fingerprints["lengths"]
    share = total / lengths[-1] if lengths[-1] else 0.0
    parameters = fingerprints["parameters"]
    tools = f"{_of_tier(parameters, 'tools')} {fingerprints['tools']}"
    system = f"{tools} {_of_tier(parameters, 'system')} {fingerprints['system']}"
    messages = []
    for element, length in zip(fingerprints["messages"], lengths[2:], strict=True):
        identity = f"{system} {_of_tier(parameters, 'messages')} {element}"
        messages.append(Prefix(identity, length * share, int(element.partition(":")[0])))
    return (
        Prefix(tools, lengths[0] * share, 0) if fingerprints["tools"] else None,
        Prefix(system, lengths[1] * share, 0) if fingerprints["system"] else None,
        tuple(messages),
    )


def _of_tier(parameters: Mapping[str, str], tier: str) -> str:
    """The parameters whose change loses the cache from this tier on."""
    own = {name: value for name, value in parameters.items() if PARAMETER_TIERS.get(name, "tools") == tier}
    return json.dumps(own, sort_keys=True)


def _count(usage: Mapping[str, Any], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) and value > 0 else 0
