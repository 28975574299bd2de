"""Findings as diagnostics."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lsprotocol.types import (
    CodeDescription,
    Diagnostic,
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    DiagnosticTag,
)
from lsprotocol.types import (
    Location as Link,
)

from cachelint.findings import Finding, Location, Severity
from cachelint.lsp.positions import Positions
from cachelint.rulebook import rulebook, rules_folder
from cachelint.unused_suppressions import CODE as UNUSED_SUPPRESSION

SOURCE = "cachelint"

_SEVERITIES = {
    Severity.ERROR: DiagnosticSeverity.Error,
    Severity.WARNING: DiagnosticSeverity.Warning,
    Severity.INFO: DiagnosticSeverity.Information,
}


class Diagnoses:
    """Makes diagnostics from the findings of one check."""

    def __init__(self, positions: Positions, texts: Mapping[str, str], uri_of: Callable[[str], str]) -> None:
        self._positions = positions
        self._texts = texts
        self._uri_of = uri_of

    def of(self, finding: Finding) -> Diagnostic:
        """The diagnostic, with the path from source to request as related information."""
        return Diagnostic(
            range=self.link(finding.location).range,
            message="\n".join(filter(None, (finding.message, finding.impact, finding.advice))),
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            code_description=_description(finding.code),
            source=SOURCE,
            tags=[DiagnosticTag.Unnecessary] if finding.code == UNUSED_SUPPRESSION else None,
            related_information=self._path(finding) or None,
        )

    def link(self, location: Location) -> Link:
        """The place of a location in the client's terms."""
        text = self._texts.get(location.filename, "")
        return Link(self._uri_of(location.filename), self._positions.range_of(location, text))

    def _path(self, finding: Finding) -> list[DiagnosticRelatedInformation]:
        steps = [(step.location, step.message) for step in finding.flow if step.location != finding.location]
        request = finding.request
        if request and request.location not in (finding.location, *(place for place, _ in steps)):
            steps.append((request.location, f"sent by {request.method}"))
        return [DiagnosticRelatedInformation(self.link(location), message) for location, message in steps]


def _description(code: str) -> CodeDescription | None:
    """A link to the rule's text, which lies on this machine and fits this version."""
    rule = rulebook().find(code)
    return CodeDescription((rules_folder() / rule.path).as_uri()) if rule else None
