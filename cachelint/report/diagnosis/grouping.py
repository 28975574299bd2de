"""Blamed responses gathered into what a report lists: one line for each cause and call site."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cachelint.report.diagnosis.longer_lifetime import hour_savings
from cachelint.report.figures import Miss
from cachelint.report.renderers.amounts import decimals, money
from cachelint.report.totals import dollars
from cachelint.rulebook import rulebook

if TYPE_CHECKING:
    from cachelint.report.engine import Engine

_MANY_VERSIONS = 0.5
"""Facts A.9, S20: more versions than this share of the requests mean a value that is never the same."""

_CENT = Decimal("0.01")

_MISSES = """
SELECT code, call_site, count(*) AS requests, sum(tokens)::BIGINT AS tokens, sum(blamed.cost) AS cost,
    bool_and(recoverable) AS recoverable,
    mode(verdict ORDER BY verdict) AS verdict, mode(confidence ORDER BY confidence) AS confidence,
    min(started) AS first, max(started) AS last, mode(detail ORDER BY detail) AS detail, median(gap) AS gap,
    count(*) FILTER (gap <= 3600 AND blamed.ttl < 3600) AS within_an_hour,
    count(DISTINCT CASE code WHEN 'CL801' THEN tools_fingerprint WHEN 'CL802' THEN system_fingerprint END) AS versions
FROM blamed JOIN selected USING (response)
WHERE leads
GROUP BY code, call_site
ORDER BY cost DESC NULLS LAST, tokens DESC, code, call_site
"""


def find_misses(engine: Engine) -> tuple[Miss, ...]:
    """All causes with their call sites, the costliest first."""
    records = engine.records(_MISSES)
    savings = hour_savings(engine) if any(record["within_an_hour"] for record in records) else {}
    return tuple(_miss(record, savings.get(record["call_site"])) for record in records)


def _miss(record: dict[str, Any], saving: Decimal | None) -> Miss:
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
        detail=_expiry(record, saving) if record["code"] == "CL806" else record["detail"] or _versions(record),
    )


def _versions(record: dict[str, Any]) -> str | None:
    versions, requests = record["versions"], record["requests"]
    if requests < 3 or versions <= requests * _MANY_VERSIONS:
        return None
    return f"{versions} versions in {requests} requests: something in it is never the same"


def _expiry(record: dict[str, Any], saving: Decimal | None) -> str:
    minutes = round(record["gap"] / 60)
    gap = f"median gap {minutes} min" if minutes < 120 else f"median gap {round(minutes / 60)} h"
    within = record["within_an_hour"]
    if not within:
        return gap
    if saving is None:
        return f"{gap}; with a 1 h TTL {within} of {record['requests']} would have read"
    if saving > 0:
        return f"{gap}; a 1 h TTL would save {money(saving, 2 if saving >= _CENT else decimals(saving))}"
    return f"{gap}; a 1 h TTL would cost more than it saves"
