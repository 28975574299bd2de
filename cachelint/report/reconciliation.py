"""The log beside the provider's own usage report (Admin API, `usage_report/messages`), per day and model."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from cachelint.errors import InputError
from cachelint.prompt.models import normalize_model
from cachelint.report.figures import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cachelint.report.engine import Engine

_CLASSES = ("input", "write_5m", "write_1h", "read", "output")
_ALL_MODELS = "(all models)"


def reconcile(engine: Engine, path: Path) -> tuple[Difference, ...]:
    """One row for each day and model of either side. A usage report that is not grouped by model is compared by day.

    Raises `InputError` when the file is no usage report.
    """
    provider = _provider_counts(path)
    by_model = any(model != _ALL_MODELS for _, model in provider)
    logged = _logged_counts(engine, by_model)
    days = {day for day, _ in provider}
    keys = sorted(set(provider) | {key for key in logged if key[0] in days})
    return tuple(Difference(day, model, *_sides(logged, provider, (day, model))) for day, model in keys)


def _sides(
    logged: dict[tuple[str, str], dict[str, int]],
    provider: dict[tuple[str, str], dict[str, int]],
    key: tuple[str, str],
) -> tuple[dict[str, int], dict[str, int]]:
    nothing = dict.fromkeys(_CLASSES, 0)
    return dict(logged.get(key, nothing)), dict(provider.get(key, nothing))


def _logged_counts(engine: Engine, by_model: bool) -> dict[tuple[str, str], dict[str, int]]:
    sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in _CLASSES)
    records = engine.records(f"""
        SELECT strftime(started, '%Y-%m-%d') AS day, model, {sums} FROM selected WHERE started IS NOT NULL GROUP BY ALL
    """)
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_CLASSES, 0))
    for record in records:
        row = counts[record["day"], normalize_model(record["model"] or "") if by_model else _ALL_MODELS]
        for name in _CLASSES:
            row[name] += record[name]
    return counts


def _provider_counts(path: Path) -> dict[tuple[str, str], dict[str, int]]:
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_CLASSES, 0))
    try:
        for bucket in _buckets(json.loads(path.read_text("utf-8"))):
            for result in bucket["results"]:
                model = normalize_model(result["model"]) if result.get("model") else _ALL_MODELS
                row = counts[bucket["starting_at"][:10], model]
                written = result.get("cache_creation") or {}
                row["input"] += result.get("uncached_input_tokens") or 0
                row["write_5m"] += written.get("ephemeral_5m_input_tokens") or 0
                row["write_1h"] += written.get("ephemeral_1h_input_tokens") or 0
                row["read"] += result.get("cache_read_input_tokens") or 0
                row["output"] += result.get("output_tokens") or 0
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path}: no usage report of the Admin API (usage_report/messages)") from None
    return counts


def _buckets(document: Any) -> Iterator[Any]:
    """The buckets of a report, or of a list of its pages."""
    for page in document if isinstance(document, list) else [document]:
        yield from page.get("data", [page])
