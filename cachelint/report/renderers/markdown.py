"""The report in Markdown, for the summary of a CI job or a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.report.renderers import amounts
from cachelint.report.renderers.remarks import remarks, summary
from cachelint.report.renderers.tables import Table, difference_table, miss_table, money_places, usage_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cachelint.report.figures import Report
    from cachelint.report.renderers.style import Style


def render(report: Report, style: Style) -> str:
    """Headings, tables and remarks."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    period = f" {amounts.minute(report.first)} to {amounts.minute(report.last)} UTC" if report.first else ""
    yield f"## Prompt cache{period}"
    yield ""
    yield from _table(usage_table(report, report.groups, report.dimension))
    if report.misses:
        yield ""
        yield "### Where the cache broke"
        yield ""
        yield from _table(miss_table(report.misses, money_places(report)))
    if report.differences is not None:
        yield "\n### The log against the provider's usage report\n"
        yield from _table(difference_table(report.differences))
    yield ""
    for remark in (*summary(report), *remarks(report)):
        yield f"- {_escaped(remark)}"


def _table(table: Table) -> Iterator[str]:
    table = table.without_empty()
    yield _row(table.headers)
    yield _row(tuple(":--" if column in table.left else "--:" for column in range(len(table.headers))))
    for number, row in enumerate(table.rows):
        is_total = number == len(table.rows) - 1 and row[0] == "total"
        yield _row(tuple(f"**{_escaped(cell)}**" if is_total and cell else _escaped(cell) for cell in row))


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """`text` with what Markdown would take for markup or for the end of a cell made harmless."""
    for character in "\\`*_<>|[]":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", " ")
