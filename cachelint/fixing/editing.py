"""Edits applied to texts: each fix as a whole or not at all, and never two on one place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cachelint.findings import Edit, Finding, Location

_LINE_END = re.compile(r"\r\n|\r|\n")
_NOTEBOOK = ".ipynb"


@dataclass(frozen=True, slots=True)
class FixedSources:
    """What applying fixes has made of some texts."""

    texts: Mapping[str, str]
    """The files that have changed, by name."""
    applied: tuple[Finding, ...]
    postponed: tuple[Finding, ...]
    """Findings whose edits overlap with those of others, or stand in a file whose text is not given."""


def apply_fixes(sources: Mapping[str, str], findings: Iterable[Finding], *, unsafe: bool = False) -> FixedSources:
    """Apply the fixes of `findings` to texts by file name; unsafe ones where `unsafe` is set."""
    taken: dict[str, list[Edit]] = {}
    applied: list[Finding] = []
    postponed: list[Finding] = []
    for finding in findings:
        fix = finding.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        edits = list(dict.fromkeys(fix.edits))
        known = all(edit.location.filename in sources for edit in edits)
        if not known or any(_collide(edit, other) for edit in edits for other in taken.get(edit.location.filename, ())):
            postponed.append(finding)
            continue
        applied.append(finding)
        for edit in edits:
            taken.setdefault(edit.location.filename, []).append(edit)
    texts = {filename: edited(sources[filename], edits) for filename, edits in taken.items()}
    return FixedSources(texts, tuple(applied), tuple(postponed))


def is_in_notebook(finding: Finding) -> bool:
    """Whether a fix would have to change a notebook."""
    return finding.fix is not None and any(_NOTEBOOK in edit.location.filename for edit in finding.fix.edits)


def _collide(edit: Edit, other: Edit) -> bool:
    """Whether two edits share a character, or insert at one place."""
    if edit.location == other.location:
        return True
    start, end = _ends(edit.location)
    other_start, other_end = _ends(other.location)
    return start < other_end and other_start < end


def _ends(span: Location) -> tuple[tuple[int, int], tuple[int, int]]:
    return (span.row, span.column), (span.end_row, span.end_column)


def edited(text: str, edits: Sequence[Edit]) -> str:
    """A text with spans replaced; new lines end as the others do."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    line_end = "\r\n" if "\r\n" in text else "\n"
    for edit in sorted(edits, key=lambda edit: _ends(edit.location), reverse=True):
        span = edit.location
        start, end = starts[span.row - 1] + span.column - 1, starts[span.end_row - 1] + span.end_column - 1
        text = text[:start] + edit.content.replace("\n", line_end) + text[end:]
    return text
