"""Gates of `cachelint report`: exit codes, and one line for each that says by how much."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_logs import Conversation, message

from cachelint.cli.report import command

WriteLog = Callable[..., Path]


@pytest.fixture
def log(write_log: WriteLog) -> Path:
    """Three requests: a hit ratio of 35.5 %, half of the steps healthy, 1.3 cents, a good part of them recoverable."""
    return write_log(Conversation().ask(w=1000).ask(after=5, w=1100).ask(after=5, r=1100, input=50).records)


def run(*arguments: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("options", "code", "line"),
    [
        (("--min-hit-ratio", "0.3"), 0, "gate passed: hit ratio 33.8 % is at least 30.0 %"),
        (("--min-hit-ratio", "80%"), 1, "gate failed: hit ratio 33.8 % is below 80.0 % by 46.2 points"),
        (("--min-continuity", "0.95"), 1, "gate failed: continuity 50.0 % is below 95.0 % by 45.0 points"),
        (("--max-waste", "10%"), 1, "gate failed: recoverable waste 41.3 % of the cost is above 10.0 % by 31.3 points"),
        (("--max-waste", "50%"), 0, "gate passed: recoverable waste 41.3 % of the cost is at most 50.0 %"),
        (("--max-cost", "5"), 0, "gate passed: cost $0.01 is at most $5.00"),
        (("--max-cost", "$0.01"), 1, "gate failed: cost $0.0139 is above $0.0100 by $0.0039"),
        (
            ("--max-cost", "0.01", "--min-requests", "10"),
            0,
            "gate passed: only 3 requests, fewer than --min-requests 10",
        ),
    ],
)
def test_thresholds(log: Path, options: tuple[str, ...], code: int, line: str) -> None:
    result = run(log, "--format", "json", *options)
    assert (result.exit_code, result.stderr) == (code, line + "\n")
    assert json.loads(result.stdout)["schema"] == 1


def test_what_is_not_available_passes_and_says_so(write_log: WriteLog) -> None:
    result = run(write_log([message(id=None, input=5)]), "--min-continuity", "0.9")
    assert (result.exit_code, result.stderr) == (
        0,
        "gate passed: continuity is n/a, as nothing in the log could count for it\n",
    )


def test_a_limit_on_cost_says_what_it_does_not_count(write_log: WriteLog) -> None:
    result = run(write_log([message(input=5), message("claude-opus-9", "msg_2", input=5)]), "--max-cost", "1")
    assert result.stderr == "gate passed: cost <$0.01 is at most $1.00, not counting 1 request without a price\n"


def test_every_gate_has_its_line_and_one_failure_fails(log: Path) -> None:
    result = run(log, "--max-cost", "5", "--min-hit-ratio", "0.9")
    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["gate failed", "gate passed"]


def test_comparison_with_an_earlier_report(log: Path, write_log: WriteLog, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.json"
    healthy = Conversation().ask(w=1000).ask(after=5, r=1000, w=100).ask(after=5, r=1100, input=50).records
    run(write_log(healthy, "healthy.jsonl"), "--format", "json", "--output", earlier)

    worse = run(log, "--against", earlier, "--max-regression", "5%")
    same = run(tmp_path / "healthy.jsonl", "--against", earlier)

    assert (worse.exit_code, same.exit_code) == (1, 0)
    assert worse.stderr.splitlines() == [
        "gate failed: hit ratio 33.8 % is 30.8 points below the 64.6 % of earlier.json; allowed are 5.0 points",
        "gate failed: continuity 50.0 % is 50.0 points below the 100.0 % of earlier.json; allowed are 5.0 points",
        "gate failed: recoverable waste 41.3 % is 41.3 points above the 0.0 % of earlier.json; allowed are 5.0 points",
    ]


def test_what_a_request_may_cost_more(log: Path, write_log: WriteLog, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.json"
    run(
        write_log(Conversation().ask(w=100).ask(after=5, r=100).records, "cheap.jsonl"),
        "--format",
        "json",
        "--output",
        earlier,
    )

    worse = run(log, "--against", earlier, "--max-regression", "100%", "--max-cost-increase", "50%")
    same = run(tmp_path / "cheap.jsonl", "--against", earlier, "--max-cost-increase", "50%")

    assert (worse.exit_code, same.exit_code) == (1, 0)
    assert worse.stderr.splitlines()[-1] == (
        "gate failed: a request costs $0.004642 against $0.000338 before, 1275.3 % more; allowed are 50.0 %"
    )
    assert same.stderr.splitlines()[-1] == "gate passed: a request costs $0.000338 against $0.000338 before"


def test_a_comparison_names_the_model_that_fell_most(write_log: WriteLog, tmp_path: Path) -> None:
    healthy = Conversation().ask(w=5000).ask(after=5, r=5000).records
    other = Conversation("s2", "claude-opus-5-5").ask(w=5000).ask(after=5, r=5000).records
    broken = Conversation("s2", "claude-opus-5-5").ask(w=5000).ask(after=5, w=5000).records
    earlier = tmp_path / "earlier.json"
    run(write_log(healthy + other, "before.jsonl"), "--format", "json", "--output", earlier)

    worse = run(write_log(healthy + broken, "after.jsonl"), "--against", earlier)

    assert [line.partition("; most for ")[2] for line in worse.stderr.splitlines()] == [
        "claude-opus-5-5: 0.0 %, 50.0 % before",
        "claude-opus-5-5: 0.0 %, 100.0 % before",
        "claude-opus-5-5: 48.0 %, 0.0 % before",
    ]


def test_an_earlier_report_that_is_none(log: Path) -> None:
    result = run(log, "--against", log)
    assert "not a report in JSON" in str(result.exception)


@pytest.mark.parametrize(("option", "value"), [("--min-hit-ratio", "80"), ("--max-waste", "x"), ("--max-cost", "-1")])
def test_thresholds_that_cannot_be(log: Path, option: str, value: str) -> None:
    result = run(log, option, value)
    assert result.exit_code == 2
    assert "expected" in result.stderr


def test_strict_refuses_what_could_not_be_read(write_log: WriteLog) -> None:
    log = write_log([message(out=1), "{broken"])
    assert run(log).exit_code == 0
    result = run(log, "--strict")
    assert result.exit_code != 0
    assert str(result.exception) == f"--strict: 1 skipped, not JSON, or cut off ({log}:2)"


@pytest.mark.parametrize("content", ["[]", "null", "{}", '{"total": 3}', '{"total": {}, "models": 7}', "{"])
def test_earlier_reports_of_any_content(log: Path, tmp_path: Path, content: str) -> None:
    earlier = tmp_path / "earlier.json"
    earlier.write_text(content)
    result = run(log, "--against", earlier, "--max-cost-increase", "0")
    assert "not a report in JSON" in str(result.exception) or result.stderr.count("n/a in one of the reports") == 4
