"""What the outcome of a run depends on, apart from the program itself."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, fields
from pathlib import Path

from cachelint.analysis.text_files import SUFFIXES, TextFiles
from cachelint.config import Settings

_REPORTING = frozenset(
    ("select", "extend_select", "ignore", "per_file_ignores", "exclude", "fail_on", "pedantic", "baseline", "origins")
)
"""Settings that choose among the files, which count by themselves, or among the findings, after the analysis."""

Files = Mapping[str, Path | bytes]


@dataclass(frozen=True, slots=True)
class Inputs:
    """A project and what is asked of it."""

    root: Path
    files: Files
    scope: Set[str]
    """The files that are reported on."""
    settings: Settings
    fixes: bool
    """Whether findings carry fixes."""

    def options(self) -> list[object]:
        """What findings depend on besides files, as JSON can hold it."""
        values = [repr(getattr(self.settings, each.name)) for each in fields(Settings) if each.name not in _REPORTING]
        return [values, self.fixes]

    def texts(self) -> TextFiles:
        """The files that are not Python, of which only those count that the analysis has looked for."""
        return TextFiles({name: file for name, file in self.files.items() if not name.endswith(SUFFIXES)}, self.root)
