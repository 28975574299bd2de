"""What is found in files by themselves: counters read wrongly, comments that suppress, files that cannot be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from cachelint.analysis.accounting import accounting
from cachelint.analysis.deep_stack import with_deep_stack
from cachelint.analysis.mentions import SUPPRESSION, is_notable
from cachelint.analysis.outcome import FileOutcome, places_of, program_of
from cachelint.analysis.project import Project
from cachelint.findings import Confidence, Finding, Location, Severity
from cachelint.rulebook import rulebook


def examine(files: Mapping[str, Path | bytes], caching: Collection[str]) -> dict[str, FileOutcome]:
    """The outcomes of files that are notable; `caching` as in `ProjectOutcome`."""
    project = Project(files)
    return with_deep_stack(lambda: file_outcomes(project, files, caching))


def file_outcomes(project: Project, filenames: Iterable[str], caching: Collection[str]) -> dict[str, FileOutcome]:
    """The outcomes of those of some files that are notable."""
    return {
        filename: _outcome(project, filename, caches=program_of(filename) in caching)
        for filename in filenames
        if not project.content(filename) or is_notable(filename, project.content(filename))
    }


def _outcome(project: Project, filename: str, *, caches: bool) -> FileOutcome:
    found = list(accounting(project, filename, caches=caches))
    sources = _texts(project, filename, {place.filename for each in found for place in places_of(each)})
    if not project.content(filename):
        found += unreadable(project, filename)
    return FileOutcome(tuple(found), _commented(project, filename), sources)


def unreadable(project: Project, filename: str) -> list[Finding]:
    """That a file cannot be read, where it cannot."""
    problem = project.problem(filename)
    if problem is None:
        return []
    rule = rulebook().find("CL902")
    name, advice = (rule.name, rule.help) if rule is not None else ("unreadable-file", None)
    severity = rule.severity if rule is not None else Severity.WARNING
    location = Location(filename, problem.row, 1, problem.row, 2)
    message = f"This file {problem}."
    return [Finding("CL902", name, severity, Confidence.HIGH, message, location, advice=advice)]


def _commented(project: Project, filename: str) -> dict[str, str]:
    if SUPPRESSION not in project.content(filename):
        return {}
    module = project.module(filename)
    return _texts(project, filename, module.text_names if module is not None else ())


def _texts(project: Project, filename: str, names: Iterable[str]) -> dict[str, str]:
    module = project.module(filename) if names else None
    return {name: module.text_of(name) for name in names} if module is not None else {}
