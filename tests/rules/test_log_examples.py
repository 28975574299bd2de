"""The rules about logs show lines of a report: each is what `cachelint report` prints for such a miss."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

import pytest

from cachelint.report.figures import Miss
from cachelint.report.renderers.style import Style
from cachelint.report.renderers.tables import miss_table
from cachelint.report.renderers.text import _laid_out
from cachelint.rulebook import Rule, rulebook, rules_folder

UNITS = {"k": 1_000, "M": 1_000_000}


@pytest.mark.parametrize("rule", [rule for rule in rulebook() if rule.seen_in_logs], ids=lambda rule: rule.code)
def test_the_example_is_what_the_report_prints(rule: Rule, request: pytest.FixtureRequest) -> None:
    (shown,) = re.findall(r"(?:^    .*\n)+", rule.body.split("## Example\n")[1].split("## Fix\n")[0], re.MULTILINE)
    table = miss_table([miss(rule, shown.splitlines()[-1].strip())], places=2).without_empty().without({"sure"})
    printed = "".join(f"    {line}\n" for line in _laid_out(table, Style()))
    if request.config.getoption("--update-snapshots"):
        path = rules_folder() / rule.path
        path.write_text(path.read_text(encoding="utf-8").replace(shown, printed), encoding="utf-8")
    else:
        assert shown == printed


def miss(rule: Rule, line: str) -> Miss:
    """What a line says, read back."""
    cause, where, requests, tokens, cost, since, *detail = re.split(r"\s{2,}", line)
    assert cause == f"{rule.code} {rule.name}"
    amount, unit = tokens.split()
    moment = datetime.strptime(f"2026 {since}", "%Y %b %d %H:%M")
    return Miss(
        code=rule.code,
        name=rule.name,
        call_site=where,
        requests=int(requests.replace(",", "")),
        tokens=int(Decimal(amount) * UNITS[unit]),
        cost=Decimal(cost.removeprefix("$")),
        recoverable=True,
        verdict="avoidable",
        confidence="high",
        first=moment,
        last=moment,
        detail=detail[0] if detail else None,
    )
