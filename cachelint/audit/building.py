"""Makes an audit: checks the source, reads the logs, and puts what was lost down to what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cachelint.attribution.measuring import NOTHING, Explained, Key, Measurement, key_of, measure
from cachelint.audit.page import Audit, Cause, Unexplained, total_cost
from cachelint.checking import check
from cachelint.report.building import Options, analyse, summarise
from cachelint.report.losses import losses_of, traffic_of
from cachelint.report.selection import Selection
from cachelint.rulebook import rulebook

if TYPE_CHECKING:
    from cachelint.checking import Answer, Question
    from cachelint.findings import Finding
    from cachelint.report.figures import Miss, Report


def audit(
    question: Question, logs: Sequence[str], days: int, progress: Callable[[str], None] = lambda _: None
) -> Audit:
    """The audit of a project by the last `days` of its logs. Raises what `check` and `build_report` raise."""
    options = Options(Selection(days=days))
    with analyse(logs, options, progress) as analysed:
        progress("adding up")
        report = summarise(analysed, options)
        traffic, losses = traffic_of(analysed.engine), losses_of(analysed.engine)
    progress("checking the source")
    answer = check(question)
    sites = [request.site for request in answer.analysis.requests]
    measurement = measure(answer.analysis.findings, sites, traffic, losses)
    findings = measurement.priced(answer.outcome.findings)
    causes = tuple(sorted(_causes(measurement, answer), key=_size, reverse=True))
    return Audit(
        outcome=replace(answer.outcome, findings=findings),
        report=report,
        logs=tuple(logs),
        days=days,
        causes=causes,
        unexplained=tuple(sorted(_unexplained(measurement, report), key=_unexplained_size, reverse=True)),
        without_loss=tuple(each for each in findings if not (each.usage and each.usage.lost_requests)),
        elsewhere=measurement.elsewhere,
    )


def _causes(measurement: Measurement, answer: Answer) -> Iterator[Cause]:
    """The losses that have the same findings, together."""
    reported = {key_of(finding) for finding in answer.outcome.findings}
    groups: dict[frozenset[Key], list[Explained]] = {}
    for each in measurement.explained:
        if each.findings:
            groups.setdefault(frozenset(map(key_of, each.findings)), []).append(each)
    for parts in groups.values():
        findings = tuple(_with_usage(finding, measurement) for finding in parts[0].findings)
        hidden = tuple(key_of(finding) not in reported for finding in findings)
        yield Cause(findings, hidden, tuple(part.loss for part in parts))


def _with_usage(finding: Finding, measurement: Measurement) -> Finding:
    return replace(finding, usage=measurement.usages.get(key_of(finding)))


def _unexplained(measurement: Measurement, report: Report) -> Iterator[Unexplained]:
    """What no finding explains, by diagnosis and call; and what the log does not say the call of."""
    misses = {(miss.code, miss.call_site): miss for miss in report.misses}
    groups: dict[tuple[str, str, bool], list[Explained]] = {}
    for each in measurement.explained:
        if not each.findings:
            groups.setdefault((each.loss.code, each.loss.call_site.place, each.is_expected), []).append(each)
    for (code, place, _), parts in groups.items():
        yield _row(misses[code, place], parts)
    yield from (_row(miss, ()) for miss in report.misses if miss.call_site is None)


def _row(miss: Miss, parts: Sequence[Explained]) -> Unexplained:
    """A row for a part of a miss, or for all of it where the log does not name the call."""
    rule = rulebook().find(miss.code)
    losses = [part.loss for part in parts]
    return Unexplained(
        code=miss.code,
        name=miss.name,
        call_site=miss.call_site,
        requests=sum(loss.requests for loss in losses) if losses else miss.requests,
        tokens=sum(loss.tokens for loss in losses) if losses else miss.tokens,
        cost=total_cost(losses) if losses else miss.cost,
        expected=parts[0].is_expected if parts else miss.verdict == "expected",
        detail=miss.detail,
        in_source=any(part.site for part in parts) if parts else None,
        help=rule.help if rule is not None else "",
    )


def _size(cause: Cause) -> tuple[object, ...]:
    return cause.cost or NOTHING, sum(loss.tokens for loss in cause.losses)


def _unexplained_size(row: Unexplained) -> tuple[object, ...]:
    return row.cost or NOTHING, row.tokens, row.code, row.call_site or ""
