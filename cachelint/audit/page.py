"""What an audit says, as plain data: what its renderers read. Every lost dollar stands in exactly one place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from cachelint.attribution.measuring import NOTHING

if TYPE_CHECKING:
    from cachelint.findings import Finding
    from cachelint.formats.interface import Outcome
    from cachelint.report.figures import Report
    from cachelint.report.losses import Loss, Traffic


@dataclass(frozen=True, slots=True)
class Cause:
    """What one finding cost, or several that have to be mended together, as each of them alone breaks the prefix."""

    findings: tuple[Finding, ...]
    """With what logs say of each; the nearest to what the log shows first."""
    hidden: tuple[bool, ...]
    """For each of `findings` whether `cachelint check` leaves it out: suppressed, deselected, known or doubtful."""
    losses: tuple[Loss, ...]

    @property
    def cost(self) -> Decimal | None:
        """In USD; None where the models have no price."""
        return total_cost(self.losses)


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Losses of one call for one diagnosis that no finding explains."""

    code: str
    name: str
    call_site: str | None
    requests: int
    tokens: int
    cost: Decimal | None
    expected: bool
    """Whether it has to be, as after a long pause."""
    detail: str | None
    in_source: bool | None
    """None where the log does not name the call."""
    help: str
    """What to do."""


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything that the page says."""

    outcome: Outcome
    """Of the check: its findings carry what they cost."""
    report: Report
    """On the same days of the same logs."""
    logs: tuple[str, ...]
    """As they were named or found."""
    days: int
    causes: tuple[Cause, ...]
    """The costliest first."""
    unexplained: tuple[Unexplained, ...]
    """The costliest first."""
    without_loss: tuple[Finding, ...]
    """Findings that the log shows no loss of."""
    elsewhere: tuple[Traffic, ...]
    """Requests sent by calls that the source does not have."""

    @property
    def explained(self) -> Decimal:
        """What was lost to findings."""
        return sum((cause.cost or NOTHING for cause in self.causes), NOTHING)

    @property
    def lost(self) -> Decimal:
        """What was lost in all, without what has to be expected."""
        return self.explained + sum((each.cost or NOTHING for each in self.unexplained if not each.expected), NOTHING)

    @property
    def expected(self) -> Decimal:
        """What was lost as has to be expected: after long pauses, by compactions."""
        return sum((each.cost or NOTHING for each in self.unexplained if each.expected), NOTHING)


def total_cost(losses: Iterable[Loss]) -> Decimal | None:
    """What losses cost; None where nothing of it is known."""
    costs = [loss.cost for loss in losses if loss.cost is not None]
    return sum(costs, NOTHING) if costs else None
