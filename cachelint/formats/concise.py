"""One line per finding, for editors and grep: path, row, column, code, name, severity, message."""

from __future__ import annotations

from cachelint.formats.interface import Outcome
from cachelint.rendering.terminal import Terminal
from cachelint.rendering.wording import label, measured, summary

SUMMARIZES = True


def render(outcome: Outcome, terminal: Terminal) -> str:
    """The lines, then the summary."""
    lines = [
        f"{outcome.path(finding.location.filename)}:{finding.location.row}:{finding.location.column}: "
        f"{label(finding)} [{finding.severity}] {' '.join(filter(None, (finding.message, measured(finding, outcome))))}"
        for finding in outcome.findings
    ]
    return terminal.printable("\n".join((*lines, summary(outcome))) + "\n")
