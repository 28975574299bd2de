"""`cachelint report`, `prices` and `compact` as a person runs them; the looks are snapshots."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_logs import message

from cachelint.cli.compact import command as compact
from cachelint.cli.prices import command as prices
from cachelint.cli.report import command as report

LOG = "fixtures/logs/support-desk.jsonl"

Snapshot = Callable[[str, str], None]
WriteLog = Callable[..., Path]


@pytest.fixture(autouse=True)
def in_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths in the output are relative to the checkout."""
    monkeypatch.chdir(repository)


def run(*arguments: object) -> Result:
    """Run `cachelint report`."""
    return CliRunner().invoke(report, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.mark.parametrize("output_format", ["text", "json", "csv", "markdown", "html", "openmetrics"])
def test_looks(output_format: str, snapshot: Snapshot) -> None:
    snapshot(f"support-desk.{output_format}", run(LOG, "--format", output_format).stdout)


@pytest.mark.parametrize("dimension", ["day", "hour", "call-site", "session", "workspace", "source", "platform"])
def test_rows_by_any_dimension_have_the_same_total(dimension: str) -> None:
    rows = list(csv.DictReader(io.StringIO(run(LOG, "--by", dimension, "--format", "csv").stdout)))
    assert rows[-1][dimension] == "total"
    assert rows[-1]["cost_usd"] == "6.9540562"
    assert len(rows) > 1


def test_selections() -> None:
    def requests(*options: str) -> int:
        total: int = json.loads(run(LOG, "--format", "json", *options).stdout)["total"]["requests"]
        return total

    assert requests("--model", "opus") == 144
    assert requests("--source", "cachelint") == 206
    assert requests("--source", "claude-code") == 0
    assert requests("--until", "2026-11-19") + requests("--since", "2026-11-19") == 206
    assert requests("--since", "2026-11-19T00:00:00+00:00", "--model", "sonnet") < 62
    assert run(LOG, "--since", "2126-01-01").stdout.splitlines()[2] == "No usage records."


def test_a_time_that_is_none() -> None:
    with pytest.raises(Exception, match="'yesterday' is no time"):
        run(LOG, "--since", "yesterday")


def test_a_narrow_terminal_and_an_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from cachelint.report.building import build_report
    from cachelint.report.renderers import render
    from cachelint.report.renderers.style import Style

    text = render(build_report([LOG]), "text", Style(width=72, unicode=False))
    assert max(map(len, text.splitlines())) <= 72
    assert text.isascii()


def test_colour_only_where_it_is_wanted() -> None:
    assert "\x1b[" not in run(LOG).stdout
    assert "\x1b[1mUsage" in run(LOG, "--color", "always").stdout


def test_the_page_needs_nothing_else() -> None:
    class Page(HTMLParser):
        tags: set[str] = set()

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags.add(tag)
            assert not {name for name, _ in attrs} & {"src", "href", "onclick"}

    page = run(LOG, "--format", "html").stdout
    Page().feed(page)
    assert {"svg", "table", "style"} <= Page.tags
    assert "script" not in Page.tags
    assert not re.search(r"https?://|url\(|@import", page)


def test_every_series_of_openmetrics_is_one_of_a_kind(write_log: WriteLog) -> None:
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    fast = {**message("claude-opus-4-6", "msg_2", input=5, speed="fast"), "timestamp": "2026-07-01T00:00:00Z"}
    strange = message('a"b\\c\nd', "msg_3", input=5)
    text = run(write_log([message("claude-opus-4-6", input=5), fast, strange]), "--format", "openmetrics").stdout
    families = {family.name: family for family in parser.text_string_to_metric_families(text)}
    labels = [tuple(sorted(sample.labels.items())) for sample in families["cachelint_requests"].samples]
    assert sorted(labels) == [
        (("model", 'a"b\\c\nd'), ("priced", "no")),
        (("model", "claude-opus-4-6"),),
        (("model", "claude-opus-4-6"), ("priced", "no")),
    ]


def test_names_in_a_log_cannot_become_markup(write_log: WriteLog) -> None:
    log = write_log([message("<script>alert(1)</script>|`x`", input=1)])
    assert "<script>" not in run(log, "--format", "html").stdout
    assert "\\<script\\>" in run(log, "--format", "markdown").stdout
    assert '\\"' not in run(log, "--format", "openmetrics").stdout


def test_the_story_of_one_request(snapshot: Snapshot) -> None:
    records = [json.loads(line) for line in Path(LOG).read_text().splitlines()[:-1]]
    broken = next(record for record in records if "divergence" in record)
    snapshot("story.text", run(LOG, "--explain", broken["id"]).stdout)


def test_the_log_against_the_provider(tmp_path: Path) -> None:
    usage = tmp_path / "usage.json"
    result = {
        "model": "claude-opus-5-5",
        "uncached_input_tokens": 640,
        "cache_read_input_tokens": 1,
        "output_tokens": 0,
    }
    usage.write_text(json.dumps({"data": [{"starting_at": "2026-11-16T00:00:00Z", "results": [result]}]}))
    differences = json.loads(run(LOG, "--admin-usage", usage, "--format", "json").stdout)["differences"]
    assert [(row["day"], row["model"]) for row in differences] == [
        ("2026-11-16", "claude-fable-6"),
        ("2026-11-16", "claude-opus-5-5"),
        ("2026-11-16", "claude-sonnet-5-5"),
    ]
    assert differences[1]["provider"] == {"input": 640, "write_5m": 0, "write_1h": 0, "read": 1, "output": 0}


def test_the_log_against_the_cost_report_of_the_provider(tmp_path: Path, write_log: WriteLog) -> None:
    log = write_log([{**message(input=1_000_000), "timestamp": "2026-11-16T10:00:00Z"}])
    costs = [{"currency": "USD", "amount": "620.5", "model": "claude-opus-5", "cost_type": "tokens"}]
    report = tmp_path / "costs.json"
    report.write_text(json.dumps({"data": [{"starting_at": "2026-11-16T00:00:00Z", "results": costs}]}))
    [row] = json.loads(run(log, "--admin-usage", report, "--format", "json").stdout)["differences"]
    assert (row["logged_cost_usd"], row["provider_cost_usd"]) == ("5", "6.205")
    assert "-$1.21 of $6.21" in run(log, "--admin-usage", report).stdout


def test_a_usage_report_among_the_logs_is_known_and_not_counted(tmp_path: Path) -> None:
    bucket = {"starting_at": "2026-11-16T00:00:00Z", "ending_at": "2026-11-17T00:00:00Z", "results": []}
    (tmp_path / "usage.json").write_text(json.dumps({"data": [bucket], "has_more": False}))
    done = json.loads(run(tmp_path, "--format", "json").stdout)
    assert done["total"]["requests"] == 0
    assert done["inputs"]["skipped_lines"] == []


def test_the_output_file_is_written_in_one_step(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    assert run(LOG, "--format", "json", "--output", target).stdout == ""
    assert json.loads(target.read_text())["schema"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_a_compacted_log_has_the_same_report(tmp_path: Path) -> None:
    target = tmp_path / "usage.parquet"
    done = CliRunner().invoke(compact, [LOG, "-o", str(target)], catch_exceptions=False)
    assert done.stderr == f"{target}: 211 responses (0 duplicates left out)\n"
    assert target.stat().st_size < Path(LOG).stat().st_size / 4

    def figures(path: object) -> dict[str, object]:
        loaded: dict[str, object] = json.loads(run(path, "--format", "json").stdout)
        del loaded["inputs"]
        return loaded

    assert figures(target) == figures(LOG)


def test_prices_name_their_source(snapshot: Snapshot) -> None:
    result = CliRunner().invoke(prices, ["sonnet-5", "haiku-5"], catch_exceptions=False)
    snapshot("prices.text", re.sub(r"genai-prices \S+", "genai-prices", result.stdout))


def test_prices_of_a_file_are_shown_and_wrong_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('[[prices]]\nmodel = "m"\ninput = "1"\nwrite_5m = "1"\nwrite_1h = "1"\nread = "1"\noutput = "1"\n')
    shown = json.loads(CliRunner().invoke(prices, ["m", "--prices", str(path), "--format", "json"]).stdout)
    assert {row["model"]: row["source"] for row in shown}["m"] == "p.toml"

    for text, problem in (
        ('[[prices]]\nmodel = "m"', "row 1 \\(m\\) lacks input, write_5m, write_1h, read, output"),
        (path.read_text() + 'cost = "1"', "row 1 \\(m\\) has unknown keys cost"),
        (path.read_text().replace('input = "1"', 'input = "-1"'), "expected 0 to 999999"),
        ("[[prices", "not a readable price file"),
    ):
        path.write_text(text)
        with pytest.raises(Exception, match=problem):
            run(LOG, "--prices", path)


def test_our_own_prices_each_have_a_source_and_a_day(repository: Path) -> None:
    data = tomllib.loads((repository / "cachelint/report/pricing/prices.toml").read_text())
    assert all(row["source"] and row["checked"] for row in data["prices"])


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(Exception, match=r"pip install 'prompt-cachelint\[report\]'"):
        run(LOG)


def test_a_memory_limit_that_is_none_or_too_small() -> None:
    with pytest.raises(Exception, match="expected a size such as 512MB"):
        run(LOG, "--memory-limit", "plenty")
    with pytest.raises(Exception, match="allow more with --memory-limit"):
        run(LOG, "--memory-limit", "1MB")


def test_a_foreign_parquet_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and nothing else")
    done = json.loads(run(tmp_path, "--format", "json").stdout)
    [skipped] = done["inputs"]["skipped_files"]
    assert skipped["reason"].endswith("no Parquet file that `cachelint compact` wrote")


def test_an_empty_log_has_one_clear_sentence(write_log: WriteLog) -> None:
    assert run(write_log([])).stdout.splitlines()[-2:] == ["", "No usage records."]
