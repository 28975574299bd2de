"""The log beside the provider's own reports (Admin API: `usage_report/messages`, `cost_report`), per day and model."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from cachelint.errors import InputError
from cachelint.prompt.models import normalize_model
from cachelint.report.figures import Difference
from cachelint.report.totals import dollars

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cachelint.report.engine import Engine

_CLASSES = ("input", "write_5m", "write_1h", "read", "output")
_ALL_MODELS = "(all models)"

_Key = tuple[str, str]
"""Day and normalised model."""


@dataclass(slots=True)
class _Side:
    """What one side has for a day and model."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_CLASSES, 0))
    cost: Decimal | None = None


def reconcile(engine: Engine, path: Path) -> tuple[Difference, ...]:
    """One row for each day and model of either side. A report that is not grouped by model is compared by day.

    Raises `InputError` when the file is neither a usage report nor a cost report.
    """
    provider = _provider(path)
    by_model = any(model != _ALL_MODELS for _, model in provider)
    logged = _logged(engine, by_model, costs=any(side.cost is not None for side in provider.values()))
    days = {day for day, _ in provider}
    keys = sorted(set(provider) | {key for key in logged if key[0] in days})
    return tuple(_difference(key, logged.get(key, _Side()), provider.get(key, _Side())) for key in keys)


def _difference(key: _Key, logged: _Side, provider: _Side) -> Difference:
    return Difference(*key, logged.counts, provider.counts, logged.cost, provider.cost)


def _logged(engine: Engine, by_model: bool, *, costs: bool) -> dict[_Key, _Side]:
    sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in _CLASSES)
    records = engine.records(f"""
        SELECT strftime(started, '%Y-%m-%d') AS day, model, {sums}, sum(cost) AS cost FROM priced
        WHERE started IS NOT NULL AND response IN (SELECT response FROM selected) GROUP BY ALL
    """)
    sides: dict[_Key, _Side] = defaultdict(_Side)
    for record in records:
        side = sides[record["day"], normalize_model(record["model"] or "") if by_model else _ALL_MODELS]
        for name in _CLASSES:
            side.counts[name] += record[name]
        if costs and (cost := dollars(record["cost"])) is not None:
            side.cost = (side.cost or Decimal(0)) + cost
    return sides


def _provider(path: Path) -> dict[_Key, _Side]:
    sides: dict[_Key, _Side] = defaultdict(_Side)
    try:
        for bucket in _buckets(json.loads(path.read_text("utf-8"))):
            for result in bucket["results"]:
                model = normalize_model(result["model"]) if result.get("model") else _ALL_MODELS
                _add(sides[bucket["starting_at"][:10], model], result)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
        raise InputError(
            f"{path}: no report of the Admin API (usage_report/messages or cost_report, as JSON)"
        ) from None
    return sides


def _add(side: _Side, result: dict[str, Any]) -> None:
    if "amount" in result:  # in cents; the list price where there is a discount, as ours are
        side.cost = (side.cost or Decimal(0)) + Decimal(result.get("list_amount") or result["amount"]) / 100
        return
    written = result.get("cache_creation") or {}
    for name, count in (
        ("input", result["uncached_input_tokens"]),
        ("write_5m", written.get("ephemeral_5m_input_tokens")),
        ("write_1h", written.get("ephemeral_1h_input_tokens")),
        ("read", result.get("cache_read_input_tokens")),
        ("output", result.get("output_tokens")),
    ):
        side.counts[name] += count or 0


def _buckets(document: Any) -> Iterator[Any]:
    """The buckets of a report, or of a list of its pages."""
    for page in document if isinstance(document, list) else [document]:
        yield from page.get("data", [page])
