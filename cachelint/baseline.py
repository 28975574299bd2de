"""The baseline: the findings that a project had when it adopted cachelint, so that only new ones are reported.

It is a JSON file for version control. How many times a finding occurs is counted, so that a second copy of a known
problem is new. A finding whose message changed is still known by its code, file and line of source.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from cachelint.errors import InputError
from cachelint.findings import Finding

SCHEMA = "cachelint-baseline/1"

_Key = TypeVar("_Key")
_Context = tuple[str, str, str]
"""Code, filename and the line's text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One known finding and how many times it occurs."""

    fingerprint: str
    code: str
    name: str
    filename: str
    context: str
    count: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known, and which rules existed when it was written."""

    entries: tuple[Entry, ...]
    rules: frozenset[str]
    """Codes of the rules that the run could report."""
    version: str
    """Of the cachelint that wrote it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings against a baseline."""

    new: tuple[Finding, ...]
    known: int
    gone: int
    """Occurrences in the baseline that are no longer found."""
    new_codes: tuple[str, ...]
    """Codes of new findings whose rules did not exist, or were not selected, when the baseline was written."""
    version: str
    """Of the cachelint that wrote the baseline."""


def baseline_of(findings: Iterable[Finding], rules: Iterable[str]) -> Baseline:
    """The baseline that knows all `findings`; `rules` are the codes that the run could report."""
    # Costs as much as the rest of this module's imports, and few runs write a baseline.
    from cachelint import __version__

    counts: Counter[str] = Counter()
    first: dict[str, Finding] = {}
    for finding in findings:
        counts[finding.fingerprint] += 1
        first.setdefault(finding.fingerprint, finding)
    entries = [
        Entry(fingerprint, finding.code, finding.name, finding.location.filename, finding.context, counts[fingerprint])
        for fingerprint, finding in first.items()
    ]
    return Baseline(_sorted(entries), frozenset(rules), __version__)


def everything(_entry: Entry) -> bool:
    """That of a run over a whole project with all its rules: there is nothing that it could not have found."""
    return True


def merged(new: Baseline, earlier: Baseline, looked_for: Callable[[Entry], bool]) -> Baseline:
    """The `new` baseline, with what the `earlier` one knows that the run has not `looked_for`."""
    kept = [entry for entry in earlier.entries if not looked_for(entry)]
    return Baseline(_sorted([*new.entries, *kept]), new.rules | {entry.code for entry in kept}, new.version)


def compare(
    findings: Sequence[Finding], baseline: Baseline, looked_for: Callable[[Entry], bool] = everything
) -> Compared:
    """Which of `findings` are new: first by fingerprint, then by code, file and line.

    Only what was `looked_for` and not found is gone.
    """
    by_fingerprint = Counter({entry.fingerprint: entry.count for entry in baseline.entries})
    context_of = {entry.fingerprint: (entry.code, entry.filename, entry.context) for entry in baseline.entries}
    unmatched = [finding for finding in findings if not _take(by_fingerprint, finding.fingerprint)]
    by_context: Counter[_Context] = Counter()
    for fingerprint, count in by_fingerprint.items():
        by_context[context_of[fingerprint]] += count
    looked_for_entries = [entry for entry in baseline.entries if looked_for(entry)]
    new = [
        finding
        for finding in unmatched
        if not _take(by_context, (finding.code, finding.location.filename, finding.context))
    ]
    return Compared(
        new=tuple(new),
        known=len(findings) - len(new),
        gone=sum(by_context[context] for context in {context_of[each.fingerprint] for each in looked_for_entries}),
        new_codes=tuple(sorted({finding.code for finding in new} - baseline.rules)),
        version=baseline.version,
    )


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file; raises `InputError` where there is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema"] != SCHEMA:
            raise InputError(f"{path} is a baseline of another version of cachelint ({document['schema']!r})")
        entries = tuple(Entry(**entry) for entry in document["findings"])
        return Baseline(entries, frozenset(document["rules"]), document["version"])
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; `--baseline {path} --write-baseline` creates it") from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not a baseline of cachelint: {error}") from None


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Writes a baseline, the same bytes for the same findings; raises `InputError` where that is impossible."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "version": baseline.version,
        "rules": sorted(baseline.rules),
        "findings": [asdict(entry) for entry in baseline.entries],
    }
    try:
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def _sorted(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.filename, entry.code, entry.context, entry.fingerprint)))


def _take(counts: Counter[_Key], key: _Key) -> bool:
    """Takes one of `key` off `counts`; False where none is left."""
    if counts[key] <= 0:
        return False
    counts[key] -= 1
    return True
