"""What every request cost, by class of token, and what it would have cost without a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.report.pricing.rates import MONEY

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from cachelint.report.engine import Engine

COST_PARTS = ("cost_input", "cost_5m", "cost_1h", "cost_read", "cost_output", "cost_search")
"""Columns of `priced`, in millionths of a USD, that add up to `cost`."""


def create_usage(engine: Engine, today: date) -> None:
    """Create the table `usage`: `counted` with the number of each row's rate, null where there is none.

    Requests without a time are priced as of `today`.
    """
    engine.run(
        """
        CREATE TABLE usage AS
        SELECT counted.*, rates.rate FROM counted LEFT JOIN rates
            ON counted.model = rates.model AND counted.fast = rates.fast AND counted.batch = rates.batch
            AND counted.us = rates.us AND counted.prompt > rates.above AND counted.prompt <= rates.up_to
            AND coalesce(counted.started::DATE, ?) >= rates.since AND coalesce(counted.started::DATE, ?) < rates.until
        """,
        [today, today],
    )


def create_priced(engine: Engine, web_search: Decimal) -> None:
    """Create the view `priced`: `usage` with prices and costs in millionths of a USD.

    A row without a rate is `priced = false` and its costs are null, unless it used nothing: then there is nothing to
    price. `web_search` is in USD per thousand, which is millionths of a USD per search times 1,000.
    """
    engine.run(f"""
        CREATE TEMP VIEW priced AS
        SELECT *, {" + ".join(COST_PARTS)} AS cost,
            (prompt * price_input + output * price_output) * billed + cost_search AS cost_without_cache,
        FROM (
            SELECT usage.*, price_input, price_5m, price_1h, price_read, price_output,
                rate IS NOT NULL OR (prompt = 0 AND output = 0 AND searches = 0) AS priced,
                {_cost("input", "price_input")} AS cost_input,
                {_cost("write_5m", "price_5m")} AS cost_5m,
                {_cost("write_1h", "price_1h")} AS cost_1h,
                {_cost("read", "price_read")} AS cost_read,
                {_cost("output", "price_output")} AS cost_output,
                CASE WHEN rate IS NOT NULL THEN (searches * billed * {web_search:f} * 1000)::{MONEY} END AS cost_search,
            FROM usage LEFT JOIN rates USING (rate)
        )
    """)


def _cost(tokens: str, price: str) -> str:
    return f"({tokens} * billed * {price})::{MONEY}"
