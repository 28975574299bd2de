"""Gates for CI: thresholds on a report, and a comparison with an earlier one. Each has one line to say how it went."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cachelint.errors import InputError
from cachelint.report.renderers.amounts import decimals, money, plural, share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    max_cost_increase: float | None = None
    """By what share a request may cost more than in `against`."""
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
        earlier = _earlier_report(thresholds.against)
        yield from _compared(report, earlier, thresholds)
        if thresholds.max_cost_increase is not None:
            yield _cost_increase(total, earlier["total"], thresholds.max_cost_increase)


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


def _compared(report: Report, earlier: dict[str, Any], thresholds: Thresholds) -> Iterator[Verdict]:
    """How the ratios of the whole report went; one that is worse names the model that it fell most for."""
    allowed, name = thresholds.max_regression, thresholds.against.name if thresholds.against else ""
    for gated in _GATED:
        before, ratio = _earlier_value(gated, earlier["total"]), gated.of(report.total)
        now = None if ratio is None else ratio.value
        if before is None or now is None:
            yield Verdict(True, f"gate passed: {gated.title} is n/a in one of the reports")
        elif gated.sign * (before - now) <= allowed + _ROUNDING:
            yield Verdict(True, f"gate passed: {gated.title} {share(ratio)} against {_percent(before)} before")
        else:
            drop = f"{_points(abs(before - now))} {gated.worse} the {_percent(before)} of {name}"
            worst = _worst_model(gated, report, earlier)
            yield Verdict(
                False, f"gate failed: {gated.title} {share(ratio)} is {drop}; allowed are {_points(allowed)}{worst}"
            )


@dataclass(frozen=True, slots=True)
class _Gated:
    """A ratio that is compared with that of an earlier report."""

    title: str
    of: Callable[[Figures], Ratio | None]
    sign: int
    """1 when more is better, -1 when less is."""
    worse: str


_GATED = (
    _Gated("hit ratio", lambda figures: figures.hit_ratio, 1, "below"),
    _Gated("continuity", lambda figures: figures.continuity, 1, "below"),
    _Gated("recoverable waste", lambda figures: figures.waste, -1, "above"),
)


def _earlier_value(gated: _Gated, figures: dict[str, Any]) -> float | None:
    """A ratio of an earlier report; None where that has none."""
    if gated.title == "recoverable waste":
        recoverable, cost = _amount(figures.get("recoverable_usd")), _amount(figures.get("cost_usd"))
        return (
            float(recoverable / cost)
            if recoverable is not None and cost and figures.get("continuity") is not None
            else None
        )
    value = figures.get(gated.title.replace(" ", "_"))
    return float(value) if isinstance(value, int | float) else None


def _worst_model(gated: _Gated, report: Report, earlier: dict[str, Any]) -> str:
    """The model whose ratio is worse by most, where there are several."""
    models = earlier.get("models")
    before = {row.get("model"): row for row in models if isinstance(row, dict)} if isinstance(models, list) else {}
    fallen = []
    for row in report.models:
        ratio, value = gated.of(row.figures), _earlier_value(gated, before.get(row.name, {}))
        if ratio is not None and ratio.value is not None and value is not None and len(report.models) > 1:
            fallen.append(
                (gated.sign * (value - ratio.value), f"; most for {row.name}: {share(ratio)}, {_percent(value)} before")
            )
    return max(fallen, default=(0.0, ""))[1] if fallen and max(fallen)[0] > 0 else ""


def _cost_increase(total: Figures, earlier: dict[str, Any], allowed: float) -> Verdict:
    cost, requests = _amount(earlier.get("cost_usd")), earlier.get("requests")
    if not cost or not total.requests or total.cost is None or not isinstance(requests, int) or requests <= 0:
        return Verdict(True, "gate passed: cost of a request is n/a in one of the reports")
    before, now = cost / requests, total.cost / total.requests
    places = decimals(before, now)
    change = f"{money(now, places)} against {money(before, places)} before"
    increase = float(now / before) - 1
    if increase <= allowed + _ROUNDING:
        return Verdict(True, f"gate passed: a request costs {change}")
    return Verdict(
        False, f"gate failed: a request costs {change}, {_percent(increase)} more; allowed are {_percent(allowed)}"
    )


def _amount(text: object) -> Decimal | None:
    try:
        return Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        return None


def _earlier_report(path: Path) -> dict[str, Any]:
    try:
        report = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        report = None
    if not isinstance(report, dict) or not isinstance(report.get("total"), dict):
        raise InputError(f"{path}: not a report in JSON, as `cachelint report --format json` writes it")
    return report


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"


def _points(fraction: float) -> str:
    return f"{100 * fraction:.1f} points"
