"""Names in a report the finding that explains each miss, at which line; or says that none does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cachelint.attribution.measuring import NOTHING, Explained, Key, Measurement, key_of
from cachelint.report.figures import Explanation

if TYPE_CHECKING:
    from cachelint.findings import Finding
    from cachelint.report.figures import Miss, Report


def explained(report: Report, measurement: Measurement, path: Callable[[str], str] = str) -> Report:
    """The report with the findings that explain its misses. `path` says how a file is shown."""
    parts: dict[tuple[str, str | None], list[Explained]] = {}
    for part in measurement.explained:
        parts.setdefault((part.loss.code, part.loss.call_site.place), []).append(part)
    misses = tuple(_explained(miss, parts.get((miss.code, miss.call_site), ()), path) for miss in report.misses)
    return replace(report, misses=misses)


def _explained(miss: Miss, parts: Sequence[Explained], path: Callable[[str], str]) -> Miss:
    found: dict[Key, tuple[Finding, list[Explained]]] = {}
    for part in parts:
        for finding in part.findings:
            found.setdefault(key_of(finding), (finding, []))[1].append(part)
    explanations = [_explanation(finding, own, path) for finding, own in found.values()]
    explanations.sort(key=lambda each: (-(each.cost or NOTHING), -each.tokens))
    return replace(miss, explanations=tuple(explanations), in_source=any(part.site for part in parts))


def _explanation(finding: Finding, parts: Iterable[Explained], path: Callable[[str], str]) -> Explanation:
    losses = [part.loss for part in parts]
    costs = [loss.cost for loss in losses if loss.cost is not None]
    return Explanation(
        code=finding.code,
        name=finding.name,
        filename=path(finding.location.filename),
        row=finding.location.row,
        column=finding.location.column,
        message=finding.message,
        requests=sum(loss.requests for loss in losses),
        tokens=sum(loss.tokens for loss in losses),
        cost=sum(costs, NOTHING) if costs else None,
    )
