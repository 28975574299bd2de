"""SARIF 2.1.0, for code scanning: results with code flows, fixes and fingerprints, and the rules that they break.

Columns are UTF-16 code units, as the log declares. Results in notebooks name the file alone: a region
would count rows of JSON.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import quote

from cachelint import __version__
from cachelint.findings import Finding, Fix, Location, Severity
from cachelint.formats.interface import Outcome
from cachelint.rendering.excerpt import line_at
from cachelint.rendering.place import Place
from cachelint.rendering.terminal import Terminal
from cachelint.rendering.wording import measured
from cachelint.rulebook import FAMILIES, Rule, rulebook

SUMMARIZES = False

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(outcome: Outcome, terminal: Terminal) -> str:
    """One log with one run."""
    rules = sorted({finding.code for finding in outcome.findings})
    seen: Counter[str] = Counter()
    results = []
    for finding in outcome.findings:
        seen[finding.fingerprint] += 1
        results.append(_result(finding, outcome, rules.index(finding.code), seen[finding.fingerprint]))
    driver = {"name": "cachelint", "semanticVersion": __version__, "rules": [_rule(code) for code in rules]}
    run = {"tool": {"driver": driver}, "columnKind": "utf16CodeUnits", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    rule = rulebook().find(code)
    return {"id": code} if rule is None else {"id": code, "name": rule.name, **_description(rule)}


def _description(rule: Rule) -> dict[str, Any]:
    return {
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.help, "markdown": rule.body},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [FAMILIES[rule.family]], "precision": str(rule.confidence), "since": rule.since},
    }


def _result(finding: Finding, outcome: Outcome, rule_index: int, occurrence: int) -> dict[str, Any]:
    """`occurrence` counts the findings of the same fingerprint up to this one."""
    properties = {
        "confidence": str(finding.confidence),
        "period": finding.period,
        "tiers": list(finding.tiers),
        "impact": finding.impact,
        "newIn": finding.new_in,
    }
    result = {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding, outcome)},
        "locations": [_location(finding.location, outcome)],
        "partialFingerprints": {"cachelint/v1": f"{finding.fingerprint}:{occurrence}"},
        "properties": {key: value for key, value in properties.items() if value} | _usage(finding, outcome),
    }
    if finding.request:
        called = f"sent by {finding.request.method}"
        result["relatedLocations"] = [_location(finding.request.location, outcome, called)]
    if finding.flow:
        steps = [{"location": _location(step.location, outcome, step.message)} for step in finding.flow]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if finding.fix:
        result["fixes"] = [_fix(finding.fix, outcome)]
    return result


def _message(finding: Finding, outcome: Outcome) -> str:
    new = f"{finding.code} is new in {finding.new_in}." if finding.new_in else None
    return " ".join(filter(None, (finding.message, measured(finding, outcome), finding.advice, new)))


def _usage(finding: Finding, outcome: Outcome) -> dict[str, Any]:
    if finding.usage is None:
        return {}
    from cachelint.rendering.usage import usage_object

    return {"usage": usage_object(finding.usage, outcome)}


def _location(location: Location, outcome: Outcome, message: str | None = None) -> dict[str, Any]:
    place = Place.of(location.filename, outcome.path)
    physical: dict[str, Any] = {"artifactLocation": _artifact(place)}
    if place.cell is None:
        physical["region"] = _region(location, outcome)
    return {"physicalLocation": physical, **({"message": {"text": message}} if message else {})}


def _artifact(place: Place) -> dict[str, str]:
    if place.path.startswith("/"):
        return {"uri": f"file://{quote(place.path)}"}
    return {"uri": quote(place.path), "uriBaseId": "%SRCROOT%"}


def _region(location: Location, outcome: Outcome) -> dict[str, int]:
    text = outcome.source(location.filename)
    return {
        "startLine": location.row,
        "startColumn": _utf16_column(line_at(text, location.row), location.column),
        "endLine": location.end_row,
        "endColumn": _utf16_column(line_at(text, location.end_row), location.end_column),
    }


def _utf16_column(line: str, column: int) -> int:
    """The column in UTF-16 code units of what stands at `column` in characters; both count from 1."""
    beyond_basic_plane = sum(1 for character in line[: column - 1] if character > "\uffff")
    return column + beyond_basic_plane


def _fix(fix: Fix, outcome: Outcome) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        replacement = {
            "deletedRegion": _region(edit.location, outcome),
            "insertedContent": {"text": edit.content},
        }
        changes.setdefault(edit.location.filename, []).append(replacement)
    return {
        "description": {"text": fix.message},
        "artifactChanges": [
            {"artifactLocation": _artifact(Place.of(filename, outcome.path)), "replacements": replacements}
            for filename, replacements in changes.items()
        ],
    }
