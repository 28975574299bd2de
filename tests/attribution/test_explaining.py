"""Which findings explain a loss, and how money is counted that several explain."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cachelint.attribution.explaining import explaining
from cachelint.attribution.measuring import measure
from cachelint.findings import BrokenRequest, Confidence, Finding, Location, RequestSite, Severity
from cachelint.report.losses import CallSite, Loss, Traffic

SITE = RequestSite(Location("desk/agent.py", 10, 5, 14, 6), "client.messages.create", "claude-opus-5-5", "ask")
CALL = CallSite("desk/agent.py:10", "ask")


def finding(code: str, row: int = 3, tier: str | None = "system", **fields: Any) -> Finding:
    tiers = ("tools", "system", "messages")
    given: dict[str, Any] = {
        "position": f"{tier}[0]" if tier else None,
        "tiers": tiers[tiers.index(tier) :] if tier else (),
        "period": "request",
        "confidence": Confidence.HIGH,
        **fields,
    }
    location = Location("desk/prompts.py", row, 1, row, 9)
    return Finding(code, code.lower(), Severity.ERROR, message="", location=location, request=SITE, **given)


def loss(code: str, **known: Any) -> Loss:
    fields: dict[str, Any] = dict.fromkeys(
        ("tier", "position", "new_process", "new_host", "hour_changed", "begins"), None
    )
    size = {"requests": 3, "tokens": 3000, "cost": Decimal("0.03"), "verdict": "avoidable", "parameters": ()}
    return Loss(CALL, code, **{**size, **fields, **known})


def explained(lost: Loss, *findings: Finding) -> list[str]:
    found = explaining(lost, [(each, broken) for each in findings for broken in each.broken])
    return [each.code for each in found]


@pytest.mark.parametrize(
    ("diagnosis", "tier", "explains"),
    [
        ("CL801", "tools", True),
        ("CL801", "system", False),
        ("CL802", "system", True),
        ("CL802", "tools", False),
        ("CL803", "messages", True),
        ("CL803", "system", False),
        ("CL807", "system", True),
        ("CL806", "system", False),
        ("CL814", "system", False),
    ],
)
def test_a_clock_explains_what_differs_first_in_its_tier(diagnosis: str, tier: str, explains: bool) -> None:
    assert explained(loss(diagnosis), finding("CL101", tier=tier)) == (["CL101"] if explains else [])


@pytest.mark.parametrize(
    ("period", "seen", "explains"),
    [
        ("request", {"new_process": False, "begins": False, "hour_changed": False}, True),
        ("turn", {"new_process": False, "begins": False, "hour_changed": False}, True),
        ("session", {"new_process": False, "begins": False}, False),
        ("session", {"new_process": False, "begins": True}, True),
        ("process", {"new_process": False}, False),
        ("process", {"new_process": True}, True),
        ("process", {}, True),
        ("host", {"new_process": True, "new_host": False}, False),
        ("host", {"new_host": True}, True),
        ("day", {"hour_changed": False}, False),
        ("day", {"hour_changed": True}, True),
        ("deploy", {"new_process": False}, False),
    ],
)
def test_what_changes_seldom_explains_only_losses_at_its_change(
    period: str, seen: dict[str, bool], explains: bool
) -> None:
    assert bool(explained(loss("CL802", **seen), finding("CL104", period=period))) is explains


def test_a_parameter_explains_the_change_of_itself() -> None:
    thinking = finding("CL404", tier="messages", position="thinking", period=None)
    assert explained(loss("CL804", parameters=("effort", "thinking")), thinking) == ["CL404"]
    assert explained(loss("CL804", parameters=("tool_choice",)), thinking) == []
    assert explained(loss("CL805", parameters=("model",)), thinking) == []


def test_other_diagnoses_have_causes_of_their_own() -> None:
    short, alone, apart = (finding(code, tier=None, period=None) for code in ("CL601", "CL603", "CL604"))
    assert [explained(loss(code), short, alone, apart) for code in ("CL808", "CL807", "CL810")] == [
        ["CL601"],
        ["CL603"],
        ["CL604"],
    ]


def test_the_finding_at_the_block_that_differs_comes_first() -> None:
    first, second = finding("CL101"), finding("CL102", 7, position="system[1]")
    assert explained(loss("CL802", position="system[1]"), first, second) == ["CL102", "CL101"]


def test_a_doubtful_finding_counts_only_where_no_other_does() -> None:
    doubtful = finding("CL105", confidence=Confidence.LOW)
    assert explained(loss("CL802"), doubtful, finding("CL101", 7)) == ["CL101"]
    assert explained(loss("CL802"), doubtful) == ["CL105"]


def test_money_that_two_findings_explain_is_lost_once() -> None:
    clock, number = finding("CL101"), finding("CL102", 7)
    seldom = finding("CL104", 9, period="process")
    losses = [
        loss("CL802", new_process=False, cost=Decimal("0.50")),
        loss("CL802", new_process=True, cost=Decimal("0.20")),
        loss("CL806", cost=Decimal("0.30")),
    ]
    findings = [clock, number, seldom]
    measurement = measure(findings, [SITE], [Traffic(CALL, 9, Decimal(2), None, None)], losses)
    usages = [each.usage for each in measurement.priced([number, seldom, clock])]
    assert [usage.lost_usd for usage in usages if usage] == [Decimal("0.70"), Decimal("0.70"), Decimal("0.20")]
    assert [usage.shared_usd for usage in usages if usage] == [Decimal("0.70"), Decimal("0.70"), Decimal("0.20")]
    assert measurement.usages["CL104", seldom.location].shared_with == (
        ("CL101", clock.location),
        ("CL102", number.location),
    )
    assert measurement.cost_of(findings) == Decimal("0.70")
    assert measurement.cost_of([seldom]) == Decimal("0.20")


def test_every_request_that_a_line_breaks_counts_for_it() -> None:
    other = RequestSite(Location("desk/triage.py", 4, 5, 4, 30), "client.messages.create", None, "topic")
    both = finding("CL101", others=(BrokenRequest(other, "system[0]", ("system", "messages")),))
    second = CallSite("desk/triage.py:4", "topic")
    traffic = [Traffic(CALL, 9, Decimal(2), None, None), Traffic(second, 5, None, None, None)]
    elsewhere = Loss(second, "CL802", 4, 400, None, "avoidable", "system", None, (), None, None, None, None)
    (usage,) = measure([both], [], traffic, [loss("CL802"), elsewhere]).usages.values()
    assert (usage.requests, usage.lost_requests, usage.lost_usd) == (14, 7, Decimal("0.03"))


def test_a_loss_without_a_price_is_not_called_free() -> None:
    (usage,) = measure(
        [finding("CL101")], [], [Traffic(CALL, 3, None, None, None)], [loss("CL802", cost=None)]
    ).usages.values()
    assert (usage.lost_requests, usage.lost_usd) == (3, None)
