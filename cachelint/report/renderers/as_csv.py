"""The rows of a report as CSV: the groups that were asked for, then the total."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from cachelint.report.renderers.fields import figure_fields

if TYPE_CHECKING:
    from cachelint.report.figures import Figures, Report
    from cachelint.report.renderers.style import Style


def render(report: Report, style: Style) -> str:
    """One line for each group, with the field names of the JSON format; an absent value is an empty cell."""
    lines = [(row.name or "", row.figures) for row in report.groups] + [("total", report.total)]
    records = [{report.dimension: name, **_flat(figures)} for name, figures in lines]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def _flat(figures: Figures) -> dict[str, Any]:
    fields = figure_fields(figures)
    parts = fields.pop("cost_parts_usd")
    return {**fields, **{f"cost_{name}_usd": part for name, part in parts.items()}}
