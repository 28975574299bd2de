"""The table `rates`: every price that the requests of this log can fall under, ready for a join.

Prices are in USD per million, which is millionths of a USD for one: of a token, and of a web search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cachelint.report.engine import Engine
    from cachelint.report.pricing.book import PriceBook

MONEY = "DECIMAL(38, 10)"
"""Sums of money in queries, in millionths of a USD: a count of tokens times a price per million of them."""

_PRICE = "DECIMAL(16, 10)"
"""Six decimals of a price, and four more from the factors for batches and geography: no product is ever rounded."""

UNLIMITED = 1_000_000_000_000_000


def create_rates(engine: Engine, book: PriceBook) -> None:
    """Create the table `rates` for the models, speeds and geographies that occur in `counted`, numbered from 1."""
    engine.run(f"""
        CREATE TEMP TABLE rates (
            rate SMALLINT, model VARCHAR, fast BOOLEAN, batch BOOLEAN, us BOOLEAN,
            since DATE, until DATE, above BIGINT, up_to BIGINT,
            price_input {_PRICE}, price_5m {_PRICE}, price_1h {_PRICE}, price_read {_PRICE}, price_output {_PRICE},
            price_search {_PRICE})
    """)
    rows: list[tuple[object, ...]] = []
    kinds = engine.rows("SELECT DISTINCT model, fast, batch, us FROM counted WHERE model IS NOT NULL")
    for model, fast, batch, us in kinds:
        for price in book.rates(model, fast=fast, batch=batch, geo="us" if us else None):
            numbers = (price.input, price.write_5m, price.write_1h, price.read, price.output, book.web_search * 1000)
            limits = (price.since, price.until, price.above, price.up_to or UNLIMITED)
            rows.append((len(rows) + 1, model, fast, batch, us, *limits, *numbers))
    if rows:
        values = ", ".join([f"({', '.join(['?'] * len(rows[0]))})"] * len(rows))
        engine.run(f"INSERT INTO rates VALUES {values}", [value for row in rows for value in row])
