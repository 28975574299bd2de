"""GitLab's code quality report."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

from cachelint.findings import Finding, Severity
from cachelint.formats.interface import Outcome
from cachelint.rendering.place import Place
from cachelint.rendering.terminal import Terminal
from cachelint.rendering.wording import label, measured

SUMMARIZES = False

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render(outcome: Outcome, terminal: Terminal) -> str:
    """The report: one issue per finding, each with a fingerprint of its own, which GitLab requires."""
    seen: Counter[str] = Counter()
    issues = []
    for finding in outcome.findings:
        issues.append(_issue(finding, outcome, seen[finding.fingerprint]))
        seen[finding.fingerprint] += 1
    return json.dumps(issues, indent=2) + "\n"


def _issue(finding: Finding, outcome: Outcome, repetition: int) -> dict[str, Any]:
    """`repetition` counts the earlier findings of the same fingerprint."""
    lines = {"begin": finding.location.row, "end": finding.location.end_row}
    return {
        "description": " ".join(filter(None, (f"{label(finding)}: {finding.message}", measured(finding, outcome)))),
        "check_name": finding.code,
        "fingerprint": hashlib.sha256(f"{finding.fingerprint}:{repetition}".encode()).hexdigest(),
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": Place.of(finding.location.filename, outcome.path).path, "lines": lines},
    }
