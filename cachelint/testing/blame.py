"""The source line that makes a prefix vary, where the analyzer can name it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from cachelint.findings import Finding
from cachelint.runtime.difference import Difference

_ABOUT_PREFIXES = ("CL1", "CL2", "CL3", "CL4")

_SUSPECTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "timestamp": ("CL101",),
        "time": ("CL101",),
        "date": ("CL101",),
        "epoch": ("CL101",),
        "uuid": ("CL102",),
        "hex": ("CL102",),
        "address": ("CL104",),
        "path": ("CL104", "CL105"),
        "reordered-keys": ("CL2",),
        "reordered-items": ("CL2",),
        "reordered-lines": ("CL2",),
    }
)
"""What a difference looks like, or how an order changed, to the rules about what looks so."""


def suspects(difference: Difference | None) -> tuple[str, ...]:
    """The codes and families of what can have made a difference; none where it looks like nothing in particular."""
    if difference is None:
        return ()
    return tuple(
        code for seen in (difference.change, difference.before, difference.after) for code in _SUSPECTS.get(seen, ())
    )


def blamed_lines(origin: str | None, suspected: tuple[str, ...] = ()) -> Iterator[str]:
    """One line for each finding of `cachelint check` about the request that `origin` (``agent.py:33``) sends.

    Where some of them have a code or family that is `suspected`, the others are left out.

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
    about = [finding for finding in findings if _is_about(finding, filename, int(row))]
    for finding in [finding for finding in about if finding.code.startswith(suspected)] or about:
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
