"""A finding as a JSON object.

Code, message, filename, cell, location, end_location, fix and url are as in ruff's JSON: rows and columns count from 1,
columns in characters, ends are exclusive. url is null: the prose of a rule is offline, under `cachelint explain CODE`.
In a notebook, `filename` ends in the cell (`book.ipynb#cell3`), which `cell` has as a number; rows count within it.
"""

from __future__ import annotations

from typing import Any

from cachelint.findings import Edit, Finding, Fix, FlowStep, Location, RequestSite
from cachelint.formats.interface import Outcome
from cachelint.rendering.place import Place


def finding_object(finding: Finding, outcome: Outcome) -> dict[str, Any]:
    """The object, ready for `json.dumps`."""
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": str(finding.severity),
        "confidence": str(finding.confidence),
        "message": finding.message,
        **_span(finding.location, outcome),
        "period": finding.period,
        "flow": [_step(step, outcome) for step in finding.flow],
        "request": _request(finding.request, outcome) if finding.request else None,
        "other_requests": [_request(other.site, outcome) for other in finding.others],
        "position": finding.position,
        "tiers": list(finding.tiers),
        "impact": finding.impact,
        "advice": finding.advice,
        "fix": _fix(finding.fix, outcome) if finding.fix else None,
        "usage": _usage(finding, outcome),
        "new_in": finding.new_in,
        "fingerprint": finding.fingerprint,
        "url": None,
    }


def _usage(finding: Finding, outcome: Outcome) -> dict[str, Any] | None:
    if finding.usage is None:
        return None
    from cachelint.rendering.usage import usage_object

    return usage_object(finding.usage, outcome)


def _span(location: Location, outcome: Outcome) -> dict[str, Any]:
    place = Place.of(location.filename, outcome.path)
    return {
        "filename": place.name,
        "cell": place.cell,
        "location": {"row": location.row, "column": location.column},
        "end_location": {"row": location.end_row, "column": location.end_column},
    }


def _step(step: FlowStep, outcome: Outcome) -> dict[str, Any]:
    return {"message": step.message, **_span(step.location, outcome)}


def _request(request: RequestSite, outcome: Outcome) -> dict[str, Any]:
    place = Place.of(request.location.filename, outcome.path)
    return {
        "filename": place.name,
        "cell": place.cell,
        "row": request.location.row,
        "column": request.location.column,
        "function": request.function,
        "method": request.method,
        "model": request.model,
    }


def _fix(fix: Fix, outcome: Outcome) -> dict[str, Any]:
    return {
        "message": fix.message,
        "applicability": "safe" if fix.safe else "unsafe",
        "edits": [_edit(edit, outcome) for edit in fix.edits],
    }


def _edit(edit: Edit, outcome: Outcome) -> dict[str, Any]:
    return {"content": edit.content, **_span(edit.location, outcome)}
