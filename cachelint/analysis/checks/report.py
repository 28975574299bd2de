"""From a problem that a check has seen to the finding that a user reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cachelint.analysis.outcome import Group
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


def groups(problems: Iterable[Problem], fixer: Fixer | None = None) -> tuple[Group, ...]:
    """One group for each code and place, in the order of the problems."""
    by_place: dict[tuple[str, Site], list[Problem]] = {}
    for problem in problems:
        by_place.setdefault((problem.code, problem.site), []).append(problem)
    return tuple(_group(each, fixer) for each in by_place.values())


def _group(problems: list[Problem], fixer: Fixer | None) -> Group:
    """A group without the problems that are out of scope whenever one that weighs more is."""
    leads: dict[frozenset[str], Finding] = {}
    calls: dict[Location, dict[frozenset[str], BrokenRequest]] = {}
    for problem in sorted(problems, key=_weight):
        files = _files(problem)
        if not any(files <= known for known in leads):
            leads[files] = _finding(problem, fixer)
        broken = calls.setdefault(problem.request.call.site.location, {})
        if not any(files <= known for known in broken):
            broken[files] = BrokenRequest(site_of(problem.request), problem.position, problem.tiers)
    return Group(
        tuple((finding, tuple(sorted(files))) for files, finding in leads.items()),
        tuple((each, tuple(sorted(files))) for broken in calls.values() for files, each in broken.items()),
    )


def _files(problem: Problem) -> frozenset[str]:
    """The files of the place to change, of the request and of all places on the way between them."""
    sites = [problem.site, problem.request.call.site]
    if problem.variation is not None:
        sites += [step.site for step in (*problem.variation.steps, *problem.request.call.chain)]
    return frozenset(site.segment.module.filename for site in sites)


def _finding(problem: Problem, fixer: Fixer | None) -> Finding:
    rule = rulebook().find(problem.code)
    assert rule is not None, problem.code
    variation = problem.variation
    location = problem.site.location
    return Finding(
        code=problem.code,
        name=rule.name,
        severity=problem.severity or rule.severity,
        confidence=_least(problem.confidence or rule.confidence, problem.request.call.confidence),
        message=problem.message,
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
    )


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
