"""What every row of `usage` cost, by class of token, and what it would have cost without a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.report.pricing.rates import MONEY

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from cachelint.report.engine import Engine

COST_PARTS = ("cost_input", "cost_5m", "cost_1h", "cost_read", "cost_output", "cost_search")
"""Columns of `priced`, in millionths of a USD, that add up to `cost`."""


def create_priced(engine: Engine, *, web_search: Decimal, today: date) -> None:
    """Create the table `priced`: `usage` with the rate of each row and its cost in millionths of a USD.

    A row without a rate is `priced = false` and its costs are null, unless it used nothing: then there is nothing to
    price. Requests without a time are priced as of `today`. `web_search` is in USD per thousand, which is millionths
    of a USD per search times 1,000.
    """
    engine.run(
        f"""
        CREATE TABLE priced AS
        SELECT *, {" + ".join(COST_PARTS)} AS cost,
            (prompt * price_input + output * price_output) * billed + cost_search AS cost_without_cache,
        FROM (
            SELECT usage.*, rates.* EXCLUDE (model, fast, batch, us, since, until, above, up_to),
                rates.model IS NOT NULL OR (prompt = 0 AND output = 0 AND searches = 0) AS priced,
                {_cost("input", "price_input")} AS cost_input,
                {_cost("write_5m", "price_5m")} AS cost_5m,
                {_cost("write_1h", "price_1h")} AS cost_1h,
                {_cost("read", "price_read")} AS cost_read,
                {_cost("output", "price_output")} AS cost_output,
                CASE WHEN rates.model IS NOT NULL THEN (searches * billed * ?::DECIMAL(12, 6) * 1000)::{MONEY}
                    END AS cost_search,
            FROM usage LEFT JOIN rates
                ON usage.model = rates.model AND usage.fast = rates.fast AND usage.batch = rates.batch
                    AND usage.us = rates.us
                AND coalesce(usage.started::DATE, ?) >= rates.since AND coalesce(usage.started::DATE, ?) < rates.until
                AND usage.prompt > rates.above AND usage.prompt <= rates.up_to
        )
        """,
        [web_search, today, today],
    )


def _cost(tokens: str, price: str) -> str:
    return f"({tokens} * billed * {price})::{MONEY}"
