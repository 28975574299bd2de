"""The sentences of a report: what it comes to, what is left out, what to know, and what its ratios mean."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from cachelint.report.notes import NOT_INCLUDED
from cachelint.report.renderers import amounts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cachelint.report.figures import Report

FORMULAS = (
    "hit ratio = cache read / (cache read + cache write + uncached); continuity = requests that read all that their "
    "conversation had cached / requests that could; saved = 1 - cost / cost without cache."
)
"""What stands beside every ratio."""

_WORTH_SAYING = Decimal("0.02")
"""A lifetime is recommended when it would have saved at least this share of a model's cost."""


def summary(report: Report) -> Iterator[str]:
    """What could have been saved."""
    total = report.total
    if total.recoverable is None or not total.cost:
        return
    yield (
        f"Recoverable: {amounts.money(total.recoverable)} of {amounts.money(total.cost)} "
        f"({amounts.share(total.waste, 0)}).  Continuity: {amounts.share(total.continuity)}.  "
        f"Captured of what caching can save: {amounts.share(total.capture, 0)}.  Not included: {NOT_INCLUDED}."
    )
    waste = report.write_waste
    if waste.tokens or waste.terminal_tokens:
        yield (
            f"Written to the cache and never read: {amounts.tokens(waste.tokens)} tokens, "
            f"{amounts.money(waste.cost)} above the price of input; and at the end of conversations "
            f"{amounts.tokens(waste.terminal_tokens)}, {amounts.money(waste.terminal_cost)}."
        )
    for lifetime in report.lifetimes:
        cheapest = min(lifetime.cost_5m, lifetime.cost_1h)
        if lifetime.cost - cheapest > lifetime.cost * _WORTH_SAYING:
            name = "5 minutes" if cheapest == lifetime.cost_5m else "1 hour"
            yield (
                f"{lifetime.model} would have cost {amounts.money(cheapest)} instead of {amounts.money(lifetime.cost)} "
                f"had everything been written to the cache for {name}."
            )


def exclusions(report: Report) -> Iterator[str]:
    """What is in no total."""
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
    yield FORMULAS
