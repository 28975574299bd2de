"""Statements for warehouses: on DuckDB and Spark they give the report's figures, all are of their dialect."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st
from made_logs import NOW, Conversation, message

from cachelint.cli.report import command
from cachelint.errors import ConfigurationError, MissingExtraError
from cachelint.prompt.models import normalize_model
from cachelint.report.building import Options, build_report
from cachelint.report.compacting import compact_logs
from cachelint.report.figures import Figures
from cachelint.report.pricing.book import open_price_book
from cachelint.report.selection import Selection
from cachelint.report.warehouse import print_statements, with_model_id
from cachelint.report.warehouse_dialects import WAREHOUSES, statement_in

sqlglot = pytest.importorskip("sqlglot")

WriteLog = Callable[..., Path]
Rows = list[dict[str, Any]]


def statements(dialect: str, selection: Selection | None = None, prices: Path | None = None) -> str:
    return print_statements(dialect, "usage", open_price_book(prices), selection or Selection(), NOW.date())


def split(text: str) -> list[str]:
    """The statements of a script, none of which has a semicolon inside."""
    return [statement for statement in text.split(";\n") if statement.strip()]


def on_duckdb(script: str, *tables: Path) -> list[Rows]:
    """The results of the three last statements of a script, over the content of compacted files."""
    results = []
    with duckdb.connect() as connection:
        files = ", ".join(f"'{path}'" for path in tables)
        connection.execute(f"CREATE TABLE usage AS FROM read_parquet([{files}])")
        for statement in split(script):
            cursor = connection.execute(statement)
            names = [column[0] for column in cursor.description or ()]
            results.append([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])
    return results[-3:]


def expected(figures: Figures) -> dict[str, Any]:
    """What the statements say of a group of requests, from the report's figures."""
    money = {"cost": figures.cost, "cost_without_cache": figures.cost_without_cache, "saved": figures.saved}
    money |= {f"cost_{part}": cost for part, cost in figures.cost_parts.items()}
    counts = ("requests", "input", "output", "read", "write_5m", "write_1h")
    return {name: getattr(figures, name) for name in counts} | {"hit_ratio": figures.hit_ratio.value} | money


def assert_same(results: list[Rows], path: Path, options: Options) -> None:
    """The total, the days and the models are those of a report."""
    report = build_report([str(path)], replace(options, now=NOW, dimension="day"))
    [total], days, models = results
    assert total == expected(report.total)
    assert days == [{"day": row.name, **expected(row.figures)} for row in report.groups]
    unpriced = {(row["model"], row["requests"]) for row in models if not row.pop("priced")}
    assert unpriced == {(item.model, item.requests) for item in report.unpriced}
    assert models == [{"model": row.name, **expected(row.figures)} for row in report.models]


