"""The same requests with the other lifetime: what all writes at 5 minutes, and all at 1 hour, would have cost.

A replay, not a bound: steps that read within both lifetimes keep what they read; steps that expired under the one and
would have lived under the other read what was cached before them; steps that lived only by the longer one write again
(facts C.4, S14, S15).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from cachelint.report.figures import Lifetime
from cachelint.report.pricing.rates import MONEY
from cachelint.report.totals import dollars

if TYPE_CHECKING:
    from cachelint.report.engine import Engine


def compare_lifetimes(engine: Engine) -> tuple[Lifetime, ...]:
    """For each priced model that writes to the cache in conversations: the cost as it was and under either lifetime."""
    minutes, hour = _replayed(300, "price_5m"), _replayed(3600, "price_1h")
    rows = engine.rows(f"""
        SELECT model, sum(cost), sum(cost + {minutes} - now), sum(cost + {hour} - now) FROM (
            SELECT *, {_prompt_cost("read", "write_5m", "price_5m", "write_1h", "price_1h", "input")} AS now
            FROM selected JOIN (SELECT response, should_read, gap, previous_ttl FROM steps) USING (response)
            WHERE priced AND leads AND price_read IS NOT NULL
        )
        GROUP BY model HAVING count(should_read) > 0 ORDER BY 2 DESC, 1
    """)
    return tuple(Lifetime(model, *(dollars(cost) or Decimal(0) for cost in costs)) for model, *costs in rows)


def _replayed(seconds: int, price: str) -> str:
    """SQL for the cost of a prompt when everything is written with a lifetime of `seconds`, at `price`."""
    read = f"""(CASE
        WHEN should_read IS NULL THEN read
        WHEN gap > {seconds} THEN least(read, CASE WHEN gap > previous_ttl THEN read ELSE 0 END)
        WHEN gap > previous_ttl THEN greatest(read, should_read)
        ELSE read END)"""
    written = f"greatest(read + write_5m + write_1h - {read}, 0)"
    return _prompt_cost(read, written, price, "0", "price_1h", f"(prompt - {read} - {written})")


def _prompt_cost(read: str, minutes: str, minutes_price: str, hour: str, hour_price: str, uncached: str) -> str:
    tokens = f"{read} * price_read + {minutes} * {minutes_price} + {hour} * {hour_price} + {uncached} * price_input"
    return f"(({tokens}) * billed)::{MONEY}"
