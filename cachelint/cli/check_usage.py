"""What `cachelint check --usage` adds to its answer: what logs say that each finding cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from cachelint.attribution.logs import Logged, read_logs
from cachelint.attribution.measuring import Measurement, measure
from cachelint.errors import ConfigurationError, MissingExtraError
from cachelint.formats.interface import Measured

if TYPE_CHECKING:
    from cachelint.checking import Answer

_WITHOUT_FINDINGS = ("write_baseline", "add_ignores", "show_requests", "statistics", "diff")
"""Options with which no findings are printed, so that nothing can stand beside them."""

_NAMED = 3


def read_usage(options: dict[str, Any]) -> Logged:
    """What the logs of --usage say.

    Raises `ConfigurationError` for options that do not go with it, `MissingExtraError` without the extra `report`.
    """
    for name in _WITHOUT_FINDINGS:
        if options[name]:
            raise ConfigurationError(f"--usage prices findings, and --{name.replace('_', '-')} prints none")
    from cachelint.report.progress import show_progress

    try:
        with show_progress("cachelint check --usage") as progress:
            return read_logs(options["usage"], options["usage_days"], progress)
    except MissingExtraError:
        raise MissingExtraError("check --usage", "report") from None


def with_usage(answer: Answer, logged: Logged) -> Answer:
    """The answer, its findings with what they cost, the costliest first. Notes on standard error what does not fit."""
    analysis = answer.analysis
    sites = [request.site for request in analysis.requests]
    measurement = measure(analysis.findings, sites, logged.traffic, logged.losses)
    _note(measurement)
    findings = measurement.priced(answer.outcome.findings)
    measured = Measured(
        days=logged.days,
        requests=measurement.requests,
        first=measurement.first,
        last=measurement.last,
        lost=measurement.avoidable,
        explained=measurement.cost_of(findings),
    )
    return replace(answer, outcome=replace(answer.outcome, findings=findings, measured=measured))


def _note(measurement: Measurement) -> None:
    age = datetime.now(UTC).replace(tzinfo=None) - measurement.last if measurement.last else timedelta()
    if age > timedelta(days=1):
        click.echo(f"note: the log ends {age.days:,} days ago, on {measurement.last:%Y-%m-%d}", err=True)
    if measurement.requests and measurement.requests == sum(each.requests for each in measurement.elsewhere):
        places = ", ".join(each.call_site.place for each in measurement.elsewhere[:_NAMED])
        click.echo(f"note: the log is of other code: its requests were sent by {places}", err=True)
