"""`cachelint report --source`: each miss with the finding that explains it, or the word that none does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shops import Cachelint

REPORT = ("report", "usage.jsonl", "--source", ".")


def misses(cachelint: Cachelint, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(cachelint(*(arguments or REPORT), "--format", "json").stdout)["misses"]
    return found


def explained(cachelint: Cachelint) -> list[tuple[str, str, list[str]]]:
    return [
        (miss["code"], miss["call_site"], [f"{each['code']} {each['filename']}" for each in miss["findings"]])
        for miss in misses(cachelint)
    ]


def test_the_whole_page(cachelint: Cachelint, snapshot: Callable[[str, str], None]) -> None:
    snapshot("report-source.text", cachelint(*REPORT).stdout)


def test_every_miss_of_the_app_is_explained(cachelint: Cachelint) -> None:
    assert explained(cachelint) == [
        ("CL802", "support/agent.py:33", ["CL101 support/clock.py"]),
        ("CL801", "support/agent.py:33", ["CL201 support/tools.py"]),
        ("CL802", "support/refunds.py:26", ["CL103 support/refunds.py"]),
        ("CL802", "support/escalation.py:19", ["CL102 support/prompts.py"]),
        ("CL808", "support/triage.py:12", ["CL601 support/triage.py"]),
    ]


def test_a_finding_has_its_line_and_its_part_of_the_miss(cachelint: Cachelint) -> None:
    (finding,) = misses(cachelint)[0]["findings"]
    assert finding == {
        "code": "CL101",
        "name": "clock-in-prefix",
        "filename": "support/clock.py",
        "location": {"row": 8, "column": 12},
        "message": "`datetime.now(UTC)` is rendered into system[0], "
        "before the breakpoint that caches tools + system + messages.",
        "requests": 16,
        "tokens": 48448,
        "cost_usd": "0.2325504",
    }


def test_a_suppressed_finding_explains_as_well(cachelint: Cachelint, app: Path) -> None:
    clock = app / "support" / "clock.py"
    clock.write_text(clock.read_text().replace("isoformat()", "isoformat()  # cachelint: ignore[CL101] known"))
    assert explained(cachelint)[0] == ("CL802", "support/agent.py:33", ["CL101 support/clock.py"])


def test_it_says_so_when_no_finding_explains_a_miss(cachelint: Cachelint, app: Path) -> None:
    clock = app / "support" / "clock.py"
    clock.write_text(clock.read_text().replace("datetime.now(UTC).isoformat()", '"noon"'))
    (app / "support" / "refunds.py").unlink()
    said = {line.split()[2]: line for line in cachelint(*REPORT).stdout.splitlines() if line.startswith("CL80")}
    assert "CL102 support/prompts.py:45" in said["support/escalation.py:19"]
    assert "no such call in the source" in said["support/refunds.py:26"]
    first, _, third, *_ = misses(cachelint)
    assert (first["code"], first["in_source"], first["findings"]) == ("CL802", True, [])
    assert (third["in_source"], third["findings"]) == (False, [])


def test_without_source_nothing_is_said_of_findings(cachelint: Cachelint) -> None:
    assert {miss["findings"] for miss in misses(cachelint, "report", "usage.jsonl")} == {None}
    assert "explained by" not in cachelint("report", "usage.jsonl").stdout


@pytest.mark.parametrize("output_format", ["markdown", "html"])
def test_pages_name_the_finding(cachelint: Cachelint, output_format: str) -> None:
    page = cachelint(*REPORT, "--format", output_format).stdout
    assert "CL101 support/clock.py:8" in page
    assert "explained by" in page


def test_a_kind_of_log_can_still_be_chosen(cachelint: Cachelint) -> None:
    assert "No usage records." in cachelint("report", "usage.jsonl", "--source", "claude-code").stdout
    both = cachelint(*REPORT, "--source", "cachelint").stdout
    assert "CL101 support/clock.py:8" in both


def test_a_folder_that_is_not_there(cachelint: Cachelint) -> None:
    run = cachelint("report", "usage.jsonl", "--source", "suport")
    assert run.returncode == 2
    assert run.stderr.startswith("error: --source suport: no such folder, and no kind of log (admin-usage, bedrock, ")
