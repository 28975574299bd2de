"""What an analysis says of a whole project, and what of it concerns the files that are reported on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cachelint.analysis import Analysis, RequestView
from cachelint.findings import BrokenRequest, Finding, Location, Note

if TYPE_CHECKING:
    from cachelint.analysis.trace import Trace


@dataclass(frozen=True, slots=True)
class Group:
    """The problems of one kind at one place: a single finding, about that request in scope which suffers most."""

    leads: tuple[tuple[Finding, tuple[str, ...]], ...]
    """Findings about one request, the worst first, each with the files of which one must be in scope."""
    broken: tuple[tuple[BrokenRequest, tuple[str, ...]], ...]
    """All requests, the worst first, each with the files of which one must be in scope."""

    def finding(self, scope: Set[str]) -> Finding | None:
        """The finding for the files in scope; None when it is about none of them."""
        lead = next((finding for finding, files in self.leads if not scope.isdisjoint(files)), None)
        if lead is None or lead.request is None:
            return lead
        calls: dict[Location, BrokenRequest] = {}
        for each, files in self.broken:
            if not scope.isdisjoint(files):
                calls.setdefault(each.site.location, each)
        del calls[lead.request.location]
        if not calls:
            return lead
        message = f"{lead.message} So it is in {len(calls)} other request{'s' if len(calls) > 1 else ''}."
        return replace(lead, message=message, others=tuple(each for _, each in sorted(calls.items())))


@dataclass(frozen=True, slots=True)
class ProjectOutcome:
    """What is found by following prompts through the project."""

    groups: tuple[Group, ...] = ()
    requests: tuple[RequestView, ...] = ()
    notes: tuple[Note, ...] = ()
    unparsed: tuple[Note, ...] = ()
    """Notes that only concern those who ask for the file."""
    unreadable: tuple[Finding, ...] = ()
    """Files that may send a prompt and cannot be read."""
    caching: tuple[str, ...] = ()
    """The programs that send requests with breakpoints, by `program_of`."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """The texts that the findings of `groups` point into."""
    looked_up: Mapping[str, str | None] = field(default_factory=dict)
    """Files that are not Python and were looked for, with digests of their texts; None for those that are not there."""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What is found in a file by itself; `sources` are the texts that its findings point into."""

    findings: tuple[Finding, ...] = ()
    commented: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Results:
    """What a run has found, and what that was made of."""

    project: ProjectOutcome
    files: Mapping[str, FileOutcome]
    """Of the files in scope, those with an outcome of their own."""
    trace: Trace


def program_of(filename: str) -> str:
    """The top folder of a file: a repository of several programs has one for each."""
    return filename.partition("/")[0] if "/" in filename else ""


def reported(project: ProjectOutcome, files: Mapping[str, FileOutcome], scope: Set[str]) -> Analysis:
    """The part of an outcome that concerns the files in scope; `files` has those with an outcome of their own."""
    found = [*_findings(project, scope), *(each for file in files.values() for each in file.findings)]
    found += [each for each in project.unreadable if each.location.filename in scope]
    texts = {**project.sources, **{name: text for file in files.values() for name, text in file.sources.items()}}
    places = {place.filename for finding in found for place in places_of(finding)}
    return Analysis(
        tuple(sorted(found, key=lambda finding: (finding.location, finding.code))),
        tuple(each for each in project.requests if _file(each.site.location) in scope),
        (*project.notes, *(each for each in project.unparsed if _file(each.location) in scope)),
        len(scope),
        {name: texts[name] for name in places if name in texts},
        {name: text for _, file in sorted(files.items()) for name, text in file.commented.items()},
    )


def places_of(finding: Finding) -> Iterator[Location]:
    """Every place that a finding speaks of, or that its fix would change."""
    yield finding.location
    yield from (step.location for step in finding.flow)
    yield from (edit.location for edit in (finding.fix.edits if finding.fix is not None else ()))


def _findings(project: ProjectOutcome, scope: Set[str]) -> Iterator[Finding]:
    """The findings of groups; of those with one code at one location the most severe."""
    found = [finding for group in project.groups if (finding := group.finding(scope)) is not None]
    yield from {
        (finding.code, finding.location): finding
        for finding in sorted(found, key=lambda finding: finding.severity.rank)
    }.values()


def _file(location: Location) -> str:
    return location.filename.partition("#")[0]
