"""The report for a person at a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from tabulate import tabulate

from cachelint.report.renderers import amounts
from cachelint.report.renderers.remarks import FORMULAS, exclusions, summary
from cachelint.report.renderers.tables import (
    CACHING_COSTS,
    EXPLAINED_BY,
    Table,
    difference_table,
    miss_table,
    money_places,
    usage_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cachelint.report.figures import Inputs, Miss, Report
    from cachelint.report.renderers.style import Style

_DROPPED_IN_ORDER = (
    "uncached",
    "output",
    "sure",
    "without cache",
    "cache write",
    "since",
    "tokens lost",
    "cache read",
    "requests",
)
"""Columns that a narrow terminal does without, the least important first."""

_LONGEST_NAME = 40
_MISSES_SHOWN = 12


def render(report: Report, style: Style) -> str:
    """The whole report as text."""
    parts = (_heading, _tables, _misses, _differences, _foot)
    sections = ["\n".join(part(report, style)) for part in parts]
    return style.spelled("\n\n".join(section for section in sections if section))


def _heading(report: Report, style: Style) -> Iterator[str]:
    requests = report.total.requests + sum(unpriced.requests for unpriced in report.unpriced)
    facts = [amounts.plural(requests, "request"), amounts.plural(len({row.name for row in report.models}), "model")]
    if report.call_sites:
        facts.append(amounts.plural(report.call_sites, "call site"))
    period = f" {amounts.minute(report.first)} → {amounts.minute(report.last)} UTC" if report.first else ""
    log = _log(report.inputs)
    line = f"Usage{period}   {', '.join(facts)}   {log}"
    if len(line) <= style.width:
        yield line.replace("Usage", style.paint("Usage", "bold"), 1).replace(log, style.paint(log, "dim"))
    else:
        yield style.paint("Usage", "bold") + period
        yield from _wrapped(", ".join(facts), style)
        yield from (style.paint(part, "dim") for part in _wrapped(log, style))


def _log(inputs: Inputs) -> str:
    name = inputs.files[0] if len(inputs.files) == 1 else amounts.plural(len(inputs.files), "file")
    skipped = sum(skipped.count for skipped in inputs.skipped_lines)
    details = [amounts.size(inputs.size)]
    if inputs.duplicates:
        details.append(amounts.plural(inputs.duplicates, "duplicate"))
    if skipped:
        details.append(f"{amounts.plural(skipped, 'line')} skipped")
    return f"log: {name} ({', '.join(details)})"


def _tables(report: Report, style: Style) -> Iterator[str]:
    if report.total.requests == 0 and not report.models:
        yield "No usage records."
        return
    yield from _table(usage_table(report, report.groups, report.dimension), style, last_is_total=True)


def _misses(report: Report, style: Style) -> Iterator[str]:
    if not report.misses:
        return
    shown = len(report.misses) if style.whole else _MISSES_SHOWN
    yield style.paint("Where the cache broke", "bold")
    droppable = (*_DROPPED_IN_ORDER, "requests")
    yield from _table(miss_table(report.misses[:shown], money_places(report)), style, droppable=droppable)
    if len(report.misses) > shown:
        yield f"… and {amounts.plural(len(report.misses) - shown, 'more line')}; --format json has all."


def _differences(report: Report, style: Style) -> Iterator[str]:
    if report.differences is None:
        return
    yield style.paint("The log against the provider's usage report", "bold")
    yield from _table(difference_table(report.differences), style, droppable=())


def _foot(report: Report, style: Style) -> Iterator[str]:
    for remark in summary(report):
        yield from _wrapped(remark, style)
    if report.misses:
        yield f"What to do: cachelint explain {_first_to_mend(report.misses)}"
    for remark in exclusions(report):
        yield from (style.paint(line, "yellow") for line in _wrapped(remark, style))
    for remark in report.notes:
        yield from _wrapped(remark, style)
    if report.models:
        yield from (style.paint(line, "dim") for line in _wrapped(FORMULAS, style))


def _first_to_mend(misses: Sequence[Miss]) -> str:
    """The code of the costliest finding that explains a miss; where none does, that of the costliest miss."""
    found = (explanation.code for miss in misses for explanation in miss.explanations or ())
    return next(found, misses[0].code)


def _wrapped(text: str, style: Style, indent: str = "") -> list[str]:
    return textwrap.wrap(text, style.width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _table(
    table: Table, style: Style, *, droppable: tuple[str, ...] = _DROPPED_IN_ORDER, last_is_total: bool = False
) -> Iterator[str]:
    """The lines of a table. Remarks for which there is no room beside their rows stand below them; other columns for
    which there is none are left out."""
    table = table.without_empty()
    below: list[tuple[str, ...]] = [()] * len(table.rows)
    for header in ("", EXPLAINED_BY):
        if header in table.headers and _is_too_wide(table, style):
            column = table.headers.index(header)
            below = [(row[column], *remarks) for row, remarks in zip(table.rows, below, strict=True)]
            table = table.without({header})
    for header in droppable:
        if not _is_too_wide(table, style):
            break
        table = table.without({header})
    head, rule, *rows = [_shortened(line, style) for line in _laid_out(table, style)]
    yield from (style.paint(head, "bold"), rule)
    for number, (row, remarks) in enumerate(zip(rows, below, strict=True)):
        if last_is_total and number == len(rows) - 1:
            yield style.paint(row, "bold")
        else:
            yield row.replace(CACHING_COSTS, style.paint(CACHING_COSTS, "red"))
        for remark in remarks:
            color = "red" if remark == CACHING_COSTS else "dim"
            yield from (style.paint(line, color) for line in _wrapped(remark.removeprefix("← "), style, indent="    "))


def _is_too_wide(table: Table, style: Style) -> bool:
    return not style.whole and max(map(len, _laid_out(table, style))) > style.width


def _shortened(line: str, style: Style) -> str:
    return line if style.whole or len(line) <= style.width else line[: style.width - 1] + "…"


def _laid_out(table: Table, style: Style) -> list[str]:
    """Header, rule and rows. The header goes in as a row, because tabulate would pad real headers."""
    rows = [
        [
            style.fitted(cell, _LONGEST_NAME) if column < 2 and not style.whole else cell
            for column, cell in enumerate(row)
        ]
        for row in (table.headers, *table.rows)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.headers))]
    rows.insert(1, ["-" * width for width in widths])
    alignment = ["left" if column in table.left else "right" for column in range(len(table.headers))]
    text = tabulate(rows, tablefmt="plain", disable_numparse=True, colalign=alignment)
    return [line.rstrip() for line in text.splitlines()]
