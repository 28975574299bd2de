"""A placement of breakpoints in words: what to change in the call."""

from __future__ import annotations

from cachelint.advice.placement import Placement, Slot

_PLACES: dict[Slot, str] = {
    "tools": "on the last tool",
    "system": "on the last block of `system`",
    "previous": "on the last block of the turn before (the last message of the request that this one continues)",
    "end": "as a top-level argument of the call, which marks its last block",
}
_CONTROLS = {
    "5m": 'cache_control={"type": "ephemeral"}',
    "1h": 'cache_control={"type": "ephemeral", "ttl": "1h"}',
}


def instructions(placement: Placement) -> tuple[str, ...]:
    """One sentence for each breakpoint, or the one that says to have none."""
    if not placement.breakpoints:
        return ("Remove every `cache_control` from this call: here, writing costs more than reading saves.",)
    return tuple(f"Put `{_CONTROLS[ttl]}` {_PLACES[slot]}." for slot, ttl in placement.breakpoints)


def summary(placement: Placement) -> str:
    """The same in short: ``system 1h + end 5m``."""
    return " + ".join(f"{slot} {ttl}" for slot, ttl in placement.breakpoints) or "none"
