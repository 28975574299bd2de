"""The audit as JSON, for programs: `schema: 1`, which only grows. Money in decimal strings, null without a price."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cachelint.rendering.finding_object import finding_object
from cachelint.report.renderers.fields import figure_fields, usd

if TYPE_CHECKING:
    from datetime import datetime

    from cachelint.audit.page import Audit, Cause, Unexplained
    from cachelint.findings import Finding
    from cachelint.rendering.terminal import Terminal

SCHEMA = 1


def render(audit: Audit, terminal: Terminal) -> str:
    """An indented object. Its `causes` and `unexplained` add up to `lost_usd` and `expected_usd`.

    Findings are as in `check`'s JSON.
    """
    report, outcome = audit.report, audit.outcome
    document = {
        "schema": SCHEMA,
        "logs": list(audit.logs),
        "days": audit.days,
        "first": _time(report.first),
        "last": _time(report.last),
        "files": outcome.files,
        "requests_found": outcome.requests,
        "total": figure_fields(report.total),
        "lost_usd": usd(audit.lost),
        "expected_usd": usd(audit.expected),
        "explained_usd": usd(audit.explained),
        "causes": [_cause(cause, audit) for cause in audit.causes],
        "unexplained": [_unexplained(row) for row in audit.unexplained],
        "findings_without_loss": [_finding(each, audit) for each in audit.without_loss],
        "elsewhere": [
            {
                "call_site": each.call_site.place,
                "function": each.call_site.function,
                "requests": each.requests,
                "cost_usd": usd(each.cost),
            }
            for each in audit.elsewhere
        ],
        "notes": list(report.notes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _cause(cause: Cause, audit: Audit) -> dict[str, Any]:
    return {
        "cost_usd": usd(cause.cost),
        "requests": sum(loss.requests for loss in cause.losses),
        "tokens": sum(loss.tokens for loss in cause.losses),
        "codes": list(dict.fromkeys(loss.code for loss in cause.losses)),
        "call_sites": list(dict.fromkeys(loss.call_site.place for loss in cause.losses)),
        "findings": [
            {**_finding(finding, audit), "reported": not hidden}
            for finding, hidden in zip(cause.findings, cause.hidden, strict=True)
        ],
    }


def _unexplained(row: Unexplained) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "call_site": row.call_site,
        "requests": row.requests,
        "tokens": row.tokens,
        "cost_usd": usd(row.cost),
        "expected": row.expected,
        "detail": row.detail,
        "in_source": row.in_source,
        "help": row.help,
    }


def _finding(finding: Finding, audit: Audit) -> dict[str, Any]:
    return finding_object(finding, audit.outcome)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.isoformat(timespec='milliseconds')}Z"
