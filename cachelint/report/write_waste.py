"""Tokens that were written to the cache and never read: the last writes of conversations apart from all others."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from cachelint.report.figures import WriteWaste
from cachelint.report.pricing.rates import MONEY
from cachelint.report.totals import dollars

if TYPE_CHECKING:
    from cachelint.report.engine import Engine

_HOUR = "least(unread, write_1h)"
_PREMIUM = f"({_HOUR} * (price_1h - price_input) + (unread - {_HOUR}) * (price_5m - price_input)) * billed"
"""Unread tokens with the longer lifetime are counted first: the upper bound."""


def sum_write_waste(engine: Engine) -> WriteWaste:
    """The waste of all selected requests that belong to a conversation and have a price."""
    tokens, cost, terminal_tokens, terminal_cost = engine.row(f"""
        SELECT sum(unread) FILTER (NOT is_last), sum(cost) FILTER (NOT is_last),
            sum(unread) FILTER (is_last), sum(cost) FILTER (is_last)
        FROM (SELECT unread, is_last, ({_PREMIUM})::{MONEY} AS cost
            FROM requests WHERE unread > 0 AND rate IS NOT NULL AND response IN (SELECT response FROM selected))
    """)
    return WriteWaste(
        int(tokens or 0),
        dollars(cost) or Decimal(0),
        int(terminal_tokens or 0),
        dollars(terminal_cost) or Decimal(0),
    )
