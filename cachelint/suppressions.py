"""Suppression comments: `# cachelint: ignore[CL101] reason`, and `ignore-file` in its place for a whole file.

A comment counts for its line; where that line ends a string or a statement that was continued from earlier lines, for
those too. A finding is suppressed by a comment on any line of its span or of any place on its path.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cachelint.errors import ConfigurationError
from cachelint.findings import Finding, Location
from cachelint.rulebook import Rulebook

MARKER = "cachelint:"
"""What a text must contain to have a suppression."""

_COMMENT = re.compile(r"#\s*cachelint:\s*ignore(?P<file>-file)?(?:\[(?P<codes>[^\]]*)\])?[^#]*")
_SEPARATOR = re.compile(r"\s*,\s*")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment that suppresses findings."""

    location: Location
    """The comment, up to the next ``#``."""
    selectors: tuple[str, ...]
    """As written: codes, names or families. Empty where the comment names none, which suppresses nothing."""
    whole_file: bool
    first_row: int
    """The first of the lines that it counts for; the last is its own."""

    def covers(self, location: Location) -> bool:
        """Whether it counts for a line of `location`, which lies in the same file."""
        if self.whole_file:
            return True
        return self.first_row <= location.end_row and location.row <= self.location.row


@dataclass(frozen=True, slots=True)
class Applied:
    """Findings after suppression."""

    findings: tuple[Finding, ...]
    """Those that no comment suppresses."""
    suppressed: int
    used: frozenset[tuple[Suppression, str]]
    """Each comment with each of its selectors that suppressed something."""


def read_suppressions(filename: str, source: str) -> tuple[Suppression, ...]:
    """The suppression comments of a file, in order; none from where it stops being Python."""
    if MARKER not in source:
        return ()
    return tuple(_suppressions(filename, source))


def apply_suppressions(findings: Iterable[Finding], suppressions: Iterable[Suppression], rules: Rulebook) -> Applied:
    """The findings that remain when `suppressions` have done their work."""
    by_file: dict[str, list[Suppression]] = {}
    for suppression in suppressions:
        by_file.setdefault(suppression.location.filename, []).append(suppression)
    used: set[tuple[Suppression, str]] = set()
    remaining = []
    total = 0
    for finding in findings:
        total += 1
        matches = {
            (suppression, selector)
            for place in _places(finding)
            for suppression in by_file.get(place.filename, ())
            if suppression.covers(place)
            for selector in suppression.selectors
            if finding.code in codes_of(selector, rules)
        }
        used |= matches
        if not matches:
            remaining.append(finding)
    return Applied(tuple(remaining), total - len(remaining), frozenset(used))


def codes_of(selector: str, rules: Rulebook) -> frozenset[str]:
    """The codes that a selector in a comment stands for, none where it is unknown: a comment never stops a run."""
    try:
        return rules.expand([selector])
    except ConfigurationError:
        return frozenset()


def _places(finding: Finding) -> Iterator[Location]:
    yield finding.location
    yield from (step.location for step in finding.flow)
    if finding.request:
        yield finding.request.location


def _suppressions(filename: str, source: str) -> Iterator[Suppression]:
    for row, column, text, first_row in _comments(source):
        for match in _COMMENT.finditer(text):
            written = match[0].rstrip()
            start = column + match.start() + 1
            yield Suppression(
                location=Location(filename, row, start, row, start + len(written)),
                selectors=tuple(filter(None, _SEPARATOR.split((match["codes"] or "").strip()))),
                whole_file=bool(match["file"]),
                first_row=first_row,
            )


def _comments(source: str) -> Iterator[tuple[int, int, str, int]]:
    """Row, column counted from 0, text, and the first of the lines that are joined to the comment's line."""
    first_row = 1
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield (*token.start, token.string, first_row)
            elif token.type in (tokenize.NEWLINE, tokenize.NL):
                first_row = token.start[0] + 1
    except (tokenize.TokenError, SyntaxError):
        return
