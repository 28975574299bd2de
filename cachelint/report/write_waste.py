"""Tokens that were written to the cache and never read: the last writes of conversations apart from all others."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from cachelint.report.figures import WriteWaste
from cachelint.report.pricing.rates import MONEY
from cachelint.report.totals import dollars

if TYPE_CHECKING:
    from cachelint.report.engine import Engine

UNREAD: dict[str, str] = {
    f"unread_{lifetime}_{place}": f"CASE WHEN {condition} THEN {tokens} END"
    for place, condition in (("last", "is_last"), ("inside", "NOT is_last"))
    for lifetime, tokens in (("1h", "least(unread, write_1h)"), ("5m", "unread - least(unread, write_1h)"))
}
"""What to add up: column -> SQL over `judged`. Writes with the longer lifetime are counted first, the upper bound."""


def sum_write_waste(engine: Engine) -> WriteWaste:
    """The waste of all selected requests that belong to a conversation and have a price."""
    counts = ", ".join(f"sum({name})::BIGINT AS {name}" for name in UNREAD)
    tokens, cost, last_tokens, last_cost = engine.row(f"""
        SELECT {_sums_of("inside")}, {_sums_of("last")}
        FROM (SELECT rate, billed, {counts} FROM sums GROUP BY rate, billed) AS unread JOIN rates USING (rate)
    """)
    return WriteWaste(
        int(tokens or 0), dollars(cost) or Decimal(0), int(last_tokens or 0), dollars(last_cost) or Decimal(0)
    )


def _sums_of(place: str) -> str:
    """SQL for the tokens of a place, and for what writing them cost beyond the price of input."""
    hour, minutes = f"unread_1h_{place}", f"unread_5m_{place}"
    premium = f"({hour} * (price_1h - price_input) + {minutes} * (price_5m - price_input)) * billed"
    return f"sum({hour} + {minutes}), sum(({premium})::{MONEY})"
