"""The audit for a person at a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tabulate import tabulate

from cachelint.audit.wording import (
    balance,
    elsewhere,
    loss_sentence,
    money,
    named,
    place,
    subject,
    why_unexplained,
    without_loss,
)
from cachelint.findings import Severity
from cachelint.rendering.wording import judgement, label

if TYPE_CHECKING:
    from cachelint.attribution.measuring import Key
    from cachelint.audit.page import Audit, Cause
    from cachelint.findings import Finding
    from cachelint.rendering.terminal import Terminal

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_WIDEST = 110
_NO_BREAK = "\u00a0"


def render(audit: Audit, terminal: Terminal) -> str:
    """What it cost; the findings that cost something, the costliest first; what no finding explains; the rest."""
    parts = (_head, _causes, _unexplained, _without_loss, _foot)
    sections = ["\n".join(part(audit, terminal)) for part in parts]
    return terminal.printable("\n\n".join(section for section in sections if section) + "\n")


def _head(audit: Audit, terminal: Terminal) -> Iterator[str]:
    yield from subject(audit)
    yield terminal.paint(balance(audit), bold=True)


def _causes(audit: Audit, terminal: Terminal) -> Iterator[str]:
    told: set[Key] = set()
    for number, cause in enumerate(audit.causes, start=1):
        if number > 1:
            yield ""
        yield from _cause(number, cause, told, audit, terminal)


def _cause(number: int, cause: Cause, told: set[Key], audit: Audit, terminal: Terminal) -> Iterator[str]:
    mark = f"{number}. {money(cause.cost, audit)}"
    margin = " " * (len(str(number)) + 2)
    for position, (finding, hidden) in enumerate(zip(cause.findings, cause.hidden, strict=True)):
        start = terminal.paint(mark, bold=True) if position == 0 else f"{margin}together with"
        yield f"{start}  {_title(finding, hidden=hidden, audit=audit, terminal=terminal)}"
    yield from _prose(loss_sentence(cause), margin, terminal)
    for finding in cause.findings:
        if (finding.code, finding.location) not in told:
            told.add((finding.code, finding.location))
            yield from _advice(finding, margin, terminal)


def _title(finding: Finding, *, hidden: bool, audit: Audit, terminal: Terminal) -> str:
    rule = terminal.paint(label(finding), _COLORS[finding.severity])
    note = "; not reported by check" if hidden else ""
    return f"{terminal.paint(place(finding, audit), bold=True)}  {rule}  [{judgement(finding)}{note}]"


def _advice(finding: Finding, margin: str, terminal: Terminal) -> Iterator[str]:
    yield from _prose(finding.message, margin, terminal)
    explain = f"cachelint explain {finding.code}".replace(" ", _NO_BREAK)
    advice = f"{finding.advice}   {explain}" if finding.advice else explain
    yield from (line.replace(_NO_BREAK, " ") for line in _prose(advice, margin, terminal))


def _unexplained(audit: Audit, terminal: Terminal) -> Iterator[str]:
    if not audit.unexplained:
        return
    yield terminal.paint("Lost, and explained by no finding", bold=True)
    rows = [
        (
            money(row.cost, audit),
            named(row.code),
            row.call_site or "(unknown)",
            f"{row.requests:,}",
            why_unexplained(row),
        )
        for row in audit.unexplained
    ]
    alignment = ("right", "left", "left", "right", "left")
    yield from _table(("cost", "cause", "where", "requests", ""), rows, alignment, terminal)
    for code, help_text in {row.code: row.help for row in audit.unexplained}.items():
        yield from _prose(f"{code}: {help_text}", "", terminal)


def _without_loss(audit: Audit, terminal: Terminal) -> Iterator[str]:
    if not audit.without_loss:
        return
    yield terminal.paint("Found, and without a loss in the log", bold=True)
    rows = [(place(each, audit), label(each), each.severity, without_loss(each, audit)) for each in audit.without_loss]
    yield from _table(("where", "finding", "severity", ""), rows, ("left",) * 4, terminal)


def _foot(audit: Audit, terminal: Terminal) -> Iterator[str]:
    sentence = elsewhere(audit)
    if sentence:
        yield from _prose(sentence, "", terminal)
    yield from (line for note in audit.report.notes for line in _prose(note, "", terminal))


def _table(
    headers: tuple[str, ...], rows: Iterable[tuple[str, ...]], alignment: tuple[str, ...], terminal: Terminal
) -> Iterator[str]:
    text = tabulate([headers, *rows], tablefmt="plain", disable_numparse=True, colalign=alignment)
    for line in text.splitlines():
        yield line.rstrip() if len(line) <= terminal.width else line[: terminal.width - 1] + "…"


def _prose(text: str, margin: str, terminal: Terminal) -> list[str]:
    return textwrap.wrap(
        text,
        min(terminal.width, _WIDEST),
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )
