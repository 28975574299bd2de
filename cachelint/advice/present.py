"""Which placement a call site has now, as far as its records tell: what is lost with it has another cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from cachelint.advice.placement import Placement, Slot

_AGREEING = 0.9
"""With fewer of the requests that have the same placement, a call site has none."""

_BEHIND_THE_END = 0.005
"""The share of a prompt that is billed as uncached though its last block is marked: what the API adds."""


def placement_of(record: Mapping[str, Any], uncached: int, total: int) -> Placement | None:
    """Where a request had its breakpoints; None where that is none of the slots that advice knows.

    A record does not say how many blocks a tier has, so a breakpoint in a tier is taken for one at its end; in the
    messages only where nothing behind it was billed.
    """
    found: list[tuple[Slot, str]] = []
    in_messages = []
    for marker in record.get("markers") or ():
        tier, ttl = str(marker.get("position")).partition("[")[0], str(marker.get("ttl"))
        if tier == "messages":
            in_messages.append(ttl)
        elif tier == "tools":
            found.append(("tools", ttl))
        elif tier == "system":
            found.append(("system", ttl))
    if record.get("automatic"):
        in_messages.append(str(record["automatic"]))
    if in_messages and uncached > total * _BEHIND_THE_END:
        return None
    if uncached < total and not found and not in_messages:
        return None
    slots: tuple[Slot, ...] = ("previous", "end")
    if len(in_messages) > len(slots) or len(dict(found)) < len(found):
        return None
    found += zip(slots[len(slots) - len(in_messages) :], in_messages, strict=True)
    return Placement(tuple(found))


def present_placement(placements: Sequence[Placement | None]) -> Placement | None:
    """The placement that nearly all requests of a call site have; None where they differ or cannot be told."""
    ((most, count),) = Counter(placements).most_common(1) or ((None, 0),)
    return most if count >= _AGREEING * len(placements) else None
