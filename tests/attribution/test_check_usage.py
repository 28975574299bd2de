"""`cachelint check --usage`: what is printed beside findings, in every format."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shops import Cachelint

from cachelint.formats import format_names


def objects(cachelint: Cachelint, *arguments: str) -> list[dict[str, Any]]:
    run = cachelint("check", "--usage", "usage.jsonl", "--output-format", "json", *arguments)
    assert run.returncode == 1, run.stderr
    found: list[dict[str, Any]] = json.loads(run.stdout)
    return found


def test_the_whole_page(cachelint: Cachelint, snapshot: Callable[[str, str], None]) -> None:
    run = cachelint("check", "--usage", "usage.jsonl")
    assert run.returncode == 1
    snapshot("check-usage.text", re.sub(r"\d+\.\d s\b", "0.4 s", run.stdout))


@pytest.mark.parametrize("name", format_names())
def test_every_format_has_the_money(cachelint: Cachelint, name: str) -> None:
    run = cachelint("check", "--usage", "usage.jsonl", "--output-format", name)
    assert run.returncode == 1, run.stderr
    assert "0.23" in run.stdout
    messages = ("`datetime.now(UTC)` is rendered", "The order of `looking", "`random.sample(", "The prefix up to")
    places = [run.stdout.index(message) for message in messages]
    assert places == sorted(places)


def test_the_costliest_comes_first_with_its_figures(cachelint: Cachelint) -> None:
    found = objects(cachelint)
    assert [each["code"] for each in found] == ["CL101", "CL201", "CL103", "CL102", "CL601", "CL204"]
    assert found[0]["usage"] == {
        "requests": 22,
        "lost_requests": 16,
        "lost_tokens": 48448,
        "lost_usd": "0.2325504",
        "causes": ["CL802"],
        "shared_usd": None,
        "shared_with": [],
        "days": 7,
        "first": "2026-11-23T17:02:09.991Z",
        "last": "2026-11-23T17:02:14.525Z",
    }


def test_nothing_is_said_of_money_without_a_log(cachelint: Cachelint) -> None:
    run = cachelint("check", "--output-format", "json")
    assert {each["usage"] for each in json.loads(run.stdout)} == {None}
    assert "Measured" not in cachelint("check").stdout


def test_findings_share_a_sum_that_both_explain(cachelint: Cachelint, app: Path) -> None:
    clock = app / "support" / "clock.py"
    text = clock.read_text()
    clock.write_text(text.replace(".isoformat()", ".isoformat() + uuid4().hex") + "\n\nfrom uuid import uuid4\n")
    try:
        run = cachelint("check", "--usage", "usage.jsonl", "--select", "CL101,CL102", "support/clock.py")
    finally:
        clock.write_text(text)
    said = re.sub(r"\s+", " ", run.stdout)
    assert "$0.2326 (CL802 system-changed); all of it together with CL102 support/clock.py:8, so mend both." in said
    assert "$0.2326 (CL802 system-changed); all of it together with CL101 support/clock.py:8, so mend both." in said
    assert said.endswith("lost $0.3096; these problems explain $0.2326 of it. ")


def test_days_are_counted_back_from_the_end_of_the_log(cachelint: Cachelint, app: Path) -> None:
    records = [json.loads(line) for line in (app / "usage.jsonl").read_text().splitlines()]
    for record in records:
        if record["function"] != "propose":
            record["started"] = record["started"].replace("2026-11-23", "2026-11-13")
    (app / "old.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    run = cachelint("check", "--usage", "old.jsonl", "--output-format", "concise")
    assert "CL103 random-sample-in-prefix" in run.stdout.splitlines()[0]
    assert run.stdout.count("Measured: no request of this call in the last 7 days of the log.") == 5
    both = cachelint("check", "--usage", "old.jsonl", "--usage-days", "30", "--output-format", "concise")
    assert "no request of this call" not in both.stdout


def test_the_age_of_a_log_is_said(cachelint: Cachelint, app: Path) -> None:
    text = (app / "usage.jsonl").read_text().replace('"started":"2026', '"started":"2025')
    (app / "stale.jsonl").write_text(text)
    run = cachelint("check", "--usage", "stale.jsonl")
    assert re.search(r"note: the log ends \d+ days ago, on 2025-11-23\n", run.stderr)


def test_a_log_of_another_program_is_told_apart(cachelint: Cachelint, app: Path) -> None:
    text = (app / "usage.jsonl").read_text()
    (app / "other.jsonl").write_text(re.sub(r'"call_site":"support/\w+\.py:', '"call_site":"elsewhere/x.py:', text))
    run = cachelint("check", "--usage", "other.jsonl", "--output-format", "concise")
    assert "note: the log is of other code: its requests were sent by elsewhere/x.py:33, " in run.stderr


def test_a_log_without_call_sites(cachelint: Cachelint, app: Path) -> None:
    response = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5"}
    (app / "plain.jsonl").write_text(json.dumps({**response, "usage": {"input_tokens": 5, "output_tokens": 1}}) + "\n")
    run = cachelint("check", "--usage", "plain.jsonl", "--output-format", "concise")
    assert run.stdout.endswith("Measured: the log has no request with a time and a call site.\n")


@pytest.mark.parametrize("option", ["--statistics", "--show-requests", "--diff", "--write-baseline"])
def test_it_goes_with_findings_only(cachelint: Cachelint, option: str) -> None:
    run = cachelint("check", "--usage", "usage.jsonl", option, "--baseline", "b.json")
    assert run.returncode == 2


def test_a_log_that_is_not_there(cachelint: Cachelint) -> None:
    run = cachelint("check", "--usage", "nothing.jsonl")
    assert (run.returncode, run.stderr) == (2, "error: nothing.jsonl: no such file or folder\n")


def test_without_the_extra_it_says_what_to_install(cachelint: Cachelint) -> None:
    program = "-c import sys; sys.modules['duckdb'] = None; from cachelint.cli import main; main()"
    run = cachelint("check", "--usage", "usage.jsonl", program=program)
    assert run.returncode == 2
    assert run.stderr == (
        "error: `cachelint check --usage` needs more packages: pip install 'prompt-cachelint[report]'\n"
    )


def test_a_check_without_logs_loads_nothing_of_the_report(cachelint: Cachelint) -> None:
    program = (
        "-c import sys; from cachelint.cli import _run; _run(['check']); "
        "print(sorted(m for m in sys.modules if m.startswith(('duckdb', 'cachelint.report', 'cachelint.attribution'))))"
    )
    assert cachelint(program=program).stdout.endswith("\n[]\n")
