"""Analysis and edits in turn, until nothing changes: what stays is only what has removed its finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cachelint.analysis.newer_syntax import parsed
from cachelint.findings import Finding
from cachelint.fixing.editing import FixedSources, apply_fixes, is_in_notebook

MAXIMUM_ROUNDS = 12
"""Each round runs the analysis; one is enough for most projects, and one more proves it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What an analysis has found, and the texts that it has read."""

    findings: Sequence[Finding]
    source: Callable[[str], str]
    """The text of a file; empty when it is not known."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """The outcome of all rounds."""

    texts: Mapping[str, str]
    """The files that have changed, by name."""
    applied: tuple[Finding, ...]
    notebooks: tuple[Finding, ...]
    """Findings with a fix that would have to change a notebook, which is left alone."""


Check = Callable[[Mapping[str, str]], Checked]
"""Runs the analysis with some texts in place of what is on disk."""


def fix_all(check: Check, *, unsafe: bool = False, first: Checked | None = None) -> Fixed:
    """Apply fixes until none is left that helps. `first` is the outcome of `check({})`, when it is known already."""
    return _Rounds(check, unsafe).run(first or check({}))


class _Rounds:
    def __init__(self, check: Check, unsafe: bool) -> None:
        self._check = check
        self._unsafe = unsafe
        self._texts: dict[str, str] = {}
        self._applied: list[Finding] = []
        self._useless: set[str] = set()
        """Fingerprints of findings that their fix does not remove."""
        self._alone = False
        """Whether one fix is tried at a time, because several together have not done what they promise."""

    def run(self, checked: Checked) -> Fixed:
        notebooks = tuple(finding for finding in checked.findings if is_in_notebook(finding))
        for _ in range(MAXIMUM_ROUNDS):
            candidates = [finding for finding in checked.findings if self._is_candidate(finding)]
            if self._alone:
                candidates = candidates[:1]
            attempt = apply_fixes(self._sources(candidates, checked), candidates, unsafe=self._unsafe)
            if not attempt.applied:
                break
            after = self._check({**self._texts, **attempt.texts}) if parses(attempt.texts.values()) else None
            if after is not None and _helps(attempt, checked.findings, after.findings):
                self._texts.update(attempt.texts)
                self._applied += attempt.applied
                checked = after
            elif len(attempt.applied) == 1:
                self._useless.add(attempt.applied[0].fingerprint)
            else:
                self._alone = True
        return Fixed(self._texts, tuple(self._applied), notebooks)

    def _is_candidate(self, finding: Finding) -> bool:
        fix = finding.fix
        return (
            fix is not None
            and (fix.safe or self._unsafe)
            and finding.fingerprint not in self._useless
            and not is_in_notebook(finding)
        )

    def _sources(self, candidates: Iterable[Finding], checked: Checked) -> dict[str, str]:
        names = {edit.location.filename for finding in candidates if finding.fix for edit in finding.fix.edits}
        return {name: text for name in names if (text := self._texts.get(name) or checked.source(name))}


def parses(texts: Iterable[str]) -> bool:
    """Whether all of these are Python."""
    try:
        for text in texts:
            parsed(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _helps(attempt: FixedSources, before: Iterable[Finding], after: Iterable[Finding]) -> bool:
    """Whether each finding that was fixed is gone, and no other has come in its place.

    Lines move and change, so that findings are counted by rule and file.
    """
    counts, left = Counter(map(_kind, before)), Counter(map(_kind, after))
    removed = Counter(map(_kind, attempt.applied))
    return all(left[kind] <= counts[kind] - removed[kind] for kind in counts.keys() | left.keys())


def _kind(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.location.filename
