"""The same requests with the other lifetime: what all writes at 5 minutes, and all at 1 hour, would have cost.

A replay, not a bound: steps that read within both lifetimes keep what they read; steps that expired under the one and
would have lived under the other read what was cached before them; steps that lived only by the longer one write again
(facts C.4, S14, S15).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from cachelint.report.figures import Lifetime
from cachelint.report.pricing.costs import with_costs
from cachelint.report.pricing.rates import MONEY
from cachelint.report.totals import TOKENS, dollars

if TYPE_CHECKING:
    from cachelint.report.engine import Engine


def compare_lifetimes(engine: Engine) -> tuple[Lifetime, ...]:
    """For each priced model that has conversations: the cost as it was, and under either lifetime."""
    rows = engine.rows(f"""
        SELECT model, sum(cost), sum(cost - prompts + {_cost_of("5m", 300)}), sum(cost - prompts + {
        _cost_of("1h", 3600)
    })
        FROM (
            SELECT *, cost - cost_output - cost_search AS prompts FROM ({with_costs(_replay())})
            WHERE price_read IS NOT NULL
        )
        GROUP BY model HAVING sum(replayed_steps) > 0 ORDER BY 2 DESC, 1
    """)
    return tuple(Lifetime(model, *(dollars(cost) or Decimal(0) for cost in costs)) for model, *costs in rows)


def _replay() -> str:
    """SQL for the counts of each model and rate: as they were, and what is read and written under each lifetime."""
    names = (*TOKENS, "replayed_steps", *REPLAYED)
    return f"""(
        SELECT model, rate, billed, {", ".join(f"sum({name})::BIGINT AS {name}" for name in names)}
        FROM sums WHERE priced AND leads GROUP BY model, rate, billed
    )"""


def _read_within(seconds: int) -> str:
    """SQL for what a request would read if everything lived for `seconds`."""
    return f"""CASE
        WHEN should_read IS NULL THEN read
        WHEN gap > {seconds} THEN CASE WHEN gap > previous_ttl THEN read ELSE 0 END
        WHEN gap > previous_ttl THEN greatest(read, should_read)
        ELSE read END"""


def _cost_of(lifetime: str, seconds: int) -> str:
    """SQL for the cost of the prompts of a replay."""
    read, written = f"read_{seconds}", f"written_{seconds}"
    tokens = f"{read} * price_read + {written} * price_{lifetime} + (prompt - {read} - {written}) * price_input"
    return f"(({tokens}) * billed)::{MONEY}"


REPLAYED: dict[str, str] = {
    f"{verb}_{seconds}": sql
    for seconds in (300, 3600)
    for verb, sql in (
        ("read", _read_within(seconds)),
        ("written", f"greatest(cached - ({_read_within(seconds)}), 0)"),
    )
}
"""What to add up for a replay under each lifetime: column -> SQL over `judged`."""
