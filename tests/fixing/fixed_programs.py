"""Programs and what fixing makes of them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cachelint.analysis import analyze_sources
from cachelint.config import Settings
from cachelint.findings import Finding
from cachelint.fixing import fix_of
from cachelint.fixing.rounds import Checked, Fixed, fix_all


@dataclass(frozen=True, slots=True)
class Program:
    """A project in memory: file name to text."""

    sources: Mapping[str, str]

    def findings(self, texts: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
        """What is found, with some texts in place of its own."""
        return analyze_sources({**self.sources, **(texts or {})}, Settings(), fix_of).findings

    def offered(self) -> list[Finding]:
        """The findings that come with a fix."""
        return [finding for finding in self.findings() if finding.fix is not None]

    def fixed(self, *, unsafe: bool = True) -> Fixed:
        """What is left when every fix that helps has been applied."""

        def check(texts: Mapping[str, str]) -> Checked:
            return Checked(self.findings(texts), lambda name: {**self.sources, **texts}.get(name, ""))

        return fix_all(check, unsafe=unsafe)

    def after(self, fixed: Fixed) -> Program:
        """The program with the fixed texts."""
        return Program({**self.sources, **fixed.texts})


PROGRAMS = sorted((Path(__file__).parents[2] / "fixtures" / "fixes").iterdir())
"""A folder for each program, with `before.py` and what fixing makes of it, `after.py`."""


def program(text: str | Path) -> Program:
    """A project of one file."""
    return Program({"main.py": text if isinstance(text, str) else text.read_text(encoding="utf-8")})


def assert_sound(before: Program, fixed: Fixed) -> None:
    """Fixed files parse; what was fixed is gone; fixing again changes nothing; other lines are as they were."""
    after = before.after(fixed)
    for name, text in fixed.texts.items():
        ast.parse(text)
        edited = {
            row
            for finding in fixed.applied
            for edit in (finding.fix.edits if finding.fix else ())
            for row in range(edit.location.row, edit.location.end_row + 1)
        }
        untouched = [line for row, line in enumerate(before.sources[name].split("\n"), 1) if row not in edited]
        assert is_subsequence(untouched, text.split("\n"))
    left = after.findings()
    for code in {finding.code for finding in fixed.applied}:
        applied = sum(finding.code == code for finding in fixed.applied)
        assert count(left, code) <= count(before.findings(), code) - applied
    assert after.fixed().texts == {}


def count(findings: tuple[Finding, ...], code: str) -> int:
    """How many findings of a rule there are."""
    return sum(finding.code == code for finding in findings)


def is_subsequence(few: list[str], many: list[str]) -> bool:
    """Whether the elements of `few` stand in `many` in this order."""
    rest = iter(many)
    return all(each in rest for each in few)
