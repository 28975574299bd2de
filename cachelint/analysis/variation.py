"""What makes a value vary: where the variation enters, how often it changes, and the way it has travelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from cachelint.findings import Confidence

if TYPE_CHECKING:
    from cachelint.analysis.syntax import Site

MAXIMUM_STEPS = 12
"""A longer path is cut in its middle: nobody reads it, and loops could grow it without end."""


class Period(IntEnum):
    """How often a value changes, from the most frequent to the rarest (facts on volatility classes)."""

    REQUEST = 0
    TURN = 1
    SESSION = 2
    PROCESS = 3
    HOST = 4
    HOUR = 5
    DAY = 6
    DEPLOY = 7

    @property
    def label(self) -> str:
        """The word used in output."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Step:
    """One place on the way of a value, with what happens to it there."""

    site: Site
    message: str


@dataclass(frozen=True, slots=True)
class Variation:
    """One reason why a value differs between requests."""

    code: str
    """The rule whose source table names it."""
    label: str
    """The source as a reader knows it: ``datetime.now()``."""
    site: Site
    period: Period
    order: bool = False
    """True when the elements are stable and only their order varies."""
    confidence: Confidence = Confidence.HIGH
    steps: tuple[Step, ...] = ()
    loops: tuple[int, ...] = ()
    """The loops that were running when it was evaluated, outermost first."""
    origin: str = ""
    """The list whose length it is, as `Sequence.growing` has it: it varies where the program adds between requests."""

    @property
    def identity(self) -> tuple[str, Site]:
        """Variations of one rule that enter at one place are one."""
        return self.code, self.site

    def through(self, site: Site, message: str) -> Variation:
        """The same variation, one step further on its way."""
        if self.steps and self.steps[-1].site == site:
            return self
        steps = (*self.steps, Step(site, message))
        if len(steps) > MAXIMUM_STEPS:
            steps = steps[: MAXIMUM_STEPS // 2] + steps[-MAXIMUM_STEPS // 2 :]
        return replace(self, steps=steps)

    def at_most_every(self, period: Period) -> Variation:
        """The same variation, evaluated no more often than `period`."""
        return self if self.period >= period else replace(self, period=period)

    def doubted(self) -> Variation:
        """One level less sure: it passed through something that is not understood."""
        lower = Confidence.MEDIUM if self.confidence is Confidence.HIGH else Confidence.LOW
        return replace(self, confidence=lower)


Variations = tuple[Variation, ...]
Change = Callable[[Variation], Variation | None]


def merged(*groups: Iterable[Variation]) -> Variations:
    """All variations, each identity once: the most frequent one, by the shortest way."""
    best: dict[tuple[str, Site], Variation] = {}
    for group in groups:
        for variation in group:
            known = best.get(variation.identity)
            if known is None or _preference(variation) < _preference(known):
                best[variation.identity] = variation
    return tuple(best.values())


def _preference(variation: Variation) -> tuple[int, int, int]:
    doubt = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW).index(variation.confidence)
    return int(variation.period), doubt, len(variation.steps)


def changed(variations: Variations, change: Change) -> Variations:
    """Each variation as `change` makes it; None drops it."""
    return tuple(result for variation in variations if (result := change(variation)) is not None)
