"""JUnit XML, for CI systems that show test results: a failed test per finding, or one that passed."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from cachelint.findings import Finding
from cachelint.formats.interface import Outcome
from cachelint.rendering.path import path_lines
from cachelint.rendering.terminal import Terminal
from cachelint.rendering.wording import counted, judgement, label, measured

SUMMARIZES = False

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, however they are escaped."""


def render(outcome: Outcome, terminal: Terminal) -> str:
    """The document, in UTF-8."""
    failures = len(outcome.findings)
    cases = [_failed(finding, outcome) for finding in outcome.findings] or [_passed(outcome)]
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0"'
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuites name="cachelint" {counts}>',
            f'  <testsuite name="cachelint" {counts} time="{outcome.seconds:.3f}">',
            *cases,
            "  </testsuite>",
            "</testsuites>",
            "",
        )
    )


def _failed(finding: Finding, outcome: Outcome) -> str:
    path, row = outcome.path(finding.location.filename), finding.location.row
    name = f"{label(finding)} ({row}:{finding.location.column})"
    body = "\n".join(_body(finding, outcome))
    attributes = {"classname": path, "name": name, "file": path, "line": str(row)}
    listed = " ".join(f"{key}={_attribute(value)}" for key, value in attributes.items())
    kind, message = _attribute(finding.code), _attribute(finding.message)
    return (
        f"    <testcase {listed}>\n"
        f"      <failure type={kind} message={message}>{_text(body)}</failure>\n"
        f"    </testcase>"
    )


def _body(finding: Finding, outcome: Outcome) -> list[str]:
    location = finding.location
    place = f"{outcome.path(location.filename)}:{location.row}:{location.column}"
    path = (f"{place} {message}" for place, message in path_lines(finding, outcome))
    head = f"{place}: {label(finding)} [{judgement(finding)}]"
    parts = (head, finding.message, *path, finding.impact, measured(finding, outcome), finding.advice)
    return [part for part in parts if part]


def _passed(outcome: Outcome) -> str:
    extent = f"{counted(outcome.requests, 'request')} in {counted(outcome.files, 'file')}"
    return f'    <testcase classname="cachelint" name={_attribute(extent)}/>'


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text), {"\n": "&#10;"})
