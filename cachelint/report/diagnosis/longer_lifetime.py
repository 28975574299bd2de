"""What a call site would have saved by writing for an hour: reads that expiry cost it, less the dearer writes (S15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.report.pricing.rates import MONEY
from cachelint.report.totals import dollars

if TYPE_CHECKING:
    from decimal import Decimal

    from cachelint.report.engine import Engine

_SAVINGS = f"""
SELECT call_site, sum(((kept * (price_5m - price_read + price_1h - price_5m) - written * (price_1h - price_5m))
    * billed)::{MONEY})
FROM (
    SELECT call_site, rate, billed, sum(write_5m) AS written, 0 AS kept
    FROM selected WHERE leads AND conversation IS NOT NULL AND write_5m > 0 GROUP BY call_site, rate, billed
    UNION ALL
    -- what expired before these requests, and would have been read instead of written again
    SELECT call_site, rate, billed, 0, sum(least(tokens, write_5m))
    FROM blamed JOIN selected USING (response)
    WHERE code = 'CL806' AND blamed.ttl = 300 AND gap <= 3600 AND leads GROUP BY call_site, rate, billed
) AS writes JOIN rates USING (rate)
GROUP BY call_site
"""


def hour_savings(engine: Engine) -> dict[str | None, Decimal]:
    """For each call site with a price, in USD; negative where it would have cost more."""
    rows = engine.rows(_SAVINGS)
    return {call_site: saving for call_site, amount in rows if (saving := dollars(amount)) is not None}