def intricate() -> Iterable[Any]:
    """Responses that differ in all that decides what they cost."""
    entry = {"type": "message", "input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": 3_000}
    advisor = {"type": "advisor_message", "model": "claude-opus-5", "input_tokens": 900, "output_tokens": 7}
    declined = {"type": "message", "model": "claude-opus-5", "input_tokens": 800, "output_tokens": 0}
    iterations = [declined, entry, advisor, {**entry, "cache_creation": {"ephemeral_1h_input_tokens": 50}}]
    searches = {"server_tool_use": {"web_search_requests": 3}}
    yield message("claude-sonnet-5-5", input=10, out=40, r=6_000, iterations=iterations, **searches)
    yield message("claude-sonnet-5-5", "msg_2", input=10, out=1, iterations=[])
    yield message("claude-unknown-9", "msg_3", input=3)
    yield message("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "msg_4", input=250_000, w=100, out=3)
    yield message("claude-3-5-haiku-20241022", "msg_5", w=700, w5=200, w1=500, out=9, service_tier="batch")
    yield message("claude-opus-5", "msg_6", input=17, w1=33, inference_geo="us", speed="fast")
    yield {**message("claude-opus-5", "msg_7", input=99, out=0), "stop_reason": "refusal", "content": []}
    yield message("claude-opus-5", "msg_8", **searches)
    yield message("claude-unknown-8", "msg_9")
    yield message("anthropic/claude-opus-4.8", id=None, input=5, out=7)
    yield from Conversation().ask(w=5_000, out=8).ask(after=5, r=5_000, w=100).records
    yield from (
        Conversation("b", start=datetime(2026, 8, 1, 23, 59))
        .ask(w=4_000)
        .ask(after=90, r=4_000, complete=False)
        .records
    )


@pytest.fixture
def compacted(write_log: WriteLog, repository: Path, tmp_path: Path) -> Path:
    path = tmp_path / "usage.parquet"
    compact_logs([str(write_log(intricate())), str(repository / "fixtures" / "logs" / "support-desk.jsonl")], path)
    return path


def test_duckdb_computes_the_figures_of_the_report(compacted: Path) -> None:
    results = on_duckdb(statements("duckdb"), compacted)
    assert {row["model"] for row in results[2]} >= {"claude-sonnet-5-5", "claude-opus-5", "claude-unknown-9"}
    assert_same(results, compacted, Options())


def test_of_a_table_that_holds_responses_twice_each_counts_once(compacted: Path) -> None:
    [[once], *_] = on_duckdb(statements("duckdb"), compacted)
    [[twice], *_] = on_duckdb(statements("duckdb"), compacted, compacted)
    assert twice["requests"] == once["requests"] + 1  # of the one that nothing identifies


def test_selections_are_those_of_the_report(compacted: Path) -> None:
    selection = Selection(datetime(2026, 11, 17), datetime(2026, 11, 20), ("opus",), ("cachelint",))
    results = on_duckdb(statements("duckdb", selection), compacted)
    assert results[0][0]["requests"] > 0
    assert_same(results, compacted, Options(selection))


def test_prices_of_a_file_are_inlined_exactly(write_log: WriteLog, tmp_path: Path) -> None:
    prices, path = tmp_path / "prices.toml", tmp_path / "usage.parquet"
    numbers = "".join(f'{name} = "0.000001"\n' for name in ("input", "write_5m", "write_1h", "read", "output"))
    prices.write_text(f'[[prices]]\nmodel = "claude-opus-5"\n{numbers}')
    usage = message("claude-opus-5", input=1, r=10**12, inference_geo="us", service_tier="batch")
    compact_logs([str(write_log([usage]))], path)
    results = on_duckdb(statements("duckdb", prices=prices), path)
    assert_same(results, path, Options(prices=prices))
    assert results[0][0]["cost_input"].as_tuple().exponent == -14


@pytest.mark.slow
def test_spark_computes_the_figures_of_the_report(compacted: Path) -> None:
    pytest.importorskip("pyspark")
    from cachelint.report.spark import start_session

    session = start_session()
    try:
        session.read.parquet(str(compacted)).createOrReplaceTempView("usage")
        *views, total, days, models = split(statements("spark"))
        for view in views:
            session.sql(view)
        session.catalog.cacheTable("cachelint_priced")
        results = [[row.asDict() for row in session.sql(query).collect()] for query in (total, days, models)]
    finally:
        session.stop()
    assert_same(results, compacted, Options())


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_statements_are_of_their_dialect(dialect: str) -> None:
    script = statements(dialect, Selection(datetime(2026, 11, 17), None, ("opus",), ("cachelint",)))
    level = sqlglot.ErrorLevel.RAISE
    trees = [sqlglot.parse_one(statement, read=dialect, error_level=level) for statement in split(script)]
    assert [type(tree).__name__ for tree in trees] == ["Create"] * 5 + ["Select"] * 3
    assert not any(tree.find(sqlglot.exp.Command) for tree in trees)
    assert not {"entry.type", "CONCAT_WS"} & set(script.split()) or dialect == "duckdb"
    comments = [line for line in script.splitlines() if line.startswith("-- ")]
    assert len(comments) == len(trees)
    assert comments[-1].startswith("-- Totals by model")


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_no_price_passes_through_a_binary_fraction(dialect: str) -> None:
    rates = sqlglot.parse_one(split(statements(dialect))[0], read=dialect)
    numbers = [literal.this for literal in rates.find_all(sqlglot.exp.Literal) if not literal.is_string]
    assert numbers
    assert not [number for number in numbers if "." in number or "e" in number.lower()]


spelled = st.from_regex(
    r"(us\.|anthropic/|x~)?claude-[a-z0-9.-]{0,24}(-v\d:0|-latest|@20260701|\[1m\])?", fullmatch=True
)


@given(st.lists(spelled | st.text("abclude-3.05/@opus", max_size=20), min_size=1, max_size=40))
@example(
    ["claude-3-opus-20240229", "claude-3-5-haiku-latest", "claude-opus-4-0", "CLAUDE-OPUS-4.8", "claude-3-0-opus", ""]
)
@example(["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-opus-5[1m]", "gpt-5", "claude-", "claude-3-123-opus"])
def test_models_are_normalised_as_in_the_report(models: list[str]) -> None:
    listed = ", ".join(f"({number}, '{model}')" for number, model in enumerate(models))
    query = with_model_id(f"SELECT * FROM (VALUES {listed}) AS listed(number, model)")
    found = duckdb.execute(f"SELECT model_id FROM ({query}) ORDER BY number").fetchall()
    assert [name for (name,) in found] == [normalize_model(model) for model in models]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_the_command_prints_statements_without_a_log() -> None:
    result = run("--sql", "bigquery", "--table", "analytics.llm.usage", "--model", "opus")
    assert result.exit_code == 0
    assert result.stdout.startswith("-- The prices in force, in USD for one token\n")
    assert "FROM analytics.llm.usage" in result.stdout
    assert "INSTR(model, 'opus') > 0" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--sql", "clickhouse"), "'clickhouse' is not one of"),
        (("--sql", "duckdb", "usage.jsonl"), "--sql prints statements and reads no log: a LOG has no effect with it"),
        (("--sql", "duckdb", "--by", "day", "--strict"), "--by, --strict has no effect with it"),
        (("--table", "usage", "usage.jsonl"), "--table is for --sql"),
        ((), "Missing argument 'LOG...'."),
    ],
)
def test_what_would_do_nothing_is_refused(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_table_must_have_a_plain_name() -> None:
    with pytest.raises(ConfigurationError, match="--table a; DROP: expected a name such as usage"):
        print_statements("duckdb", "a; DROP", open_price_book(), Selection(), NOW.date())


def test_what_a_dialect_cannot_express_is_said() -> None:
    with pytest.raises(ConfigurationError, match="--sql spark: it cannot express cachelint_x"):
        statement_in("spark", "SELECT regexp_extract(model, 'x(y)', 1, 'i') FROM usage", "cachelint_x")


def test_without_sqlglot_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlglot", None)
    with pytest.raises(
        MissingExtraError, match=r"`cachelint report --sql` needs more packages: .*prompt-cachelint\[sql\]"
    ):
        statements("duckdb")
