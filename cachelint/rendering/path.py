"""The way of a value to the request, as lines."""

from __future__ import annotations

from cachelint.findings import Finding
from cachelint.formats.interface import Outcome


def path_lines(finding: Finding, outcome: Outcome) -> list[tuple[str, str]]:
    """Place (``support/agent.py:88``) and what happens there, for each step after the finding's own location."""
    steps = finding.flow
    if steps and steps[0].location == finding.location:
        steps = steps[1:]
    return [(f"{outcome.path(step.location.filename)}:{step.location.row}", step.message) for step in steps]
