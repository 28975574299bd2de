"""What a call site would have saved by writing for an hour: reads that expiry cost it, less the dearer writes (S15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.report.pricing.rates import MONEY
from cachelint.report.totals import dollars

if TYPE_CHECKING:
    from decimal import Decimal

    from cachelint.report.engine import Engine

_SAVINGS = f"""
SELECT call_site, sum(((kept * (price_5m - price_read) - (write_5m - kept) * (price_1h - price_5m)) * billed)::{MONEY})
FROM (
    SELECT requests.*,
        -- what expired before this request and would have been read instead of written again
        CASE WHEN code = 'CL806' AND previous_ttl = 300 AND requests.gap <= 3600 THEN least(lost, write_5m)
            ELSE 0 END AS kept
    FROM requests LEFT JOIN blamed USING (response)
    WHERE conversation IS NOT NULL AND price_read IS NOT NULL AND response IN (SELECT response FROM selected)
)
GROUP BY call_site
"""


def hour_savings(engine: Engine) -> dict[str | None, Decimal]:
    """For each call site with a price, in USD; negative where it would have cost more."""
    rows = engine.rows(_SAVINGS)
    return {call_site: saving for call_site, amount in rows if (saving := dollars(amount)) is not None}
