"""A check from start to end: analysis, suppressions, selection, changed lines, baseline."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cachelint.analysis import Analysis, analyze
from cachelint.baseline import Baseline, Compared, Entry, baseline_of, compare, merged
from cachelint.config import Settings
from cachelint.findings import Finding
from cachelint.fixing import fix_of
from cachelint.formats.interface import Outcome
from cachelint.new_rules import NewRules, new_rules
from cachelint.rulebook import Rulebook, rulebook
from cachelint.selection import selection
from cachelint.suppressions import apply_suppressions, read_suppressions
from cachelint.unused_suppressions import unused_suppressions

if TYPE_CHECKING:
    from cachelint.changed_lines import ChangedLines


@dataclass(frozen=True, slots=True)
class Question:
    """What is checked, and against what."""

    root: Path
    """The project's root: imports are resolved below it, filenames are relative to it."""
    targets: Sequence[Path]
    """Files and folders whose findings are reported."""
    settings: Settings
    stdin: tuple[str, bytes] | None = None
    """Filename and content of a source that is not read from disk."""
    rewritten: Mapping[str, str] = field(default_factory=dict)
    """Texts by filename that stand for what is on disk."""
    since: ChangedLines | None = None
    """Report only what touches these lines."""
    baseline: Baseline | None = None
    """Report only what this does not know."""
    cache: Path | None = None
    """Folder of the result cache; None analyses in any case."""

    def looked_for(self, entry: Entry, codes: frozenset[str]) -> bool:
        """Whether a run with these codes reports what a baseline's entry is about, where it is still there."""
        if self.since is not None or entry.code not in codes:
            return False
        if self.stdin is not None:
            return entry.filename == self.stdin[0]
        file = (self.root / entry.filename.partition("#")[0]).resolve()
        return any(file.is_relative_to(target.resolve()) for target in self.targets)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check found."""

    outcome: Outcome
    analysis: Analysis
    compared: Compared | None
    """Against the baseline, where there is one."""
    codes: frozenset[str]
    """The rules that were selected."""
    new_rules: NewRules
    """The rules that the project does not know yet."""

    def as_baseline(self, question: Question, earlier: Baseline | None) -> Baseline:
        """A baseline that knows everything that is reported, and what `earlier` knows beyond the question."""
        new = baseline_of(self.outcome.findings, self.codes)
        if earlier is None:
            return new
        return merged(new, earlier, lambda entry: question.looked_for(entry, self.codes))


def check(question: Question) -> Answer:
    """Runs the check. Raises `ConfigurationError` for selectors that stand for no rule."""
    rules = rulebook()
    selected = selection(question.settings, rules)
    started = time.perf_counter()
    analysis = analyze(
        question.root,
        question.targets,
        question.settings,
        stdin=question.stdin,
        rewritten=question.rewritten,
        fixer=fix_of,
        cache=question.cache,
    )
    findings, suppressed = _after_suppressions(analysis, rules)
    reported = [finding for finding in findings if selected.keeps(finding) and _touched(finding, question.since)]
    compared = _compared(question, reported, selected.codes)
    unknown = _new_rules(question, reported, rules)
    outcome = Outcome(
        findings=tuple(unknown.marked(finding) for finding in (compared.new if compared else reported)),
        source=analysis.source,
        path=shown_path(question.root),
        requests=len(analysis.requests),
        files=analysis.files,
        seconds=time.perf_counter() - started,
        suppressed=suppressed,
        known=compared.known if compared else 0,
    )
    return Answer(outcome, analysis, compared, selected.codes, unknown)


def fails(outcome: Outcome, settings: Settings) -> bool:
    """Whether something is at or above `fail-on`; what rules later than `rules-version` find does not count."""
    return any(
        finding.severity.rank >= settings.fail_on.rank
        for finding in outcome.findings
        if finding.new_in is None or settings.rules_version is None
    )


def _compared(question: Question, reported: list[Finding], codes: frozenset[str]) -> Compared | None:
    if question.baseline is None:
        return None
    return compare(reported, question.baseline, lambda entry: question.looked_for(entry, codes))


def _new_rules(question: Question, reported: list[Finding], rules: Rulebook) -> NewRules:
    """The rules that are new to the project; without findings they are not looked at, which would take time."""
    needed = bool(reported) or question.settings.rules_version is not None
    return new_rules(question.settings, question.baseline, rules) if needed else NewRules({})


def shown_path(root: Path) -> Callable[[str], str]:
    """Turns filenames below `root` into paths relative to the working folder, absolute where they lie outside it."""
    root, working_folder = root.resolve(), Path.cwd()
    if root == working_folder:
        return str

    def show(filename: str) -> str:
        path = Path(os.path.normpath(root / filename))
        return (path.relative_to(working_folder) if path.is_relative_to(working_folder) else path).as_posix()

    return show


def _after_suppressions(analysis: Analysis, rules: Rulebook) -> tuple[tuple[Finding, ...], int]:
    """What comments leave over together with what is wrong with comments, sorted; and how many were suppressed."""
    filenames = sorted({*analysis.commented, *_filenames(analysis.findings)})
    suppressions = [each for filename in filenames for each in read_suppressions(filename, analysis.source(filename))]
    applied = apply_suppressions(analysis.findings, suppressions, rules)
    in_scope = frozenset(analysis.commented)
    candidates = [each for each in suppressions if each.location.filename in in_scope]
    unused = unused_suppressions(candidates, applied, rules, analysis.source)
    both = sorted((*applied.findings, *unused), key=lambda finding: (finding.location, finding.code))
    return tuple(both), applied.suppressed


def _filenames(findings: Iterable[Finding]) -> set[str]:
    """The files that a suppression of `findings` may stand in."""
    return {
        location.filename
        for finding in findings
        for location in (
            finding.location,
            *(step.location for step in finding.flow),
            *((finding.request.location,) if finding.request else ()),
        )
    }


def _touched(finding: Finding, since: ChangedLines | None) -> bool:
    return since is None or since.touch(finding)
