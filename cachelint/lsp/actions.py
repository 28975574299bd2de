"""Fixes and suppressions as code actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lsprotocol.types import (
    CodeAction,
    CodeActionKind,
    Diagnostic,
    OptionalVersionedTextDocumentIdentifier,
    TextDocumentEdit,
    TextEdit,
    WorkspaceEdit,
)

from cachelint.adoption import with_comments
from cachelint.findings import Edit, Finding, Fix, Location
from cachelint.fixing.editing import apply_fixes
from cachelint.fixing.rounds import parses
from cachelint.lsp.positions import Positions
from cachelint.rendering.excerpt import source_lines
from cachelint.unused_suppressions import CODE as UNUSED_SUPPRESSION

FIX_ALL = f"{CodeActionKind.SourceFixAll.value}.cachelint"
"""The kind to name in a setting that fixes when a file is saved."""

REASON = "reason"
"""What a new suppression gives as its reason, for people to replace."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding together with the diagnostic that shows it."""

    finding: Finding
    diagnostic: Diagnostic


@dataclass(frozen=True, slots=True)
class Target:
    """Where the edits of a file go."""

    uri: str
    version: int | None
    """None for a file that is not open."""
    text: str
    """What the edits were made for."""


class Actions:
    """Makes code actions for the findings of one check."""

    def __init__(self, positions: Positions, target_of: Callable[[str], Target], *, versioned: bool) -> None:
        """`target_of` takes a filename; `versioned` says whether the client takes edits for versions of documents."""
        self._positions = positions
        self._target_of = target_of
        self._versioned = versioned

    def fix(self, shown: Shown, fix: Fix) -> CodeAction:
        """The fix of one finding."""
        remark = "" if fix.safe else " (unsafe: may change what is sent)"
        return CodeAction(
            title=f"{shown.finding.code}: {fix.message}{remark}",
            kind=CodeActionKind.QuickFix,
            diagnostics=[shown.diagnostic],
            is_preferred=True if fix.safe else None,
            edit=self._workspace_edit(fix.edits),
        )

    def suppression(self, shown: Shown) -> CodeAction | None:
        """A comment that suppresses one finding; None for a finding about such a comment."""
        finding = shown.finding
        if finding.code == UNUSED_SUPPRESSION:
            return None
        filename = finding.location.filename
        text = self._target_of(filename).text
        commented = with_comments(text, {finding.location.row: (finding.code,)}, REASON)
        return CodeAction(
            title=f"{finding.code}: Suppress by a comment",
            kind=CodeActionKind.QuickFix,
            diagnostics=[shown.diagnostic],
            edit=self._workspace_edit(_changed_lines(filename, text, commented)),
        )

    def fix_all(self, findings: Iterable[Finding]) -> CodeAction | None:
        """Every safe fix of `findings` at once; None where there is none, or where the outcome would be no Python."""
        candidates = [finding for finding in findings if finding.fix and finding.fix.safe]
        names = {edit.location.filename for finding in candidates for edit in _edits(finding)}
        fixed = apply_fixes({name: self._target_of(name).text for name in names}, candidates)
        if not fixed.applied or not parses(fixed.texts.values()):
            return None
        edits = dict.fromkeys(edit for finding in fixed.applied for edit in _edits(finding))
        return CodeAction(
            title="cachelint: Apply all safe fixes",
            kind=FIX_ALL,
            edit=self._workspace_edit(tuple(edits)),
        )

    def _workspace_edit(self, edits: Sequence[Edit]) -> WorkspaceEdit:
        by_file: dict[str, list[Edit]] = {}
        for edit in edits:
            by_file.setdefault(edit.location.filename, []).append(edit)
        targets = [(self._target_of(filename), each) for filename, each in by_file.items()]
        if not self._versioned:
            return WorkspaceEdit(changes={target.uri: self._text_edits(target, each) for target, each in targets})
        return WorkspaceEdit(
            document_changes=[
                TextDocumentEdit(
                    OptionalVersionedTextDocumentIdentifier(uri=target.uri, version=target.version),
                    self._text_edits(target, each),
                )
                for target, each in targets
            ]
        )

    def _text_edits(self, target: Target, edits: Iterable[Edit]) -> list[TextEdit]:
        line_end = "\r\n" if "\r\n" in target.text else "\n"
        return [
            TextEdit(self._positions.range_of(edit.location, target.text), edit.content.replace("\n", line_end))
            for edit in edits
        ]


def _edits(finding: Finding) -> Sequence[Edit]:
    return finding.fix.edits if finding.fix else ()


def _changed_lines(filename: str, before: str, after: str) -> list[Edit]:
    """Replace the lines that differ; both texts have the same number of them."""
    pairs = enumerate(zip(source_lines(before), source_lines(after), strict=True), start=1)
    return [Edit(Location(filename, row, 1, row, len(old) + 1), new) for row, (old, new) in pairs if old != new]
