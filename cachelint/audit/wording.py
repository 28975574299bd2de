"""The sentences that every rendering of an audit has in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cachelint.attribution.measuring import NOTHING
from cachelint.rendering.wording import counted
from cachelint.report.figures import Ratio
from cachelint.report.renderers.amounts import minute, plural, share, tokens
from cachelint.report.renderers.amounts import money as amount_of_money
from cachelint.report.renderers.tables import money_places
from cachelint.rulebook import rulebook

if TYPE_CHECKING:
    from decimal import Decimal

    from cachelint.audit.page import Audit, Cause, Unexplained
    from cachelint.findings import Finding

MOST_PLACES = 3
"""Call sites that are named where there are more."""


def subject(audit: Audit) -> Iterator[str]:
    """What was looked at: the source, then the log."""
    outcome, report = audit.outcome, audit.report
    yield f"Source: {counted(outcome.files, 'file')}, {counted(outcome.requests, 'request')} found in them."
    requests = report.total.requests + sum(unpriced.requests for unpriced in report.unpriced)
    period = f", {minute(report.first)} to {minute(report.last)} UTC" if report.first else ""
    yield f"Log: {', '.join(audit.logs)}, {counted(requests, 'request')}{period}."


def balance(audit: Audit) -> str:
    """What it cost, what of that was lost, and how much of the loss the source explains."""
    total = audit.report.total
    if not audit.report.first:
        return f"The log has no request with a time, so none in its last {days(audit.days)}."
    expected = f" {money(audit.expected, audit)} was lost as has to be expected." if audit.expected else ""
    if not audit.lost:
        return f"It cost {money(total.cost, audit)}, and nothing of that was lost to avoidable cache misses.{expected}"
    part = f" ({share(Ratio(audit.lost, total.cost), 0)})" if total.cost else ""
    lost = f"of which {money(audit.lost, audit)}{part} was lost to cache misses"
    return f"It cost {money(total.cost, audit)}, {lost}. {_explained(audit)}{expected}"


def _explained(audit: Audit) -> str:
    if not audit.explained:
        return "No finding explains it."
    return f"The source explains {'all' if audit.explained == audit.lost else money(audit.explained, audit)} of it."


def loss_sentence(cause: Cause) -> str:
    """How many requests of which calls lost how much, and what the log saw."""
    requests = counted(sum(loss.requests for loss in cause.losses), "request")
    lost = tokens(sum(loss.tokens for loss in cause.losses))
    sites = _listed(list(dict.fromkeys(loss.call_site.place for loss in cause.losses)))
    seen = ", ".join(named(code) for code in dict.fromkeys(loss.code for loss in cause.losses))
    return f"{requests} of {sites} {'sent' if cause.cost == NOTHING else 'lost'} {lost} tokens ({seen})."


def place(finding: Finding, audit: Audit) -> str:
    """The line to change: ``support/clock.py:8``."""
    return f"{audit.outcome.path(finding.location.filename)}:{finding.location.row}"


def without_loss(finding: Finding, audit: Audit) -> str:
    """Why a finding cost nothing, as far as the log knows."""
    if finding.usage is None:
        return "is about no request"
    if not finding.usage.requests:
        return f"no request in the last {days(audit.days)}"
    return f"{counted(finding.usage.requests, 'request')}, none lost to it"


def why_unexplained(row: Unexplained) -> str:
    """What is known instead of a finding."""
    reason = "" if row.in_source else "no such call in the source" if row.in_source is False else "call not logged"
    return "; ".join(part for part in (reason, "expected" if row.expected else "", row.detail or "") if part)


def elsewhere(audit: Audit) -> str | None:
    """The requests of calls that the source does not have."""
    if not audit.elsewhere:
        return None
    requests = sum(each.requests for each in audit.elsewhere)
    cost = sum((each.cost or NOTHING for each in audit.elsewhere), NOTHING)
    sites = list(dict.fromkeys(each.call_site.place for each in audit.elsewhere))
    return f"Not in this source: {plural(requests, 'request')}, {money(cost, audit)}, sent by {_listed(sites)}."


def money(amount: Decimal | None, audit: Audit) -> str:
    """With as many decimals as all other money on the page."""
    return amount_of_money(amount, money_places(audit.report))


def named(code: str) -> str:
    """``CL802 system-changed``."""
    rule = rulebook().find(code)
    return f"{code} {rule.name}" if rule else code


def days(number: int) -> str:
    """``day``, ``7 days``."""
    return "day" if number == 1 else f"{number:,} days"


def _listed(places: list[str]) -> str:
    shown = ", ".join(places[:MOST_PLACES])
    return shown if len(places) <= MOST_PLACES else f"{shown} and {len(places) - MOST_PLACES:,} more"
