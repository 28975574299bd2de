"""`cachelint audit`: one page on a project, from its source and its logs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shops import Cachelint, Shop

from cachelint.testing import ApiServer

AUDIT = ("audit", "--usage", "usage.jsonl")


def document(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("output_format", ["text", "markdown"])
def test_the_whole_page(cachelint: Cachelint, snapshot: Callable[[str, str], None], output_format: str) -> None:
    run = cachelint(*AUDIT, "--format", output_format)
    assert (run.returncode, run.stderr) == (1, "")
    snapshot(f"audit.{output_format}", run.stdout)


def test_a_page_on_what_the_source_does_not_explain(
    cachelint: Cachelint, app: Path, snapshot: Callable[[str, str], None]
) -> None:
    edit(app / "support" / "clock.py", "datetime.now(UTC).isoformat()", '"noon"')
    (app / "support" / "refunds.py").unlink()
    snapshot("audit-unexplained.text", cachelint(*AUDIT).stdout)
    page = document(cachelint(*AUDIT, "--format", "json"))
    assert [(row["code"], row["call_site"], row["in_source"]) for row in page["unexplained"]] == [
        ("CL802", "support/agent.py:33", True),
        ("CL802", "support/refunds.py:26", False),
    ]
    assert [each["call_site"] for each in page["elsewhere"]] == ["support/refunds.py:26", "support/refunds.py:39"]


def test_what_findings_share_stands_on_the_page_once(
    cachelint: Cachelint, app: Path, snapshot: Callable[[str, str], None]
) -> None:
    edit(app / "support" / "clock.py", ".isoformat()", ".isoformat() + uuid4().hex")
    edit(app / "support" / "clock.py", "from datetime", "from uuid import uuid4\nfrom datetime")
    snapshot("audit-shared.text", cachelint(*AUDIT).stdout)
    page = document(cachelint(*AUDIT, "--format", "json"))
    assert [each["code"] for each in page["causes"][0]["findings"]] == ["CL101", "CL102"]


def test_every_lost_dollar_is_on_the_page_once(cachelint: Cachelint, app: Path) -> None:
    (app / "support" / "refunds.py").unlink()
    page = document(cachelint(*AUDIT, "--format", "json"))
    parts = [Decimal(each["cost_usd"]) for each in (*page["causes"], *page["unexplained"])]
    assert sum(parts) == Decimal(page["lost_usd"]) + Decimal(page["expected_usd"])
    assert Decimal(page["lost_usd"]) == Decimal(page["total"]["recoverable_usd"])
    report = document(cachelint("report", "usage.jsonl", "--format", "json"))
    assert sum(parts) == sum(Decimal(miss["cost_usd"]) for miss in report["misses"])
    assert page["total"] == report["total"]


def test_a_suppressed_finding_is_priced_and_does_not_fail(cachelint: Cachelint, app: Path) -> None:
    edit(app / "support" / "clock.py", "isoformat()", "isoformat()  # cachelint: ignore[CL101] we like it so")
    page = document(cachelint(*AUDIT, "--format", "json"))
    first = page["causes"][0]
    assert (first["cost_usd"], [(each["code"], each["reported"]) for each in first["findings"]]) == (
        "0.2325504",
        [("CL101", False)],
    )
    assert "not reported by check]" in cachelint(*AUDIT).stdout.split("2. ")[0]


def test_exit_codes(cachelint: Cachelint, app: Path) -> None:
    assert cachelint(*AUDIT, "--exit-zero").returncode == 0
    assert cachelint(*AUDIT, "support/triage.py").returncode == 1
    assert cachelint(*AUDIT, "support/triage.py", "--fail-on", "error").returncode == 0
    assert cachelint(*AUDIT, "support/nothing.py").returncode == 2
    assert cachelint("audit", "--usage", "nothing.jsonl").returncode == 2


def test_the_page_can_go_to_a_file(cachelint: Cachelint, app: Path) -> None:
    run = cachelint(*AUDIT, "--format", "json", "--output", "page.json")
    assert run.stdout == ""
    assert json.loads((app / "page.json").read_text())["schema"] == 1


def test_without_the_extra_it_says_what_to_install(cachelint: Cachelint) -> None:
    program = "-c import sys; sys.modules['duckdb'] = None; from cachelint.cli import main; main()"
    run = cachelint(*AUDIT, program=program)
    assert (run.returncode, run.stderr) == (
        2,
        "error: `cachelint audit` needs more packages: pip install 'prompt-cachelint[report]'\n",
    )


def audit(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """An audit without options, for a user who has no logs but those of the test."""
    own = {name: value for name, value in os.environ.items() if name != "CACHELINT_LOG"}
    own |= {"XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "120"} | environment
    command = [sys.executable, "-m", "cachelint", "audit"]
    return subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)


def test_it_finds_what_cachelint_run_has_left(shop: Shop) -> None:
    with ApiServer() as server:
        environment = {**os.environ, "ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "no-key-needed"}
        environment.pop("CACHELINT_LOG", None)
        run = [sys.executable, "-m", "cachelint", "run", "--", sys.executable, "-m", "desk.main"]
        subprocess.run(run, cwd=shop.root, env=environment, check=True)
    page = audit(shop.root)
    assert page.returncode == 1, page.stderr
    assert "Log: .cachelint/, 10 requests, " in page.stdout
    assert "1. $0.0" in page.stdout
    assert "desk/prompts.py:8  CL101 clock-in-prefix" in page.stdout


def test_it_finds_the_log_that_the_environment_names(shop: Shop) -> None:
    assert f"Log: {shop.log}, 10 requests, " in audit(shop.root, CACHELINT_LOG=str(shop.log)).stdout
    missing = audit(shop.root, CACHELINT_LOG="gone.jsonl")
    assert (missing.returncode, missing.stderr) == (
        2,
        "error: $CACHELINT_LOG names gone.jsonl, and there is no such file or folder\n",
    )


def test_it_finds_the_log_of_a_service(shop: Shop) -> None:
    folder = shop.root / "state" / "cachelint"
    folder.mkdir(parents=True)
    (folder / "usage-2026-11-23-web1.jsonl").write_bytes(shop.log.read_bytes())
    assert "Log: state/cachelint/, 10 requests, " in audit(shop.root).stdout


def test_without_a_log_it_says_how_to_get_one(shop: Shop) -> None:
    run = audit(shop.root)
    assert run.returncode == 2
    assert run.stderr == (
        "error: no usage log: $CACHELINT_LOG is not set, and there are none in .cachelint/, state/cachelint/. "
        "Run the program once with `cachelint run -- python app.py`, or name a log with --usage LOG\n"
    )
