"""Tokens that were written to the cache and never read: the last writes of conversations apart from all others."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from cachelint.report.figures import WriteWaste
from cachelint.report.pricing.rates import MONEY
from cachelint.report.totals import dollars

if TYPE_CHECKING:
    from cachelint.report.engine import Engine


def _premium(tokens: str) -> str:
    """SQL for what writing some of a request's tokens cost beyond the price of input: those with the longer lifetime
    are counted first, the upper bound."""
    hour = f"least({tokens}, write_1h)"
    return f"(({hour} * (price_1h - price_input) + ({tokens} - {hour}) * (price_5m - price_input)) * billed)::{MONEY}"


_SELECTED = "rate IS NOT NULL AND selected"

_UNREAD = f"""
SELECT sum(unread) FILTER (NOT is_last), sum(cost) FILTER (NOT is_last),
    sum(unread) FILTER (is_last), sum(cost) FILTER (is_last)
FROM (SELECT unread, is_last, {_premium("unread")} AS cost FROM requests WHERE unread > 0 AND {_SELECTED})
"""

_EXPIRED = f"""
SELECT sum(unread_in_time - unread), sum({_premium("unread_in_time")} - {_premium("unread")})
FROM (
    SELECT *, least(greatest(cached - coalesce(read_in_time, 0), 0), write_5m + write_1h) AS unread_in_time
    FROM (
        SELECT *, max(read) OVER (PARTITION BY conversation, lane ORDER BY started
            RANGE BETWEEN INTERVAL 1 MICROSECOND FOLLOWING AND to_seconds(ttl) FOLLOWING) AS read_in_time
        FROM requests WHERE (conversation, lane) IN (SELECT (conversation, lane) FROM requests WHERE NOT alive)
    )
)
WHERE NOT is_last AND {_SELECTED}
"""
"""What `unread` misses in conversations with a pause: tokens that had expired when a later request read as many, which
somebody had written again. What nobody reads within its lifetime is gone (facts C.4)."""


def sum_write_waste(engine: Engine) -> WriteWaste:
    """The waste of all selected requests that belong to a conversation and have a price."""
    tokens, cost, terminal_tokens, terminal_cost = engine.row(_UNREAD)
    expired_tokens, expired_cost = engine.row(_EXPIRED)
    return WriteWaste(
        int((tokens or 0) + (expired_tokens or 0)),
        dollars((cost or 0) + (expired_cost or 0)) or Decimal(0),
        int(terminal_tokens or 0),
        dollars(terminal_cost) or Decimal(0),
    )
