"""Where a planted value lands in the requests that a program sends, as the simulated cache sees them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from itertools import combinations
from typing import Any

from cachelint.testing.prefix import Position, positions, render

CANARY = re.compile(r"canary-\d+-(?:\d+|p)", re.IGNORECASE)
Body = Mapping[str, Any]


class Landing(Enum):
    """What a planted value does to the prefix of the requests."""

    BEFORE = "before the last breakpoint, another one on each request"
    FROZEN = "before the last breakpoint, the same on each request of a process"
    OUTSIDE = "nowhere, or behind the last breakpoint"
    HISTORY = "in messages, which stay as they are once they have been sent"
    UNTOLD = "where a value means something else than text, or in requests that are not comparable"


def landing(clean: Sequence[Body], planted: Sequence[Body]) -> Landing:
    """Compare the requests of a program with those of its planted copy, in which the value is a canary."""
    if [set(body) for body in clean] != [set(body) for body in planted] or any(map(_is_misshapen, planted)):
        return Landing.UNTOLD
    covered = [found for body in planted if (found := _in_static_prefix(body))]
    if covered:
        readings = {reading for found in covered for reading in found}
        return Landing.BEFORE if len(readings) > 1 else Landing.FROZEN
    in_messages = [reading for body in planted for reading in _in_prefix(body, ("messages",))]
    if any(reading.lower().endswith("-p") for reading in in_messages):
        return Landing.HISTORY  # a conversation lives in one process
    if any(_loses(clean[i], clean[j], planted[i], planted[j]) for i, j in combinations(range(len(clean)), 2)):
        return Landing.BEFORE
    return Landing.HISTORY if in_messages else Landing.OUTSIDE


_SHAPE = frozenset(("model", "role", "type", "cache_control"))
"""What is not free text; the API would refuse it, or the request would be another one."""


def _is_misshapen(value: object, key: str = "") -> bool:
    """Whether a canary stands where it makes a request that nobody would send: in a key, a role, a type."""
    if isinstance(value, Mapping):
        named = key == "properties"
        return any(
            (not named and "canary" in name.lower()) or _is_misshapen(inner, "" if named else name)
            for name, inner in value.items()
        )
    if isinstance(value, list):
        return any(_is_misshapen(inner, key) for inner in value)
    return key in _SHAPE and "canary" in str(value).lower()


def _in_static_prefix(body: Body) -> frozenset[str]:
    return _in_prefix(body, ("tools", "system"))


def _in_prefix(body: Body, tiers: tuple[str, ...]) -> frozenset[str]:
    """The readings in the blocks of some tiers up to the last breakpoint."""
    laid_out = render(body)
    last = max((at for at, block in enumerate(laid_out) if block.marker is not None), default=-1)
    found = " ".join(str(block.content) for block in laid_out[: last + 1] if block.tier in tiers)
    return frozenset(CANARY.findall(found))


def _loses(clean_one: Body, clean_other: Body, planted_one: Body, planted_other: Body) -> bool:
    """Whether a later request reads less of what an earlier one wrote than it does in the clean program."""
    return _shared(positions(planted_one), positions(planted_other)) < _shared(
        positions(clean_one), positions(clean_other)
    )


def _shared(written: Sequence[Position], read: Sequence[Position]) -> int:
    known = {position.digest for position in read}
    return max(
        (at + 1 for at, position in enumerate(written) if position.marker is not None and position.digest in known),
        default=0,
    )
