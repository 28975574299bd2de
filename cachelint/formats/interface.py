"""The seam between a run of `cachelint check` and its output formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cachelint.findings import Finding
from cachelint.rendering.terminal import Terminal

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Measured:
    """The logs that findings were priced by. Money is in USD, each loss counted once."""

    days: int
    """How many of their last days count."""
    requests: int
    first: datetime | None
    """Start of the first request, naive UTC; None without any."""
    last: datetime | None
    lost: Decimal
    """What all losses cost, whatever explains them, but those that have to be expected."""
    explained: Decimal
    """What those cost that the findings explain."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run ended with, after selection, suppression and baseline."""

    findings: tuple[Finding, ...]
    """What is reported, sorted; filenames relative to the project's root."""
    source: Callable[[str], str]
    """Filename to the text that was analysed, or an empty string."""
    path: Callable[[str], str] = str
    """Filename to the path as it is shown, relative to where the command runs."""
    requests: int = 0
    """Calls found that send a prompt."""
    files: int = 0
    """Files looked at."""
    seconds: float = 0.0
    """Wall-clock time of the analysis."""
    suppressed: int = 0
    """Findings that comments suppress."""
    known: int = 0
    """Findings that the baseline holds."""
    fixed: int = 0
    """Findings that this run has removed."""
    measured: Measured | None = None
    """Where the findings carry their price."""


class Format(Protocol):
    """A module of this package, named as the format is: `cachelint.formats.sarif` is ``--output-format sarif``."""

    SUMMARIZES: bool
    """Whether the output says how much was looked at; where it does not, the summary goes to standard error."""

    def render(self, outcome: Outcome, terminal: Terminal) -> str:
        """The whole output, ending in a newline unless it is empty."""
