"""Reads the part of usage logs that findings are priced by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachelint.report.building import Options, analyse
from cachelint.report.losses import losses_of, traffic_of
from cachelint.report.selection import Selection

if TYPE_CHECKING:
    from cachelint.report.losses import Loss, Traffic

DAYS = 7
"""How many of the last days of a log count by default: what is older may have been sent by other code."""


@dataclass(frozen=True, slots=True)
class Logged:
    """What logs say of their last days, by call site."""

    days: int
    traffic: tuple[Traffic, ...]
    losses: tuple[Loss, ...]


def read_logs(logs: Sequence[str], days: int = DAYS, progress: Callable[[str], None] = lambda _: None) -> Logged:
    """Reads and diagnoses `logs`. Raises what `build_report` raises."""
    with analyse(logs, Options(Selection(days=days)), progress) as analysed:
        return Logged(days, traffic_of(analysed.engine), losses_of(analysed.engine))
