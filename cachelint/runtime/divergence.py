"""Where a request stops repeating the one that it continues, within what that one had cached."""

from __future__ import annotations

from dataclasses import dataclass

from cachelint.prompt.layout import TIERS, Tier
from cachelint.runtime.difference import Difference, difference
from cachelint.runtime.encoding import encode
from cachelint.runtime.fingerprint import Fingerprint


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first difference between two prompts."""

    tier: Tier
    position: str
    """Of the first block that differs: in the later request, or in the earlier one where the later has none."""
    change: str
    """See `DivergenceField.change`."""
    difference: Difference | None
    """Within the block; None where a whole block came, went or moved."""
    lost: float
    """The share of the later prompt, by length, that was cached before and is not reused, from 0 to 1."""
    kept: float
    """The share of what was compared that is the same, from 0 to 1."""


def diverge(earlier: Fingerprint, later: Fingerprint, *, conversation: bool) -> Divergence | None:
    """The first difference, or None when `later` repeats all of `earlier` that was cached.

    `conversation`: compare the messages too; else only tools and system, which unrelated requests can share.
    """
    end = _compared(earlier, conversation)
    place = _first_difference(earlier, later, end)
    if place is None:
        return None
    before, after = earlier.prompt, later.prompt
    tier, added = _tier(earlier, later, place)
    present = not added and place < len(later.digests) and after.tier_of(place) == tier
    change = _structural_change(earlier, later, place, tier) if present else _resized(tier, added)
    found = difference(encode(before.pieces[place]), encode(after.pieces[place])) if change is None else None
    return Divergence(
        tier=tier,
        position=after.position(place) if present or added else before.position(place),
        change=change or (found.change if found else "block"),
        difference=found,
        lost=_lost(earlier, later, place, end),
        kept=_kept(earlier, later, place, end, found),
    )


def _tier(earlier: Fingerprint, later: Fingerprint, place: int) -> tuple[Tier, bool]:
    """The tier that differs, and whether it is because the later prompt has more blocks in it."""
    before = earlier.prompt.tier_of(place)
    after = later.prompt.tier_of(place) if place < len(later.digests) else "messages"
    return (after, True) if TIERS.index(after) < TIERS.index(before) else (before, False)


def _lost(earlier: Fingerprint, later: Fingerprint, place: int, end: int) -> float:
    lost = sum(earlier.weights[_surviving(earlier, place) : end])
    return min(1.0, lost / max(1, later.weight))


def _kept(earlier: Fingerprint, later: Fingerprint, place: int, end: int, found: Difference | None) -> float:
    weights = earlier.weights[:end]
    common = set(later.digests)
    same: float = sum(w for digest, w in zip(earlier.digests, weights, strict=False) if digest in common)
    if found is not None:
        same += found.shared * weights[place]
    return same / max(1, sum(weights))


def _compared(earlier: Fingerprint, conversation: bool) -> int:
    """How many blocks there are to repeat: those up to the last breakpoint."""
    cached = earlier.prompt.last_cached + 1
    return cached if conversation else min(cached, earlier.prompt.ends[1])


def _first_difference(earlier: Fingerprint, later: Fingerprint, end: int) -> int | None:
    if earlier.digests[:end] == later.digests[:end] and _same_tiers(earlier, later, end):
        return None
    for place in range(end):
        if place >= len(later.digests):
            # A history that was cut short at its end is still a prefix; the cache of what is left can be read.
            return None if earlier.prompt.tier_of(place) == "messages" else place
        if earlier.digests[place] != later.digests[place]:
            return place
        if earlier.prompt.tier_of(place) != later.prompt.tier_of(place):
            return place
    return None


def _same_tiers(earlier: Fingerprint, later: Fingerprint, end: int) -> bool:
    first, second = earlier.prompt.ends, later.prompt.ends
    return all(min(a, end) == min(b, end) for a, b in zip(first[:2], second[:2], strict=True))


def _surviving(earlier: Fingerprint, place: int) -> int:
    """Where the prefix ends that can still be read: behind the last breakpoint before the difference."""
    return max((marked + 1 for marked, _ in earlier.prompt.markers if marked < place), default=0)


def _structural_change(earlier: Fingerprint, later: Fingerprint, place: int, tier: Tier) -> str | None:
    """What happened to whole blocks, or None when the block at `place` was edited."""
    before, after = _of_tier(earlier, tier), _of_tier(later, tier)
    if tier == "tools":
        if sorted(before) == sorted(after):
            return "reordered-tools"
        if len(before) < len(after) and set(before) <= set(after):
            return "added-tools"
        return "removed-tools" if len(after) < len(before) and set(after) <= set(before) else None
    if later.digests[place] in before:
        return "history-shifted" if tier == "messages" else "removed"
    return "added" if earlier.digests[place] in after else None


def _of_tier(fingerprint: Fingerprint, tier: Tier) -> tuple[bytes, ...]:
    tools, system, messages = fingerprint.prompt.ends
    start, end = {"tools": (0, tools), "system": (tools, system), "messages": (system, messages)}[tier]
    return fingerprint.digests[start:end]


def _resized(tier: Tier, added: bool) -> str:
    """A tier has more or fewer blocks, and those up to here are the same."""
    return ("added" if added else "removed") + ("-tools" if tier == "tools" else "")
