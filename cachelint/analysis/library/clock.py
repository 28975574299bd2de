"""Datetimes: how formats, truncation and arithmetic change how often a clock reading changes."""

from __future__ import annotations

import re
from dataclasses import replace

from cachelint.analysis.variation import Period, Variation, Variations, changed

_DAILY = frozenset("YymbBdjaAUVGueDFxZz%")
_HOURLY = frozenset("HI p")
_DIRECTIVE = re.compile(r"%[-#_0^]?([A-Za-z%])")

SECONDS_PER_HOUR = 3_600
SECONDS_PER_DAY = 86_400

KINDS = {"datetime", "date", "time"}

_DAY_ATTRIBUTES = frozenset(
    (
        "year",
        "month",
        "day",
        "weekday",
        "isoweekday",
        "isocalendar",
        "toordinal",
        "date",
        "day_of_week",
        "quarter",
        "week",
        "days",
    )
)
_ROUNDING = ("hour", "minute", "second", "microsecond")


def at_most_every(variations: Variations, period: Period) -> Variations:
    """Clock readings that change no more often than `period`; a frozen one stays frozen."""

    def change(variation: Variation) -> Variation:
        if not _is_clock(variation):
            return variation
        if variation.period in (Period.SESSION, Period.PROCESS) and period >= Period.DAY:
            return replace(variation, period=Period.DEPLOY)
        return variation.at_most_every(period)

    return changed(variations, change)


def _is_clock(variation: Variation) -> bool:
    return variation.code == "CL101"


def period_of_format(specification: str) -> Period:
    """How often the text of a `strftime` format changes."""
    directives = set(_DIRECTIVE.findall(specification))
    if directives <= _DAILY:
        return Period.DAY
    return Period.HOUR if directives <= _DAILY | _HOURLY else Period.REQUEST


def formatted(variations: Variations, specification: str) -> Variations:
    """What varies in a datetime formatted with a `strftime` format."""
    return at_most_every(variations, period_of_format(specification))


def truncated(variations: Variations, length: int) -> Variations:
    """What varies in the first `length` characters of an ISO 8601 datetime."""
    if length <= 10:
        return at_most_every(variations, Period.DAY)
    return at_most_every(variations, Period.HOUR) if length <= 13 else variations


def bucketed(variations: Variations, divisor: object) -> Variations:
    """What varies in a time in seconds after `// divisor`."""
    if not isinstance(divisor, (int, float)):
        return variations
    if divisor >= SECONDS_PER_DAY:
        return at_most_every(variations, Period.DAY)
    return at_most_every(variations, Period.HOUR) if divisor >= SECONDS_PER_HOUR else variations


UNITS = {"hours": Period.HOUR, "days": Period.DAY}
"""The kinds of a time divided into hours or days, with a fraction still."""


def unit(divisor: object) -> str | None:
    """What a time in seconds is counted in after `/ divisor`."""
    if not isinstance(divisor, (int, float)) or divisor < SECONDS_PER_HOUR:
        return None
    return "days" if divisor >= SECONDS_PER_DAY else "hours"


def whole(variations: Variations, kind: str) -> Variations:
    """What varies in hours or days without their fraction."""
    return at_most_every(variations, UNITS[kind])


def attribute(variations: Variations, name: str) -> Variations:
    """What varies in an attribute or argument-less method of a datetime."""
    if name in _DAY_ATTRIBUTES:
        return at_most_every(variations, Period.DAY)
    return at_most_every(variations, Period.HOUR) if name == "hour" else variations


def replaced(variations: Variations, names: set[str]) -> Variations:
    """What varies after `.replace(minute=0, …)` with constants for `names`."""
    if set(_ROUNDING[1:]) - {"microsecond"} <= names:
        return at_most_every(variations, Period.DAY if "hour" in names else Period.HOUR)
    return variations
