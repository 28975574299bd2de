"""The formats that a report can be printed in: one function each, from a `Report` to text."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cachelint.report.figures import Report
    from cachelint.report.renderers.style import Style

_MODULES: Mapping[str, str] = {
    "text": "text",
    "json": "as_json",
    "csv": "as_csv",
    "markdown": "markdown",
    "html": "html",
    "openmetrics": "openmetrics",
    "prometheus": "openmetrics",
}
"""Format -> the module here whose function `render` makes it; only the one that is used is imported."""

FORMATS = tuple(_MODULES)


def render(report: Report, output_format: str, style: Style) -> str:
    """`report` in one of `FORMATS`, ending with a newline. Only text and Markdown regard `style`."""
    module = importlib.import_module(f"{__name__}.{_MODULES[output_format]}")
    text: str = module.render(report, style)
    return text if text.endswith("\n") else text + "\n"
