"""Words that several formats use: counts, how often a value changes, a run in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from cachelint.findings import Finding, Severity
from cachelint.fixing.editing import is_in_notebook
from cachelint.formats.interface import Outcome

_CHANGES: Mapping[str, str] = MappingProxyType(
    {
        "request": "changes on every request",
        "turn": "changes on every turn",
        "session": "changes with every session",
        "process": "changes with every process",
        "host": "differs from host to host",
        "day": "changes every day",
        "deploy": "changes with every deployment",
    }
)


def counted(number: int, noun: str) -> str:
    """``1 problem``, ``1,204 files``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def changes(period: str | None) -> str | None:
    """How often something of this `period` changes, as a phrase; None for None."""
    return None if period is None else _CHANGES.get(period, f"changes every {period}")


def label(finding: Finding) -> str:
    """``CL101 clock-in-prefix``, and of a rule that the project does not know yet, in which version it is new."""
    new = f" (new in {finding.new_in})" if finding.new_in else ""
    return f"{finding.code} {finding.name}{new}"


def judgement(finding: Finding) -> str:
    """``error, changes on every request``."""
    parts = (str(finding.severity), changes(finding.period), "low confidence" if finding.confidence == "low" else None)
    return ", ".join(part for part in parts if part)


def measured(finding: Finding, outcome: Outcome) -> str | None:
    """What logs say of the finding, in a sentence; None where they were not read."""
    if finding.usage is None:
        return None
    from cachelint.rendering.usage import usage_sentence  # imports a part of the report, which few runs need

    return usage_sentence(finding, outcome)


def summary(outcome: Outcome) -> str:
    """The run in one sentence or two: what was found, in how much, and what can be done at once. A line for logs."""
    extent = f"{counted(outcome.files, 'file')} in {outcome.seconds:.1f} s"
    if outcome.findings:
        text = f"Found {_problems(outcome.findings)}{_share_of_requests(outcome)}; {extent}."
    elif outcome.requests:
        text = f"No problems in {counted(outcome.requests, 'request')}; {extent}."
    else:
        text = f"Found no call that sends a prompt; {extent}. A client of your own is declared under `sinks`."
    fixed = f"Fixed {counted(outcome.fixed, 'problem')}." if outcome.fixed else ""
    found = " ".join(part for part in (fixed, text, _fixable(outcome.findings), _hidden(outcome)) if part)
    return "\n".join(line for line in (found, _in_logs(outcome)) if line)


def _problems(findings: tuple[Finding, ...]) -> str:
    by_severity = Counter(finding.severity for finding in findings)
    parts = [
        f"{by_severity[severity]:,} info" if severity is Severity.INFO else counted(by_severity[severity], severity)
        for severity in reversed(Severity)
        if by_severity[severity]
    ]
    return f"{counted(len(findings), 'problem')} ({', '.join(parts)})"


def _share_of_requests(outcome: Outcome) -> str:
    """`` in 2 of 41 requests``; nothing where the findings are about none, and none was looked at."""
    broken = len({finding.request.location for finding in outcome.findings if finding.request})
    if broken > outcome.requests:
        # Where only some files are reported on: what they break may be sent from others.
        return f" in {counted(broken, 'request')}"
    return f" in {broken:,} of {counted(outcome.requests, 'request')}" if outcome.requests else ""


def _fixable(findings: tuple[Finding, ...]) -> str:
    fixes = [finding.fix for finding in findings if finding.fix and not is_in_notebook(finding)]
    safe = sum(fix.safe for fix in fixes)
    unsafe = len(fixes) - safe
    if safe and unsafe:
        return f"{safe:,} fixable with --fix, {unsafe:,} more with --unsafe-fixes."
    if unsafe:
        return f"{unsafe:,} fixable with --fix --unsafe-fixes."
    return f"{safe:,} fixable with --fix." if safe else ""


def _in_logs(outcome: Outcome) -> str:
    if outcome.measured is None:
        return ""
    from cachelint.rendering.usage import measured_sentence

    return measured_sentence(outcome.measured)


def _hidden(outcome: Outcome) -> str:
    parts = (
        f"{outcome.suppressed:,} suppressed" if outcome.suppressed else "",
        f"{outcome.known:,} in the baseline" if outcome.known else "",
    )
    text = ", ".join(part for part in parts if part)
    return f"{text}." if text else ""
