"""From a problem that a check has seen to the finding that a user reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cachelint.analysis.request import Request
from cachelint.analysis.surroundings import qualified_name
from cachelint.analysis.syntax import Site
from cachelint.analysis.variation import Variation
from cachelint.findings import BrokenRequest, Confidence, Finding, Fix, FlowStep, Location, RequestSite, Severity
from cachelint.rulebook import rulebook


@dataclass(frozen=True, slots=True)
class Problem:
    """What a check reports of one request."""

    code: str
    request: Request
    site: Site
    """The place to change."""
    message: str
    severity: Severity | None = None
    """When it differs from the rule's own."""
    confidence: Confidence | None = None
    variation: Variation | None = None
    position: str | None = None
    tiers: tuple[str, ...] = ()
    impact: str | None = None
    advice: str | None = None


Fixer = Callable[[Problem], Fix | None]
"""Makes the rewrite that removes a problem. The analysis is given one and knows nothing of how it works."""


def findings(problems: Iterable[Problem], fixer: Fixer | None = None) -> list[Finding]:
    """One finding for each code and place, about the request that suffers most, in the order of the source."""
    groups: dict[tuple[str, Site], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.code, problem.site), []).append(problem)
    found = [_finding(group, fixer) for group in groups.values()]
    unique = {
        (finding.code, finding.location): finding
        for finding in sorted(found, key=lambda finding: finding.severity.rank)
    }
    return sorted(unique.values(), key=lambda finding: (finding.location, finding.code))


def _finding(group: list[Problem], fixer: Fixer | None) -> Finding:
    problem = min(group, key=_weight)
    rule = rulebook().find(problem.code)
    assert rule is not None, problem.code
    others = _others(group, problem)
    message = problem.message
    if others:
        message += f" So it is in {len(others)} other request{'s' if len(others) > 1 else ''}."
    variation = problem.variation
    location = problem.site.location
    return Finding(
        code=problem.code,
        name=rule.name,
        severity=problem.severity or rule.severity,
        confidence=_least(problem.confidence or rule.confidence, problem.request.call.confidence),
        message=message,
        location=location,
        period=variation.period.label if variation is not None else None,
        flow=_flow(problem),
        request=site_of(problem.request),
        tiers=problem.tiers,
        impact=problem.impact,
        advice=problem.advice or rule.help,
        fix=fixer(problem) if fixer is not None else None,
        context=_line(problem.site, location),
        position=problem.position,
        others=others,
    )


def _others(group: list[Problem], shown: Problem) -> tuple[BrokenRequest, ...]:
    """The requests of a group that its finding does not show, each call once, as the worst of its problems has it."""
    calls: dict[Location, Problem] = {}
    for problem in sorted(group, key=_weight):
        calls.setdefault(problem.request.call.site.location, problem)
    del calls[shown.request.call.site.location]
    return tuple(BrokenRequest(site_of(each.request), each.position, each.tiers) for _, each in sorted(calls.items()))


_LEVELS = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)


def _least(*levels: Confidence) -> Confidence:
    return min(levels, key=_LEVELS.index)


def _weight(problem: Problem) -> tuple[int, int, int]:
    rule = rulebook().find(problem.code)
    severity = problem.severity or (rule.severity if rule is not None else Severity.WARNING)
    doubt = -_LEVELS.index(_least(problem.confidence or Confidence.HIGH, problem.request.call.confidence))
    return -severity.rank, doubt, len(problem.variation.steps) if problem.variation else 0


def site_of(request: Request) -> RequestSite:
    """The call that sends a request."""
    site = request.call.site
    return RequestSite(site.location, method_of(request), request.model, qualified_name(site))


def method_of(request: Request) -> str:
    """The callee as a reader knows it: ``client.messages.create``."""
    callee = request.call.written
    return callee if len(callee) <= 60 else "…" + callee[-59:]


def _line(site: Site, location: Location) -> str:
    lines = site.segment.module.lines
    row = site.segment.module.row_in_file(location)
    return lines[row - 1].strip() if 0 < row <= len(lines) else ""


def _flow(problem: Problem) -> tuple[FlowStep, ...]:
    variation = problem.variation
    if variation is None:
        return ()
    label = f"{variation.label}: changes {how_often(variation)}"
    steps = [FlowStep(variation.site.location, label)]
    steps += [FlowStep(step.site.location, step.message) for step in variation.steps]
    steps += [FlowStep(step.site.location, step.message) for step in problem.request.call.chain]
    steps.append(
        FlowStep(problem.request.call.site.location, f"{method_of(problem.request)}(…), as {problem.position}")
    )
    unique: list[FlowStep] = []
    for step in steps:
        if not any(step.location == known.location for known in unique):
            unique.append(step)
    return tuple(unique)


def how_often(variation: Variation) -> str:
    """How often a variation changes, as an adverb."""
    return _OFTEN[variation.period.label]


_OFTEN = {
    "request": "on every request",
    "turn": "on every turn",
    "session": "with every session",
    "process": "with every process",
    "host": "from host to host",
    "hour": "every hour",
    "day": "every day",
    "deploy": "with every deployment",
}
