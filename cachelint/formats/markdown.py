"""Findings for a job summary or a comment on a change: a table, then each finding with its source, folded."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from cachelint.findings import Finding
from cachelint.formats.interface import Measured, Outcome
from cachelint.rendering.excerpt import excerpt
from cachelint.rendering.path import path_lines
from cachelint.rendering.terminal import Terminal
from cachelint.rendering.wording import changes, label, measured, summary

SUMMARIZES = True

_HEAD = ["| | rule | place | problem |", "|---|---|---|---|"]
_HEAD_WITH_MONEY = ["| | rule | place | problem | lost |", "|---|---|---|---|--:|"]


def render(outcome: Outcome, terminal: Terminal) -> str:
    """The document; without findings it is a heading and the summary."""
    parts = ["### cachelint", "", summary(outcome), ""]
    if outcome.findings:
        parts += _HEAD_WITH_MONEY if outcome.measured else _HEAD
        parts += [_row(finding, outcome) for finding in outcome.findings]
        parts.append("")
        for finding in outcome.findings:
            parts += _details(finding, outcome)
    return "\n".join(parts)


def _row(finding: Finding, outcome: Outcome) -> str:
    cells = [str(finding.severity), label(finding), f"`{_place(finding, outcome)}`", finding.message]
    if outcome.measured:
        cells.append(_lost(finding, outcome.measured))
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _lost(finding: Finding, measured: Measured) -> str:
    from cachelint.rendering.usage import usage_phrase

    return usage_phrase(finding, measured)


def _place(finding: Finding, outcome: Outcome) -> str:
    return f"{outcome.path(finding.location.filename)}:{finding.location.row}"


def _details(finding: Finding, outcome: Outcome) -> Iterator[str]:
    rule, place = html.escape(label(finding)), html.escape(_place(finding, outcome))
    yield f"<details><summary>{rule} in <code>{place}</code></summary>"
    yield ""
    yield from _source(finding, outcome)
    for place, message in path_lines(finding, outcome):
        yield f"1. `{place}` {message}"
    yield ""
    yield from filter(None, (finding.impact, measured(finding, outcome), finding.advice))
    yield ""
    yield "</details>"
    yield ""


def _source(finding: Finding, outcome: Outcome) -> Iterator[str]:
    shown = excerpt(outcome.source(finding.location.filename), finding.location)
    if shown is None:
        return
    lines = [line for _, line in shown.rows]
    marker = " ".join(filter(None, ("^" * shown.length, changes(finding.period))))
    fence = _fence("\n".join(lines))
    yield f"{fence}python"
    yield from lines
    yield f"{' ' * shown.indent}{marker}".rstrip()
    yield fence
    yield ""


def _fence(text: str) -> str:
    """A fence longer than every run of backticks in `text`."""
    return "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
