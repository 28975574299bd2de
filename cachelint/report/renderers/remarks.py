"""The sentences of a report: what it comes to, what is left out, what to know, and what its ratios mean."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from cachelint.report.notes import NOT_INCLUDED
from cachelint.report.renderers import amounts
from cachelint.report.renderers.tables import money_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cachelint.report.figures import Lifetime, Ratio, Report

FORMULAS = (
    "hit ratio = cache read / (cache read + cache write + uncached); continuity = requests that read all that their "
    "conversation had cached / requests that could; saved = 1 - cost / cost without cache; recoverable = cost - cost "
    "with a perfect cache; captured = (cost without cache - cost) / (cost without cache - cost with a perfect cache)."
)
"""What stands beside every ratio."""

_WORTH_SAYING = Decimal("0.02")
"""A lifetime is recommended when it would have saved at least this share of a model's cost."""


def summary(report: Report) -> Iterator[str]:
    """What could have been saved."""
    if report.total.recoverable is None or not report.total.cost:
        return
    yield f"{_recoverable(report)}  Not included: {NOT_INCLUDED}."
    places = money_places(report)
    waste = report.write_waste
    if waste.tokens or waste.terminal_tokens:
        yield (
            f"Written to the cache and never read: {amounts.tokens(waste.tokens)} tokens, "
            f"{amounts.money(waste.cost, places)} above the price of input; and at the end of conversations "
            f"{amounts.tokens(waste.terminal_tokens)}, {amounts.money(waste.terminal_cost, places)}."
        )
    yield from (_advice(lifetime, places) for lifetime in report.lifetimes if _is_worth_saying(lifetime))


def _recoverable(report: Report) -> str:
    total, places = report.total, money_places(report)
    if total.waste is None:
        return "Recoverable, continuity: n/a, as no request continues another within its lifetime."
    return (
        f"Recoverable: {amounts.money(total.recoverable, places)} of {amounts.money(total.cost, places)} "
        f"({amounts.share(total.waste, 0)}).  Continuity: {amounts.share(total.continuity)}.  "
        f"Captured of what caching can save: {_captured(total.capture)}."
    )


def _captured(capture: Ratio | None) -> str:
    """A share; below zero there is nothing captured, and the saving beside it says how much was lost instead."""
    if capture is not None and capture.numerator < 0:
        return "nothing, it costs more than it brings"
    return amounts.share(capture, 0)


def _is_worth_saying(lifetime: Lifetime) -> bool:
    return lifetime.cost - min(lifetime.cost_5m, lifetime.cost_1h) > lifetime.cost * _WORTH_SAYING


def _advice(lifetime: Lifetime, places: int) -> str:
    cheapest = min(lifetime.cost_5m, lifetime.cost_1h)
    name = "5 minutes" if cheapest == lifetime.cost_5m else "1 hour"
    return (
        f"{lifetime.model} would have cost {amounts.money(cheapest, places)} instead of "
        f"{amounts.money(lifetime.cost, places)} had everything been written to the cache for {name}."
    )


def exclusions(report: Report) -> Iterator[str]:
    """What is in no total."""
    if report.unpriced:
        covered = report.pricing_coverage
        yield (
            f"Priced: {covered.numerator:,} of {amounts.plural(int(covered.denominator), 'request')} "
            f"({amounts.share(covered)})."
        )
    for unpriced in report.unpriced:
        sizes = f"{amounts.plural(unpriced.requests, 'request')}, {amounts.tokens(unpriced.tokens)} tokens"
        yield f"In no total: {unpriced.model} ({unpriced.reason}): {sizes}."
    for noun, skipped_things in (("line", report.inputs.skipped_lines), ("file", report.inputs.skipped_files)):
        for skipped in skipped_things:
            yield f"Skipped {amounts.plural(skipped.count, noun)}: {skipped.reason} ({', '.join(skipped.samples)})."


def remarks(report: Report) -> Iterator[str]:
    """Everything else that the reader should know."""
    yield from exclusions(report)
    yield from report.notes
    if report.models:
        yield FORMULAS
