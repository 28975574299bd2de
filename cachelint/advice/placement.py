"""Where breakpoints can stand, and every way to set them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from cachelint.prompt import MAXIMUM_BREAKPOINTS, TTL_SECONDS

Slot = Literal["tools", "system", "previous", "end"]
"""A place that every request of a call site has: behind the tools, behind the system prompt, at the end of the request
that this one continues (the turn before), and at its own end. Which block that is follows the request."""

SLOTS: tuple[Slot, ...] = ("tools", "system", "previous", "end")
"""In the order of the prompt. There are as many as a request can have breakpoints, so every combination is allowed."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Breakpoints by slot, in the order of the prompt, each with its TTL. None at all: caching is off."""

    breakpoints: tuple[tuple[Slot, str], ...]


def placements(slots: tuple[Slot, ...] = SLOTS) -> Iterator[Placement]:
    """Every valid placement on these slots, the simplest first: fewer breakpoints, then shorter lifetimes.

    Longer lifetimes must come first in a prompt, so a placement with k breakpoints has k + 1 ways to choose them.
    """
    short, long = sorted(TTL_SECONDS, key=TTL_SECONDS.__getitem__)
    for count in range(min(len(slots), MAXIMUM_BREAKPOINTS) + 1):
        for chosen in combinations(slots, count):
            for of_long in range(count + 1):
                lifetimes = [long] * of_long + [short] * (count - of_long)
                yield Placement(tuple(zip(chosen, lifetimes, strict=True)))
