"""The report as one HTML page that needs nothing else: no network, no script."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from cachelint.report.renderers import amounts
from cachelint.report.renderers.charts import Bar, Point, bar_chart, series_chart
from cachelint.report.renderers.remarks import remarks, summary
from cachelint.report.renderers.tables import (
    UNKNOWN_NAME,
    Table,
    difference_table,
    miss_table,
    money_places,
    usage_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from cachelint.report.figures import Figures, Report
    from cachelint.report.renderers.style import Style

_BARS = 10


def render(report: Report, style: Style) -> str:
    """The whole page."""
    css = (Path(__file__).parent / "page.css").read_text("utf-8")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Prompt cache report</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>\n{css}</style></head>\n<body>\n'
        + "\n".join(_body(report))
        + "\n</body></html>\n"
    )


def _body(report: Report) -> Iterator[str]:
    yield "<h1>Prompt cache report</h1>"
    period = (
        f"{amounts.minute(report.first)} to {amounts.minute(report.last)} UTC" if report.first else "no dated requests"
    )
    yield f'<p class="dim">{period} · {amounts.plural(len(report.inputs.files), "file")}</p>'
    yield f'<div class="tiles">{"".join(_tiles(report))}</div>'
    charts = "".join(_charts(report))
    if charts:
        yield f'<div class="charts">{charts}</div>'
    yield f"<h2>By {escape(report.dimension)}</h2>"
    yield _table(usage_table(report, report.groups, report.dimension))
    if report.misses:
        yield "<h2>Where the cache broke</h2>"
        yield _table(miss_table(report.misses, money_places(report)))
    if report.differences is not None:
        yield "<h2>The log against the provider's usage report</h2>"
        yield _table(difference_table(report.differences))
    yield "<footer>"
    for remark in (*summary(report), *remarks(report)):
        yield f"<p>{escape(remark)}</p>"
    yield "</footer>"


def _tiles(report: Report) -> Iterator[str]:
    total, places = report.total, money_places(report)
    uncached = amounts.money(total.cost_without_cache, places)
    for title, value, formula in (
        ("requests", amounts.count(total.requests), _priced(report)),
        ("cost", amounts.money(total.cost, places), f"{uncached} without a cache"),
        ("saved by the cache", amounts.money(total.saved, places), f"{uncached} - cost"),
        (
            "recoverable",
            amounts.money(total.recoverable if total.steps else None, places),
            f"{amounts.share(total.waste, 0)} of the cost; cost - cost with a perfect cache",
        ),
        ("hit ratio", amounts.share(total.hit_ratio), "read / (read + written + uncached)"),
        (
            "continuity",
            amounts.share(total.continuity),
            f"{total.healthy_steps:,} of {total.steps:,} requests read all that was cached",
        ),
    ):
        yield (
            f'<div class="tile"><span class="dim">{title}</span><b>{escape(value)}</b>'
            f"<small>{escape(formula)}</small></div>"
        )


def _priced(report: Report) -> str:
    return f"{amounts.share(report.pricing_coverage)} of {report.pricing_coverage.denominator:,} have a price"


def _charts(report: Report) -> Iterator[str]:
    yield bar_chart(
        "From the cost without a cache to the cost with a perfect one", _waterfall(report.total, money_places(report))
    )
    yield series_chart(
        "Cost (columns) and hit ratio (line) over time",
        [_point(row.name, row.figures, money_places(report)) for row in report.timeline],
    )
    places = money_places(report)
    causes = _summed(((f"{miss.code} {miss.name}", miss.cost) for miss in report.misses), places)
    yield bar_chart("Cost of misses by cause", causes)
    sites = _summed(((miss.call_site, miss.cost) for miss in report.misses), places)
    yield bar_chart("Cost of misses by call site", sites)


def _summed(costs: Iterable[tuple[str | None, Decimal | None]], places: int) -> list[Bar]:
    """A bar for each name that cost something, the longest first; none where no name is known."""
    sums: dict[str, Decimal] = {}
    for name, cost in costs:
        if name and cost:
            sums[name] = sums.get(name, cost - cost) + cost
    longest = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:_BARS]
    return [Bar(name, float(cost), amounts.money(cost, places), kind="bad") for name, cost in longest]


def _waterfall(total: Figures, places: int) -> list[Bar]:
    """Without a cache, what reading saved, what writing cost extra, the actual cost, what is recoverable, the rest."""
    if not total.cost or total.cost_without_cache is None or total.saved is None or total.recoverable is None:
        return []
    before, actual, recoverable = float(total.cost_without_cache), float(total.cost), float(total.recoverable)
    return [
        Bar("without a cache", before, amounts.money(total.cost_without_cache, places), kind="base"),
        Bar(
            "saved by the cache",
            before,
            amounts.money(-total.saved, places),
            actual,
            "good" if total.saved >= 0 else "bad",
        ),
        Bar("actual cost", actual, amounts.money(total.cost, places)),
        Bar("recoverable", actual, amounts.money(-total.recoverable, places), actual - recoverable, "bad"),
        Bar(
            "with a perfect cache",
            actual - recoverable,
            amounts.money(total.cost_with_perfect_cache, places),
            kind="base",
        ),
    ]


def _point(name: str | None, figures: Figures, places: int) -> Point:
    amount = amounts.money(figures.cost, places)
    return Point(name or UNKNOWN_NAME, float(figures.cost or 0), amount, figures.hit_ratio.value)


def _table(table: Table) -> str:
    table = table.without_empty()
    head = "".join(f"<th{_side(table, column)}>{escape(header)}</th>" for column, header in enumerate(table.headers))
    rows = "".join(
        f"<tr{_total(row)}>"
        + "".join(f"<td{_cell_side(table, column)}>{escape(cell)}</td>" for column, cell in enumerate(row))
        + "</tr>\n"
        for row in table.rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table></div>'


def _cell_side(table: Table, column: int) -> str:
    """As in the head; remarks, under no header, may be long."""
    return ' class="note"' if not table.headers[column] else _side(table, column)


def _side(table: Table, column: int) -> str:
    return ' class="left"' if column in table.left else ""


def _total(row: tuple[str, ...]) -> str:
    return ' class="total"' if row[0] == "total" else ""
