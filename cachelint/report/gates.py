"""Gates for CI: thresholds on a report, and a comparison with an earlier one. Each has one line to say how it went."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cachelint.errors import InputError
from cachelint.report.renderers.amounts import decimals, money, plural, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cachelint.report.figures import Figures, Ratio, Report


_MOST_PLACES = 6

_ROUNDING = 1e-6
"""Ratios in a report have six decimals."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a report must reach. Shares are fractions of 1; `None` is no gate."""

    min_hit_ratio: float | None = None
    min_continuity: float | None = None
    max_waste: float | None = None
    max_cost: Decimal | None = None
    against: Path | None = None
    max_regression: float = 0.0
    """How many points the ratios may be worse than those of `against`."""
    min_requests: int = 1
    """With fewer requests every gate passes, and says so."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one gate went."""

    passed: bool
    message: str


def judge(report: Report, thresholds: Thresholds) -> tuple[Verdict, ...]:
    """The verdict of each gate that was asked for. Raises `InputError` when the earlier report cannot be read."""
    verdicts = tuple(_verdicts(report, thresholds))
    if report.total.requests >= thresholds.min_requests:
        return verdicts
    reason = f"only {plural(report.total.requests, 'request')}, fewer than --min-requests {thresholds.min_requests}"
    return tuple(Verdict(True, f"gate passed: {reason}") for _ in verdicts[:1])


def _verdicts(report: Report, thresholds: Thresholds) -> Iterator[Verdict]:
    total = report.total
    if thresholds.min_hit_ratio is not None:
        yield _at_least("hit ratio", total.hit_ratio, thresholds.min_hit_ratio)
    if thresholds.min_continuity is not None:
        yield _at_least("continuity", total.continuity, thresholds.min_continuity)
    if thresholds.max_waste is not None:
        yield _at_most("recoverable waste", total.waste, thresholds.max_waste)
    if thresholds.max_cost is not None:
        yield _cost(report, thresholds.max_cost)
    if thresholds.against is not None:
        yield from _compared(total, thresholds.against, thresholds.max_regression)


def _at_least(name: str, ratio: Ratio, least: float) -> Verdict:
    value = ratio.value
    if value is None:
        return Verdict(True, f"gate passed: {name} is n/a, as nothing in the log could count for it")
    if value >= least:
        return Verdict(True, f"gate passed: {name} {share(ratio)} is at least {_percent(least)}")
    return Verdict(False, f"gate failed: {name} {share(ratio)} is below {_percent(least)} by {_points(least - value)}")


def _at_most(name: str, ratio: Ratio | None, most: float) -> Verdict:
    value = None if ratio is None else ratio.value
    if value is None:
        return Verdict(True, f"gate passed: {name} is n/a, as no request with a price continues another")
    if value <= most:
        return Verdict(True, f"gate passed: {name} {share(ratio)} of the cost is at most {_percent(most)}")
    return Verdict(
        False, f"gate failed: {name} {share(ratio)} of the cost is above {_percent(most)} by {_points(value - most)}"
    )


def _cost(report: Report, most: Decimal) -> Verdict:
    cost = report.total.cost or Decimal(0)
    unpriced = sum(item.requests for item in report.unpriced)
    without = f", not counting {plural(unpriced, 'request')} without a price" if unpriced else ""
    places = decimals(cost, most)
    while cost > most and money(cost, places) == money(most, places) and places < _MOST_PLACES:
        places += 2
    spent, allowed = money(cost, places), money(most, places)
    if cost <= most:
        return Verdict(True, f"gate passed: cost {spent} is at most {allowed}{without}")
    return Verdict(False, f"gate failed: cost {spent} is above {allowed} by {money(cost - most, places)}{without}")


def _compared(total: Figures, against: Path, allowed: float) -> Iterator[Verdict]:
    earlier = _earlier_total(against)
    for name, field, ratio in (
        ("hit ratio", "hit_ratio", total.hit_ratio),
        ("continuity", "continuity", total.continuity),
    ):
        before, now = earlier.get(field), ratio.value
        if not isinstance(before, int | float) or now is None:
            yield Verdict(True, f"gate passed: {name} is n/a in one of the reports")
        elif before - now <= allowed + _ROUNDING:
            yield Verdict(True, f"gate passed: {name} {share(ratio)} against {_percent(before)} before")
        else:
            drop = f"{share(ratio)} is {_points(before - now)} below the {_percent(before)} of {against.name}"
            yield Verdict(False, f"gate failed: {name} {drop}; allowed are {_points(allowed)}")


def _earlier_total(path: Path) -> dict[str, Any]:
    try:
        report = json.loads(path.read_text("utf-8"))
        total = report["total"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{path}: not a report in JSON, as `cachelint report --format json` writes it") from None
    if not isinstance(total, dict):
        raise InputError(f"{path}: not a report in JSON, as `cachelint report --format json` writes it")
    return total


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"


def _points(fraction: float) -> str:
    return f"{100 * fraction:.1f} points"
