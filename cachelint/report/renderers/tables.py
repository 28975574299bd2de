"""The tables of a report as rows of text, for every renderer that prints tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachelint.report.figures import Ratio
from cachelint.report.renderers import amounts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from cachelint.report.figures import Difference, Figures, Miss, Report, Row

UNKNOWN_NAME = "(unknown)"
EXPLAINED_BY = "explained by"
CACHING_COSTS = "← caching costs you money here"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text, with the columns that are aligned to the left; all others are numbers."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: frozenset[int]

    def without_empty(self) -> Table:
        """The same table without the columns that are empty in every row."""
        filled = {column for row in self.rows for column, cell in enumerate(row) if cell}
        return self.without({header for column, header in enumerate(self.headers) if column not in filled})

    def without(self, dropped: Collection[str]) -> Table:
        """The same table without the columns of these headers."""
        kept = [position for position, header in enumerate(self.headers) if header not in dropped]
        return Table(
            tuple(self.headers[position] for position in kept),
            tuple(tuple(row[position] for position in kept) for row in self.rows),
            frozenset(new for new, position in enumerate(kept) if position in self.left),
        )


def usage_table(report: Report, rows: Sequence[Row], dimension: str) -> Table:
    """Tokens and money of each row, and of all of them in the last line."""
    headers = (dimension, *_USAGE_HEADERS)
    places = money_places(report)
    lines = [(row.name or UNKNOWN_NAME, *_usage_cells(row.figures, places)) for row in rows]
    lines.append(("total", *_usage_cells(report.total, places)))
    return Table(headers, tuple(lines), frozenset({0, len(headers) - 1}))


_USAGE_HEADERS = (
    "requests",
    "hit ratio",
    "cache read",
    "cache write",
    "uncached",
    "output",
    "cost",
    "without cache",
    "saved",
    "",
)


def money_places(report: Report) -> int:
    """With how many decimals all the money of a report is written."""
    return amounts.decimals(report.total.cost, report.total.cost_without_cache)


def _usage_cells(figures: Figures, places: int) -> tuple[str, ...]:
    saved = figures.saved
    rate = None if saved is None or figures.cost_without_cache is None else Ratio(saved, figures.cost_without_cache)
    return (
        amounts.count(figures.requests),
        amounts.share(figures.hit_ratio),
        amounts.tokens(figures.read),
        amounts.tokens(figures.writes),
        amounts.tokens(figures.input),
        amounts.tokens(figures.output),
        amounts.money(figures.cost, places),
        amounts.money(figures.cost_without_cache, places),
        amounts.share(rate, 0),
        CACHING_COSTS if saved is not None and saved < 0 else "",
    )


def difference_table(differences: Sequence[Difference]) -> Table:
    """The log beside the provider's usage report: by how much each class of tokens differs."""
    classes = (("input", "uncached"), ("write_5m", "5m write"), ("write_1h", "1h write"), ("read", "read"))
    columns = (*classes, ("output", "output"))
    rows = tuple(
        (
            item.day,
            item.model,
            *(_difference(item.logged[key], item.provider[key]) for key, _ in columns),
            _cost_difference(item),
        )
        for item in differences
    )
    return Table(("day", "model", *(title for _, title in columns), "cost"), rows, frozenset({0, 1}))


def _cost_difference(item: Difference) -> str:
    """Empty beside a report that has no costs."""
    logged, provider = item.logged_cost, item.provider_cost
    if provider is None:
        return ""
    if logged is None:
        return f"n/a of {amounts.money(provider)}"
    return "=" if logged == provider else f"{amounts.money(logged - provider)} of {amounts.money(provider)}"


def _difference(logged: int, provider: int) -> str:
    """`=`, or how much more or less the log has than the provider."""
    if logged == provider:
        return "="
    return f"{logged - provider:+,} ({100 * (logged - provider) / provider:+.1f} %)" if provider else f"{logged:+,}"


def miss_table(misses: Sequence[Miss], places: int) -> Table:
    """Where the cache broke: cause, place, size, price, since when, and what is known of it."""
    headers = ("cause", "where", "requests", "tokens lost", "cost", "since", "sure", EXPLAINED_BY, "")
    rows = tuple(
        (
            f"{miss.code} {miss.name}",
            miss.call_site or UNKNOWN_NAME,
            amounts.count(miss.requests),
            amounts.tokens(miss.tokens),
            amounts.money(miss.cost, places),
            f"{miss.first:%b %d %H:%M}" if miss.first else amounts.NOT_AVAILABLE,
            miss.confidence,
            _explained_by(miss),
            miss.detail or "",
        )
        for miss in misses
    )
    return Table(headers, rows, frozenset({0, 1, 5, 6, 7, 8}))


def _explained_by(miss: Miss) -> str:
    """The finding, or what is known instead; empty where no source was looked at."""
    if miss.explanations is None:
        return ""
    if not miss.explanations:
        return "no finding" if miss.in_source else "no such call in the source"
    first, *others = miss.explanations
    more = f" and {len(others)} more" if others else ""
    return f"{first.code} {first.filename}:{first.row}{more}"
