"""The source line that makes a prefix vary, where the analyzer can name it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cachelint.findings import Finding

_ABOUT_PREFIXES = ("CL1", "CL2", "CL3", "CL4")


def blamed_lines(origin: str | None) -> Iterator[str]:
    """One line for each finding of `cachelint check` about the request that `origin` (``agent.py:33``) sends.

    Reads the project below the working directory. That takes its time, so it is done for a test that fails anyway; and
    a test must fail for its own reason, so whatever goes wrong here only means that nothing is named.
    """
    filename, _, row = (origin or "").rpartition(":")
    if not row.isdigit():
        return
    try:
        findings = _findings(Path.cwd())
    except Exception:
        return
    for finding in findings:
        if _is_about(finding, filename, int(row)):
            place = finding.location
            yield f"{place.filename}:{place.row}:{place.column}: {finding.code} {finding.name}: {finding.context}"


def _findings(root: Path) -> tuple[Finding, ...]:
    from cachelint.analysis import analyze
    from cachelint.config import Settings

    return analyze(root, [root], Settings()).findings


def _is_about(finding: Finding, filename: str, row: int) -> bool:
    site = finding.request.location if finding.request else None
    if site is None or not finding.code.startswith(_ABOUT_PREFIXES):
        return False
    return site.filename == filename and site.row <= row <= site.end_row
