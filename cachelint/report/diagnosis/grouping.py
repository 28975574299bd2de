"""Blamed responses gathered into what a report lists: one line for each cause and call site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cachelint.report.figures import Miss
from cachelint.report.totals import dollars
from cachelint.rulebook import rulebook

if TYPE_CHECKING:
    from cachelint.report.engine import Engine

_MISSES = """
SELECT code, call_site, count(*) AS requests, sum(tokens)::BIGINT AS tokens, sum(blamed.cost) AS cost,
    bool_and(recoverable) AS recoverable,
    mode(verdict ORDER BY verdict) AS verdict, mode(confidence ORDER BY confidence) AS confidence,
    min(started) AS first, max(started) AS last, mode(detail ORDER BY detail) AS detail, median(gap) AS gap,
    count(*) FILTER (gap <= 3600 AND blamed.ttl < 3600) AS within_an_hour
FROM blamed JOIN selected USING (response)
WHERE leads
GROUP BY code, call_site
ORDER BY cost DESC NULLS LAST, tokens DESC, code, call_site
"""


def find_misses(engine: Engine) -> tuple[Miss, ...]:
    """All causes with their call sites, the costliest first."""
    return tuple(_miss(record) for record in engine.records(_MISSES))


def _miss(record: dict[str, Any]) -> Miss:
    rule = rulebook().find(record["code"])
    return Miss(
        code=record["code"],
        name=rule.name if rule else record["code"],
        call_site=record["call_site"],
        requests=record["requests"],
        tokens=record["tokens"],
        cost=dollars(record["cost"]),
        recoverable=bool(record["recoverable"]),
        verdict=record["verdict"],
        confidence=record["confidence"],
        first=record["first"],
        last=record["last"],
        detail=_expiry(record) if record["code"] == "CL806" else record["detail"],
    )


def _expiry(record: dict[str, Any]) -> str:
    minutes = round(record["gap"] / 60)
    gap = f"median gap {minutes} min" if minutes < 120 else f"median gap {round(minutes / 60)} h"
    within = record["within_an_hour"]
    return f"{gap}; with a 1 h TTL {within} of {record['requests']} would have read" if within else gap
