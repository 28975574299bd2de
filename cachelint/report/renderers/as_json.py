"""The report as JSON, for programs: `schema: 1`, which only grows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cachelint.report.renderers.fields import figure_fields, ratio_fields, usd

if TYPE_CHECKING:
    from datetime import datetime

    from cachelint.report.figures import Difference, Explanation, Inputs, Lifetime, Miss, Report, Row, Skipped
    from cachelint.report.renderers.style import Style

SCHEMA = 1


def render(report: Report, style: Style) -> str:
    """The report as an indented JSON object."""
    return json.dumps(as_object(report), indent=2, ensure_ascii=False)


def as_object(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "schema": SCHEMA,
        "first": _time(report.first),
        "last": _time(report.last),
        "total": figure_fields(report.total),
        "models": [{"model": row.name, **figure_fields(row.figures)} for row in report.models],
        "by": report.dimension,
        "groups": [_group(row) for row in report.groups],
        **ratio_fields("pricing_coverage", report.pricing_coverage),
        "unpriced": [
            {"model": item.model, "reason": item.reason, "requests": item.requests, "tokens": item.tokens}
            for item in report.unpriced
        ],
        "misses": [_miss(miss) for miss in report.misses],
        "lifetimes": [_lifetime(lifetime) for lifetime in report.lifetimes],
        "write_waste": {
            "tokens": report.write_waste.tokens,
            "cost_usd": usd(report.write_waste.cost),
            "terminal_tokens": report.write_waste.terminal_tokens,
            "terminal_cost_usd": usd(report.write_waste.terminal_cost),
        },
        "inputs": _inputs(report.inputs),
        "notes": list(report.notes),
        **({} if report.differences is None else {"differences": [_difference(item) for item in report.differences]}),
    }


def _group(row: Row) -> dict[str, Any]:
    return {"name": row.name, **figure_fields(row.figures)}


def _miss(miss: Miss) -> dict[str, Any]:
    return {
        "code": miss.code,
        "name": miss.name,
        "call_site": miss.call_site,
        "requests": miss.requests,
        "tokens": miss.tokens,
        "cost_usd": usd(miss.cost),
        "recoverable": miss.recoverable,
        "verdict": miss.verdict,
        "confidence": miss.confidence,
        "first": _time(miss.first),
        "last": _time(miss.last),
        "detail": miss.detail,
        "in_source": miss.in_source,
        "findings": None if miss.explanations is None else [_explanation(each) for each in miss.explanations],
    }


def _explanation(explanation: Explanation) -> dict[str, Any]:
    return {
        "code": explanation.code,
        "name": explanation.name,
        "filename": explanation.filename,
        "location": {"row": explanation.row, "column": explanation.column},
        "message": explanation.message,
        "requests": explanation.requests,
        "tokens": explanation.tokens,
        "cost_usd": usd(explanation.cost),
    }


def _lifetime(lifetime: Lifetime) -> dict[str, Any]:
    return {
        "model": lifetime.model,
        "cost_usd": usd(lifetime.cost),
        "cost_with_5m_writes_usd": usd(lifetime.cost_5m),
        "cost_with_1h_writes_usd": usd(lifetime.cost_1h),
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "day": difference.day,
        "model": difference.model,
        "logged": dict(difference.logged),
        "provider": dict(difference.provider),
        "logged_cost_usd": usd(difference.logged_cost),
        "provider_cost_usd": usd(difference.provider_cost),
    }


def _inputs(inputs: Inputs) -> dict[str, Any]:
    return {
        "files": list(inputs.files),
        "bytes": inputs.size,
        "lines": inputs.lines,
        "sources": dict(inputs.sources),
        "duplicates": inputs.duplicates,
        "failed_requests": inputs.failed,
        "skipped_lines": [_skipped(skipped) for skipped in inputs.skipped_lines],
        "skipped_files": [_skipped(skipped) for skipped in inputs.skipped_files],
    }


def _skipped(skipped: Skipped) -> dict[str, Any]:
    return {"reason": skipped.reason, "count": skipped.count, "samples": list(skipped.samples)}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds") + "Z"
