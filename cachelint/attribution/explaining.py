"""Which findings explain a loss: those about its call that can bring about what the log shows, as often as it shows it.

A diagnosis says where a prompt first differs from the one before. Every finding that makes this tier vary at that time
has a part in the loss: mending one of them alone brings nothing back. So a loss may have several findings, and its
money belongs to all of them together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cachelint.findings import BrokenRequest, Confidence, Finding
from cachelint.rulebook import rulebook

if TYPE_CHECKING:
    from cachelint.report.losses import Loss


def explaining(loss: Loss, candidates: Iterable[tuple[Finding, BrokenRequest]]) -> tuple[Finding, ...]:
    """The findings that explain `loss`, the nearest to what the log shows first; none when nothing does.

    `candidates`: the findings about the call that lost, each with this call as it breaks it. One of low confidence
    counts only where no other explains the loss.
    """
    found = [(finding, broken) for finding, broken in candidates if _explains(finding, broken, loss)]
    sure = [each for each in found if each[0].confidence is not Confidence.LOW]
    ranked = sorted(sure or found, key=lambda each: (each[1].position != loss.position, each[0].location))
    return tuple(finding for finding, _ in ranked)


def _explains(finding: Finding, broken: BrokenRequest, loss: Loss) -> bool:
    rule = rulebook().find(loss.code)
    if rule is None or not rule.is_caused_by(finding.code):
        return False
    return _same_tier(broken, loss) and _same_parameter(broken, loss) and _may_have_changed(finding.period, loss)


def _same_tier(broken: BrokenRequest, loss: Loss) -> bool:
    rule = rulebook().find(loss.code)
    tiers = rule.tiers if rule is not None else ()
    lost = tiers[0] if tiers else loss.tier
    return not lost or not broken.tiers or broken.tiers[0] == lost or bool(loss.parameters)


def _same_parameter(broken: BrokenRequest, loss: Loss) -> bool:
    return not loss.parameters or broken.position is None or broken.position in loss.parameters


def _may_have_changed(period: str | None, loss: Loss) -> bool:
    """Whether a value that changes this often can have changed since the request before, as far as the log knows."""
    match period:
        case "session":
            return loss.begins is not False or loss.new_process is not False
        case "process" | "deploy":
            return loss.new_process is not False
        case "host":
            return loss.new_host is not False
        case "hour" | "day":
            return loss.hour_changed is not False
        case _:
            return True
