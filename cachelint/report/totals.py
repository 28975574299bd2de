"""Sums over the selected requests: in all, by model, by day, or by whatever else was asked for.

All of them come from one pass over the requests, which adds up counts for each model, rate and hour; the table `sums`
that it leaves is small. Tokens are added up before they are multiplied by a price: exact, and cheaper.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cachelint.report.figures import Figures, Row, Unpriced
from cachelint.report.pricing.costs import COST_PARTS, with_costs
from cachelint.report.selection import DIMENSIONS, IN_TIME_ORDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cachelint.report.engine import Engine

_NAMELESS = "(no model)"

TOKENS = ("input", "output", "read", "write_5m", "write_1h", "prompt", "searches")

_STEPS = {
    "requests": "count(*) FILTER (leads)",
    "steps": "count(healthy) FILTER (alive)",
    "healthy_steps": "count(*) FILTER (healthy AND alive)",
    "replayed_steps": "count(should_read) FILTER (leads)",
}

_MONEY = ("cost", "cost_without_cache", "recoverable", *COST_PARTS)
_ADDED = ("requests", "input", "output", "read", "write_5m", "write_1h", "steps", "healthy_steps")

_PARTS_OF_TIME = {"day": "strftime(hour, '%Y-%m-%d')", "hour": "strftime(hour, '%Y-%m-%d %H:00')"}


def create_sums(engine: Engine, dimension: str, more: Mapping[str, str]) -> None:
    """Create the table `sums` over the selected rows, by model, rate, hour and `name`, the value of `dimension`.

    `more` are further whole numbers to add up: the name of a column -> SQL over `judged`.
    """
    name = "NULL" if dimension in ("model", *_PARTS_OF_TIME) else DIMENSIONS[dimension]
    counts = {
        **{count: f"sum({count})" for count in TOKENS},
        **_STEPS,
        **{key: f"sum({sql})" for key, sql in more.items()},
    }
    columns = ", ".join(f"coalesce({sql}, 0)::BIGINT AS {key}" for key, sql in counts.items())
    engine.run(f"""
        CREATE TEMP TABLE sums AS
        SELECT model, rate, billed, priced, leads, date_trunc('hour', started) AS hour, ({name})::VARCHAR AS name,
            {columns}, sum(lost_cost) FILTER (alive) AS recoverable, bool_and(fast) AS fast,
            min(started) AS first_started, max(started) AS last_started
        FROM judged WHERE selected
        GROUP BY model, rate, billed, priced, leads, date_trunc('hour', started), ({name})::VARCHAR
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
    key = "model" if dimension == "model" else _PARTS_OF_TIME.get(dimension, "name")
    records = _summed(engine, key, "" if dimension == "model" else "WHERE priced", order)
    return tuple(Row(record["name"], _figures(record)) for record in records)


def _summed(engine: Engine, key: str, where: str, order: str = "name") -> list[dict[str, Any]]:
    """Counts and money by a key over `sums`."""
    added = dict.fromkeys((*TOKENS, *_ADDED, "recoverable"))
    counts = ", ".join(f"sum({name}) AS {name}" for name in added)
    of_rates = f"(SELECT {key} AS name, priced, rate, billed, {counts} FROM sums {where} GROUP BY ALL)"
    sums = ", ".join(
        [f"sum({name})::BIGINT AS {name}" for name in _ADDED] + [f"sum({name}) AS {name}" for name in _MONEY]
    )
    return engine.records(f"SELECT name, {sums} FROM ({with_costs(of_rates)}) GROUP BY name, priced ORDER BY {order}")


def unpriced_models(engine: Engine) -> tuple[Unpriced, ...]:
    """The requests that no price is known for, by model."""
    rows = engine.rows(f"""
        SELECT coalesce(model, '{_NAMELESS}'), bool_and(fast), sum(requests)::BIGINT, sum(prompt + output)::BIGINT
        FROM sums WHERE NOT priced GROUP BY model ORDER BY 4 DESC, 1
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
