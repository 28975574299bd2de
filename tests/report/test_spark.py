"""Reports whose queries run on Spark are those of the embedded engine, to the last digit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_logs import NOW, Conversation, message

from cachelint.errors import InputError
from cachelint.report.building import SPARK, Options, build_report
from cachelint.report.compacting import compact_logs
from cachelint.report.renderers import render
from cachelint.report.renderers.style import Style

pytest.importorskip("pyspark")
pytest.importorskip("sqlglot")

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

WriteLog = Callable[..., Path]


@pytest.fixture(scope="module", autouse=True)
def session() -> Any:
    """One local session for all tests: starting it is what takes time."""
    from cachelint.report.spark import start_session

    session = start_session()
    yield session
    session.stop()


def figures(path: Path, options: Options) -> dict[str, Any]:
    """Everything that a report says, but of its files."""
    report = build_report([str(path)], replace(options, now=NOW))
    said: dict[str, Any] = json.loads(render(report, "json", Style(120, False, True)))
    del said["inputs"]
    return said


def iterated() -> list[dict[str, Any]]:
    """Responses with several iterations, one of them by another model, and a duplicate."""
    entry = {"type": "message", "input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": 3_000}
    advisor = {"type": "advisor_message", "model": "claude-opus-5", "input_tokens": 900, "output_tokens": 7}
    iterations = [entry, advisor, {**entry, "cache_creation": {"ephemeral_1h_input_tokens": 50}}]
    response = message("claude-sonnet-5-5", input=10, out=40, r=6_000, iterations=iterations)
    return [response, response, message("claude-unknown-9", "msg_2", input=3), message(id="msg_3", w=100)]


def missing() -> list[dict[str, Any]]:
    """Requests that miss for several causes."""
    prints = {
        "fingerprints": {"tools": "t", "system": "s", "parameters": {"thinking": "a"}},
        "markers": [],
        "blocks": 3,
    }
    chat = Conversation(**prints).ask(w=5_000, first_token_ms=900.0).ask(after=5, r=5_000, w=100)
    chat.ask(after=5, w=5_200, fingerprints={"tools": "t", "system": "u", "parameters": {"thinking": "a"}})
    chat.ask(after=5, w=5_300, fingerprints={"tools": "t", "system": "u", "parameters": {"thinking": "b"}})
    chat.ask(after=600, w=5_400).ask(after=1, r=5_400, w=9, model="claude-opus-5-5")
    alone = [
        Conversation(f"a{number}", call_site="b.py:1").ask(after=number, w=2_000).records[0] for number in range(4)
    ]
    uncached = [
        Conversation(f"u{n}", call_site="c.py:1", **prints).ask(after=n, input=9_000).records[0] for n in range(4)
    ]
    hour = Conversation("h", call_site="d.py:1").ask(w1=4_000).ask(after=9, r=4_000, w1=10).ask(after=9, r=4_010, w1=10)
    return [*chat.records, *alone, *uncached, *hour.records]


@pytest.mark.slow
def test_spark_says_what_duckdb_says(write_log: WriteLog, repository: Path, tmp_path: Path) -> None:
    compacted = tmp_path / "usage.parquet"
    made = [str(write_log(iterated(), "iterated.jsonl")), str(write_log(missing(), "missing.jsonl"))]
    compact_logs([*made, str(repository / "fixtures" / "logs" / "support-desk.jsonl")], compacted)
    on_duckdb = figures(compacted, Options(dimension="day"))
    assert {miss["code"] for miss in on_duckdb["misses"]} >= {"CL802", "CL804", "CL806", "CL807", "CL809", "CL813"}
    assert figures(compacted, Options(dimension="day", engine=SPARK)) == on_duckdb


def test_spark_reads_only_what_was_compacted(write_log: WriteLog) -> None:
    with pytest.raises(InputError, match="Spark reads Parquet; write it with `cachelint compact"):
        build_report([str(write_log([message(out=1)]))], Options(engine=SPARK))


def test_what_is_no_parquet_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "usage.parquet"
    path.write_text("no Parquet")
    with pytest.raises(InputError, match=r"usage\.parquet: Spark cannot read it"):
        build_report([str(path)], Options(engine=SPARK))
