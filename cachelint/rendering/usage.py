"""What logs say of a finding, and of all of them together, in a sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cachelint.report.renderers.amounts import decimals, minute, money, tokens
from cachelint.rulebook import rulebook

if TYPE_CHECKING:
    from decimal import Decimal

    from cachelint.findings import Finding, Usage
    from cachelint.formats.interface import Measured, Outcome


def usage_sentence(finding: Finding, outcome: Outcome) -> str | None:
    """What the loss to a finding was; None where the finding is about no request, or no log was read."""
    usage = finding.usage
    if usage is None or outcome.measured is None:
        return None
    if not usage.requests:
        return f"Measured: no request of this call in the last {_days(outcome.measured.days)} of the log."
    if not usage.lost_requests:
        return f"Measured: {_requests(usage.requests)}, none of them diagnosed as lost to this."
    return f"Measured: {_loss(usage, outcome.measured)}{_sharing(usage, outcome, outcome.measured)}."


def usage_phrase(finding: Finding, measured: Measured) -> str:
    """The loss in a word or two, for a table or the end of a line; empty where there is none."""
    usage = finding.usage
    return _cost(usage, measured) if usage is not None and usage.lost_requests else ""


def usage_object(usage: Usage, outcome: Outcome) -> dict[str, Any]:
    """The loss as JSON; money as decimal strings, null where the models have no price."""
    return {
        "requests": usage.requests,
        "lost_requests": usage.lost_requests,
        "lost_tokens": usage.lost_tokens,
        "lost_usd": None if usage.lost_usd is None else f"{usage.lost_usd:f}",
        "causes": list(usage.causes),
        "shared_usd": None if usage.shared_usd is None else f"{usage.shared_usd:f}",
        "shared_with": [
            {"code": code, "filename": outcome.path(location.filename), "row": location.row}
            for code, location in usage.shared_with
        ],
        "days": outcome.measured.days if outcome.measured else None,
        "first": None if usage.first is None else f"{usage.first.isoformat(timespec='milliseconds')}Z",
        "last": None if usage.last is None else f"{usage.last.isoformat(timespec='milliseconds')}Z",
    }


def measured_sentence(measured: Measured) -> str:
    """What was lost in all, and how much of it the findings explain."""
    if not measured.requests:
        return "Measured: the log has no request with a time and a call site."
    period = f"{minute(measured.first)} to {minute(measured.last)} UTC"
    lost = f"lost {_money(measured.lost, measured)}; {_share(measured)}" if measured.lost else "lost nothing"
    return f"Measured: {_requests(measured.requests)}, {period}, {lost}."


def _share(measured: Measured) -> str:
    if measured.explained == measured.lost:
        return "these problems explain all of it"
    return f"these problems explain {_money(measured.explained, measured) if measured.explained else 'none'} of it"


def _loss(usage: Usage, measured: Measured) -> str:
    requests = f"{usage.lost_requests:,} of {_requests(usage.requests)}"
    causes = ", ".join(f"{code} {rule.name}" if (rule := rulebook().find(code)) else code for code in usage.causes)
    if usage.lost_usd == 0:
        return f"{requests}, {tokens(usage.lost_tokens)} tokens, at no extra cost ({causes})"
    return f"{requests} lost {tokens(usage.lost_tokens)} tokens to this, {_cost(usage, measured)} ({causes})"


def _cost(usage: Usage, measured: Measured) -> str:
    return "no price known" if usage.lost_usd is None else _money(usage.lost_usd, measured)


def _money(amount: Decimal, measured: Measured) -> str:
    """With as many decimals as all other money of the run."""
    return money(amount, decimals(measured.lost))


def _sharing(usage: Usage, outcome: Outcome, measured: Measured) -> str:
    if usage.shared_usd is None:
        return ""
    others = [f"{code} {outcome.path(location.filename)}:{location.row}" for code, location in usage.shared_with]
    part = "all of it" if usage.shared_usd == usage.lost_usd else f"{_money(usage.shared_usd, measured)} of it"
    return f"; {part} together with {_listed(others)}, so mend {'both' if len(others) == 1 else 'all of them'}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _requests(number: int) -> str:
    return f"{number:,} request{'' if number == 1 else 's'}"


def _days(number: int) -> str:
    return "day" if number == 1 else f"{number:,} days"
