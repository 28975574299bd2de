"""Findings for people: each with its source, the path to the request, what it costs and what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from cachelint.findings import Finding, Location, Severity
from cachelint.formats.interface import Outcome
from cachelint.rendering.excerpt import excerpt
from cachelint.rendering.path import path_lines
from cachelint.rendering.terminal import Terminal
from cachelint.rendering.wording import changes, judgement, label, measured, summary

SUMMARIZES = True

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_MARGIN = "  "
_NO_BREAK = "\u00a0"
_WIDEST_PROSE = 110
"""Longer lines are hard to read, however wide the terminal is."""


def render(outcome: Outcome, terminal: Terminal) -> str:
    """One paragraph per part of a finding, a blank line between them, the summary last."""
    findings = ("\n".join(_finding(finding, outcome, terminal)) for finding in outcome.findings)
    return terminal.printable("\n\n".join((*findings, summary(outcome))) + "\n")


def _finding(finding: Finding, outcome: Outcome, terminal: Terminal) -> Iterator[str]:
    place = _place(finding.location, outcome)
    color = _COLORS[finding.severity]
    yield f"{terminal.paint(place, bold=True)}: {terminal.paint(label(finding), color)}  [{judgement(finding)}]"
    yield from _prose(finding.message, terminal)
    yield from _source(finding, outcome, terminal)
    yield from _path(finding, outcome)
    yield from _consequence(finding, outcome, terminal)


def _place(location: Location, outcome: Outcome) -> str:
    return f"{outcome.path(location.filename)}:{location.row}:{location.column}"


def _prose(text: str, terminal: Terminal) -> list[str]:
    width = min(terminal.width, _WIDEST_PROSE)
    return textwrap.wrap(
        text, width, initial_indent=_MARGIN, subsequent_indent=_MARGIN, break_long_words=False, break_on_hyphens=False
    )


def _source(finding: Finding, outcome: Outcome, terminal: Terminal) -> Iterator[str]:
    digits = len(str(finding.location.row))
    shown = excerpt(
        outcome.source(finding.location.filename), finding.location, width=max(40, terminal.width - digits - 7)
    )
    if shown is None:
        return
    yield ""
    for row, line in shown.rows:
        yield f"{_MARGIN}  {row:>{digits}} | {line}".rstrip()
    marker = " ".join(filter(None, ("^" * shown.length, changes(finding.period))))
    yield f"{_MARGIN}  {'':{digits}} | {' ' * shown.indent}{terminal.paint(marker, _COLORS[finding.severity])}"


def _path(finding: Finding, outcome: Outcome) -> Iterator[str]:
    lines = path_lines(finding, outcome)
    column = max((len(place) for place, _ in lines), default=0)
    if lines:
        yield ""
    for place, message in lines:
        yield f"{_MARGIN}{place:{column}}   {message}"


def _measured(finding: Finding, outcome: Outcome, terminal: Terminal) -> Iterator[str]:
    sentence = measured(finding, outcome)
    if sentence and finding.usage and finding.usage.lost_requests:
        yield from (terminal.paint(line, bold=True) for line in _prose(sentence, terminal))
    elif sentence:
        yield from _prose(sentence, terminal)


def _consequence(finding: Finding, outcome: Outcome, terminal: Terminal) -> Iterator[str]:
    yield ""
    if finding.impact:
        yield from _prose(finding.impact, terminal)
    yield from _measured(finding, outcome, terminal)
    # Joined by no-break spaces, so that the command stays on one line and can be copied.
    explain = f"cachelint explain {finding.code}".replace(" ", _NO_BREAK)
    advice = _prose(f"{finding.advice}   {explain}" if finding.advice else explain, terminal)
    yield from (line.replace(_NO_BREAK, " ") for line in advice)
