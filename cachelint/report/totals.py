"""Sums over the selected requests: in all, by model, by day, or by whatever else was asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cachelint.report.figures import Figures, Row, Unpriced
from cachelint.report.pricing.costs import COST_PARTS, with_costs
from cachelint.report.selection import DIMENSIONS, IN_TIME_ORDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cachelint.report.engine import Engine
    from cachelint.report.selection import Selection

_COUNTS = """
    count(*) FILTER (leads) AS requests,
    sum(input)::BIGINT AS input,
    sum(output)::BIGINT AS output,
    sum(read)::BIGINT AS read,
    sum(write_5m)::BIGINT AS write_5m,
    sum(write_1h)::BIGINT AS write_1h,
    sum(prompt)::BIGINT AS prompt,
    sum(searches)::BIGINT AS searches,
    sum(lost_cost) FILTER (alive) AS recoverable,
    count(healthy) FILTER (alive) AS steps,
    count(*) FILTER (healthy AND alive) AS healthy_steps
"""
_NAMELESS = "(no model)"

_ADDED = ("requests", "input", "output", "read", "write_5m", "write_1h", "steps", "healthy_steps")
_MONEY = ("cost", "cost_without_cache", "recoverable", *COST_PARTS)


def create_selected(engine: Engine, selection: Selection) -> None:
    """Create the view `selected`: the rows of `usage` that the report is about, with what `steps` knows of each."""
    engine.run(f"""
        CREATE TEMP VIEW selected AS
        SELECT usage.*, lost_cost, alive, healthy
        FROM usage LEFT JOIN steps ON usage.response = steps.response AND usage.leads
        WHERE {selection.predicate()}
    """)


def total_figures(engine: Engine) -> Figures:
    """The sum over everything that has a price."""
    [sums] = _summed(engine, "'all'", "WHERE priced") or [dict.fromkeys((*_ADDED, *_MONEY), 0)]
    return _figures(sums | {name: sums[name] or 0 for name in _MONEY})


def rows_by(engine: Engine, dimension: str) -> tuple[Row, ...]:
    """One row for each value of a dimension, the costliest first, or in the order of time.

    By model, requests without a price have rows of their own; by anything else they are left out, as they are of the
    total.
    """
    order = "name" if dimension in IN_TIME_ORDER else "cost DESC NULLS LAST, requests DESC, name"
    records = _summed(engine, DIMENSIONS[dimension], "" if dimension == "model" else "WHERE priced", order)
    return tuple(Row(record["name"], _figures(record)) for record in records)


def _summed(engine: Engine, key: str, where: str, order: str = "name") -> list[dict[str, Any]]:
    """Counts and money by a key. Tokens are added up for each rate before they are multiplied: exact, and faster."""
    counts = f"(SELECT {key} AS name, priced, rate, billed, {_COUNTS} FROM selected {where} GROUP BY ALL)"
    sums = ", ".join(
        [f"sum({name})::BIGINT AS {name}" for name in _ADDED] + [f"sum({name}) AS {name}" for name in _MONEY]
    )
    return engine.records(f"SELECT name, {sums} FROM ({with_costs(counts)}) GROUP BY name, priced ORDER BY {order}")


def unpriced_models(engine: Engine) -> tuple[Unpriced, ...]:
    """The requests that no price is known for, by model."""
    rows = engine.rows(f"""
        SELECT coalesce(model, '{_NAMELESS}'), bool_and(fast), count(*) FILTER (leads), sum(prompt + output)::BIGINT
        FROM selected WHERE NOT priced GROUP BY model ORDER BY 4 DESC, 1
    """)
    return tuple(Unpriced(model, _reason(model, fast), requests, tokens) for model, fast, requests, tokens in rows)


def _reason(model: str, fast: bool) -> str:
    if model == _NAMELESS:
        return "the log does not name the model"
    return "no price for fast mode at that time" if fast else "no price known"


def dollars(millionths: Decimal | int | None) -> Decimal | None:
    """Millionths of a USD, as queries have them, in USD without trailing zeros; exact."""
    if millionths is None:
        return None
    amount = Decimal(millionths).scaleb(-6).normalize()
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount


def _figures(sums: Mapping[str, Any]) -> Figures:
    cost = dollars(sums["cost"])
    return Figures(
        requests=sums["requests"],
        input=sums["input"],
        output=sums["output"],
        read=sums["read"],
        write_5m=sums["write_5m"],
        write_1h=sums["write_1h"],
        cost=cost,
        cost_without_cache=dollars(sums["cost_without_cache"]),
        cost_parts={part.removeprefix("cost_"): dollars(sums[part]) for part in COST_PARTS},
        recoverable=None if cost is None else dollars(sums["recoverable"] or 0),
        steps=sums["steps"],
        healthy_steps=sums["healthy_steps"],
    )
