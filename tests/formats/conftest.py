"""A run with three findings: with a path through two files, with a fix behind an emoji, without a request."""

from __future__ import annotations

import pytest

from cachelint.findings import Confidence, Edit, Finding, Fix, FlowStep, Location, RequestSite, Severity
from cachelint.formats import Outcome

PROMPTS = """\
from datetime import datetime

TEMPLATE = "You answer for {company}. It is {now}."


def system_prompt(account: Account) -> str:
    return TEMPLATE.format(
        company=account.company,
        now=datetime.now().isoformat(),
    )
"""

AGENT = """\
class SupportAgent:
    def reply(self, question: str) -> Message:
        tools = [TOOLS[name] for name in {"search", "refund"}]
        flags = "🚩 " + ", ".join({"beta", "eu"})
        return self.client.messages.create(
            model="claude-opus-4-8",
            system=[{"type": "text", "text": self.system + flags, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": question}],
        )  # cachelint: ignore[CL999] never mind
"""

SOURCES = {"support/prompts.py": PROMPTS, "support/agent.py": AGENT}


def at(filename: str, text: str) -> Location:
    """The first place in `filename` where `text` stands."""
    for row, line in enumerate(SOURCES[filename].splitlines(), start=1):
        if text in line:
            column = line.index(text) + 1
            return Location(filename, row, column, row, column + len(text))
    raise LookupError(text)


CALL = at("support/agent.py", "self.client.messages.create")
REQUEST = RequestSite(CALL, "self.client.messages.create", "claude-opus-4-8")

CLOCK = Finding(
    code="CL101",
    name="clock-in-prefix",
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    message="`datetime.now()` is rendered into system[0], before the breakpoint that caches tools + system.",
    location=at("support/prompts.py", "datetime.now()"),
    period="request",
    flow=(
        FlowStep(at("support/prompts.py", "datetime.now()"), "changes on every request"),
        FlowStep(at("support/prompts.py", "TEMPLATE.format"), "formatted into TEMPLATE, after 31 stable characters"),
        FlowStep(CALL, "messages.create(system=[…])      breakpoint: system[0], 5m"),
    ),
    request=REQUEST,
    tiers=("system", "messages"),
    impact="Each request writes the prefix (at least 3,100 tokens) and none reads it: 12.5 times the price of a hit.",
    advice="Move the time behind the breakpoint, into the last user message.",
    context="now=datetime.now().isoformat(),",
)

SET = Finding(
    code="CL201",
    name="set-order-in-prefix",
    severity=Severity.WARNING,
    confidence=Confidence.HIGH,
    message="The order of a set is rendered into system[0], before the breakpoint that caches tools + system.",
    location=at("support/agent.py", '{"beta", "eu"}'),
    period="process",
    flow=(
        FlowStep(at("support/agent.py", '{"beta", "eu"}'), "changes with every process"),
        FlowStep(CALL, "messages.create(system=[…])      breakpoint: system[0], 5m"),
    ),
    request=REQUEST,
    tiers=("system", "messages"),
    advice="Sort the set where it is rendered.",
    fix=Fix(
        "Sort the set before it is rendered",
        (Edit(at("support/agent.py", '{"beta", "eu"}'), 'sorted({"beta", "eu"})'),),
        safe=True,
    ),
    context='flags = "🚩 " + ", ".join({"beta", "eu"})',
    new_in="0.2.0",
)

UNUSED = Finding(
    code="CL901",
    name="unused-suppression",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    message="`CL999` suppresses nothing here: 100 % | sure, <&> there is no such rule.",
    location=at("support/agent.py", "# cachelint: ignore[CL999] never mind"),
    context=")  # cachelint: ignore[CL999] never mind",
)


@pytest.fixture
def outcome() -> Outcome:
    """The run, with three findings."""
    return Outcome(
        findings=(SET, UNUSED, CLOCK),
        source=lambda filename: SOURCES.get(filename, ""),
        requests=41,
        files=1204,
        seconds=0.4,
        suppressed=2,
    )


@pytest.fixture
def nothing() -> Outcome:
    """A run that found requests, and nothing wrong with them."""
    return Outcome(findings=(), source=lambda filename: "", requests=41, files=1204, seconds=0.4)
