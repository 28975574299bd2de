"""Workflow commands that GitHub turns into annotations of the change."""

from __future__ import annotations

from cachelint.findings import Finding, Severity
from cachelint.formats.interface import Outcome
from cachelint.rendering.path import path_lines
from cachelint.rendering.place import Place
from cachelint.rendering.terminal import Terminal
from cachelint.rendering.wording import label, measured

SUMMARIZES = False

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(outcome: Outcome, terminal: Terminal) -> str:
    """One command per finding; the message has the path of the value and the advice."""
    return "".join(_annotation(finding, outcome) + "\n" for finding in outcome.findings)


def _annotation(finding: Finding, outcome: Outcome) -> str:
    place = Place.of(finding.location.filename, outcome.path)
    properties = {"title": f"cachelint: {label(finding)}", "file": place.path}
    if place.cell is None:
        span = finding.location
        properties |= {"line": str(span.row), "endLine": str(span.end_row)}
        if span.row == span.end_row:
            # GitHub refuses columns of a span of several lines.
            properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
    listed = ",".join(f"{key}={_escaped_property(value)}" for key, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {listed}::{_escaped(_message(finding, outcome))}"


def _message(finding: Finding, outcome: Outcome) -> str:
    path = (f"{place} {message}" for place, message in path_lines(finding, outcome))
    parts = (finding.message, *path, finding.impact, measured(finding, outcome), finding.advice)
    return "\n".join(part for part in parts if part)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
