"""What requests cost, by class of token, and what they would have cost without a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.report.pricing.rates import MONEY

if TYPE_CHECKING:
    from datetime import date

    from cachelint.report.engine import Engine

CLASSES = {
    "cost_input": ("input", "price_input"),
    "cost_5m": ("write_5m", "price_5m"),
    "cost_1h": ("write_1h", "price_1h"),
    "cost_read": ("read", "price_read"),
    "cost_output": ("output", "price_output"),
    "cost_search": ("searches", "price_search"),
}
"""Column of a cost -> columns of the count and of the price."""

COST_PARTS = tuple(CLASSES)
"""Columns, in millionths of a USD, that add up to `cost`."""


def create_usage(engine: Engine, today: date) -> None:
    """Create the views `usage`, which is `counted` with the number of each row's rate, and `priced` over it.

    A row without a rate has no cost and is not `priced`, unless it used nothing: then there is nothing to price.
    Requests without a time are priced as of `today`.
    """
    day = f"coalesce(counted.started::DATE, DATE '{today}')"
    engine.run(f"""
        CREATE TEMP VIEW usage AS
        SELECT counted.*, rates.rate, price_input, price_5m, price_1h, price_read, price_output, price_search,
            rates.rate IS NOT NULL OR (prompt = 0 AND output = 0 AND searches = 0) AS priced
        FROM counted LEFT JOIN rates
            ON counted.model = rates.model AND counted.fast = rates.fast AND counted.batch = rates.batch
            AND counted.us = rates.us AND counted.prompt > rates.above AND counted.prompt <= rates.up_to
            AND {day} >= rates.since AND {day} < rates.until
    """)
    engine.run(f"CREATE TEMP VIEW priced AS {_with_parts('usage')}")


def with_costs(relation: str) -> str:
    """SQL for a relation of counts with its prices and costs added, in millionths of a USD.

    It must have `rate`, `billed` (0 or 1) and the counts of tokens: of a request, or summed over requests of one rate,
    which is as exact and costs less.
    """
    return _with_parts(f"""(
        SELECT relation.*, price_input, price_5m, price_1h, price_read, price_output, price_search
        FROM {relation} AS relation LEFT JOIN rates ON relation.rate = rates.rate
    )""")


def _with_parts(relation: str) -> str:
    """SQL for a relation of counts and prices with its costs added."""
    parts = ", ".join(f"({count} * billed * {price})::{MONEY} AS {cost}" for cost, (count, price) in CLASSES.items())
    without_cache = f"((prompt * price_input + output * price_output) * billed)::{MONEY} + cost_search"
    return f"""
        SELECT *, {" + ".join(COST_PARTS)} AS cost, {without_cache} AS cost_without_cache
        FROM (SELECT *, {parts} FROM {relation} AS relation)
    """
