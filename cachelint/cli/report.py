"""`cachelint report`: turns usage logs into hit ratio, cost and savings, and says why requests missed."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from cachelint.cli.output import deliver, file_option, format_option
from cachelint.errors import InputError
from cachelint.report.renderers import FORMATS, render
from cachelint.report.renderers.style import Style
from cachelint.report.selection import DIMENSIONS
from cachelint.report.warehouse_dialects import WAREHOUSES

if TYPE_CHECKING:
    from cachelint.report.building import Options
    from cachelint.report.figures import Inputs, Report

_WIDTH_OF_PROSE = 120
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_TIME = "2026-11-23, 2026-11-23T14:00 (UTC) or an age such as 7d"


def _share(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    """A fraction of 1 from `0.8` or `80%`."""
    if value is None:
        return None
    try:
        number = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise click.BadParameter(f"{value!r} is no share: expected 0.8 or 80%")
    return number


def _dollars(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Decimal | None:
    """An amount of USD from `5` or `$5.00`."""
    if value is None:
        return None
    try:
        amount = Decimal(value.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise click.BadParameter(f"{value!r} is no amount: expected 5 or 5.00")
    return amount


@click.command()
@click.argument("logs", nargs=-1, metavar="LOG...")
@format_option(FORMATS)
@file_option()
@click.option(
    "--by",
    "dimension",
    type=click.Choice(list(DIMENSIONS)),
    default="model",
    show_default=True,
    help="What rows are by.",
)
@click.option("--since", metavar="TIME", help=f"Only requests from then on: {_TIME}.")
@click.option("--until", metavar="TIME", help="Only requests before then.")
@click.option(
    "--model", "models", multiple=True, metavar="NAME", help="Only models with NAME in their id; can be repeated."
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="DIR|KIND",
    help="A folder of source: name the finding in it that explains each miss. Or a kind of log, such as claude-code: "
    "only these.",
)
@click.option("--explain", "response_id", metavar="ID", help="Tell the story of the response with this id instead.")
@click.option(
    "--admin-usage", type=_FILE, help="Compare with this usage or cost report of the Admin API, per day and model."
)
@click.option("--prices", type=_FILE, help="A TOML file of prices that go before all others.")
@click.option("--strict", is_flag=True, help="Exit with 2 when anything in the logs could not be read.")
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="Where the queries run; spark reads what `cachelint compact` wrote.",
)
@click.option(
    "--sql",
    "dialect",
    type=click.Choice(WAREHOUSES),
    help="Print the statements for the totals in this dialect instead, to be run over what `cachelint compact` wrote; "
    "no LOG is read.",
)
@click.option("--table", metavar="NAME", help="With --sql: the table that holds it.  [default: usage]")
@click.option("--memory-limit", metavar="SIZE", help="What the engine may use, such as 2GB; the rest goes to disk.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour the text.",
)
@click.option(
    "--min-hit-ratio",
    callback=_share,
    metavar="SHARE",
    help="Gate: exit with 1 when less of the prompts was read from the cache.",
)
@click.option(
    "--min-continuity",
    callback=_share,
    metavar="SHARE",
    help="Gate: … when fewer requests read all that their conversation had cached.",
)
@click.option(
    "--max-waste", callback=_share, metavar="SHARE", help="Gate: … when more of the cost could have been recovered."
)
@click.option("--max-cost", callback=_dollars, metavar="USD", help="Gate: … when it cost more, in USD.")
@click.option("--against", type=_FILE, help="Gate: … when ratios are worse than in this earlier report in JSON.")
@click.option("--max-regression", default="0", callback=_share, metavar="SHARE", help="By how much they may be worse.")
@click.option(
    "--max-cost-increase", callback=_share, metavar="SHARE", help="With --against: by how much a request may cost more."
)
@click.option("--min-requests", type=int, default=1, show_default=True, help="With fewer requests, every gate passes.")
def command(
    logs: tuple[str, ...],
    output_format: str,
    output_file: Path | None,
    response_id: str | None,
    strict: bool,
    color: str,
    dialect: str | None,
    table: str | None,
    **asked: Any,
) -> None:
    """Report what requests cost, what the prompt cache saved, and why it missed.

    A LOG is a file, a folder, a glob, an archive, or - for standard input: logs of cachelint, Claude Code
    transcripts, API responses, batch results, streams, OpenTelemetry spans, and logs of LiteLLM, Langfuse and
    Bedrock, recognised by their records.
    """
    _refuse_combinations(dialect)
    folders, asked["sources"] = _sources(asked["sources"])
    if dialect is not None:
        deliver(_statements(dialect, table or "usage", _options(asked), folders), output_file)
        return
    if response_id is not None:
        deliver(_story(logs, response_id, _options(asked)), output_file)
        return
    report = _report(logs, _options(asked), folders)
    style = _style(output_file, color)
    deliver(render(report, output_format, style), output_file)
    if strict:
        _refuse_skipped(report.inputs)
    click.get_current_context().exit(_gates(report, asked))


_WITH_SQL = {"dialect", "table", "prices", "since", "until", "models", "sources", "output_file"}


def _refuse_combinations(dialect: str | None) -> None:
    """Logs are what a report is made of, and --sql reads none: raises `click.UsageError` for what would do nothing."""
    context = click.get_current_context()
    given = {
        parameter.name: parameter.opts[0] if isinstance(parameter, click.Option) else "a LOG"
        for parameter in context.command.params
        if parameter.name and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    }
    if dialect is None:
        if "logs" not in given:
            raise click.UsageError("Missing argument 'LOG...'.")
        if "table" in given:
            raise click.UsageError("--table is for --sql: it names the table that the printed statements read")
    elif others := [option for name, option in given.items() if name not in _WITH_SQL]:
        raise click.UsageError(f"--sql prints statements and reads no log: {', '.join(others)} has no effect with it")


def _statements(dialect: str, table: str, options: Options, folders: list[Path]) -> str:
    from cachelint.report.pricing.book import open_price_book
    from cachelint.report.warehouse import print_statements

    if folders:
        raise InputError(f"--source {folders[0]}: --sql takes kinds of logs only, as it explains no misses")
    assert options.now is not None
    book = open_price_book(options.prices)
    return print_statements(dialect, table, book, options.selection, options.now.date())


def _sources(named: tuple[str, ...]) -> tuple[list[Path], tuple[str, ...]]:
    """The folders of source among what --source names, and the kinds of logs."""
    from cachelint.report.sources import SOURCES

    kinds = {source.name for source in SOURCES}
    folders = [Path(name) for name in named if name not in kinds]
    for folder in folders:
        if not folder.exists():
            raise InputError(f"--source {folder}: no such folder, and no kind of log ({', '.join(sorted(kinds))})")
    return folders, tuple(name for name in named if name in kinds)


def _report(logs: tuple[str, ...], options: Options, folders: list[Path]) -> Report:
    """The report, with the findings in the folders that explain its misses, where there are any folders."""
    from cachelint.report.building import build_report
    from cachelint.report.progress import show_progress

    with show_progress("cachelint report") as progress:
        if not folders:
            return build_report(logs, options, progress)
        from cachelint.attribution.project import explained_report

        return explained_report(logs, options, folders, progress)


def _story(logs: tuple[str, ...], response_id: str, options: Options) -> str:
    from cachelint.report.progress import show_progress
    from cachelint.report.story import tell_story

    with show_progress("cachelint report") as progress:
        return tell_story(logs, response_id, options, progress)


def _options(asked: dict[str, Any]) -> Options:
    from datetime import UTC, datetime

    from cachelint.report.building import Options
    from cachelint.report.selection import Selection, parse_time

    now = datetime.now(UTC).replace(tzinfo=None)
    since, until = (parse_time(asked[name], now) if asked[name] else None for name in ("since", "until"))
    selection = Selection(since, until, asked["models"], asked["sources"])
    chosen = {name: asked[name] for name in ("dimension", "prices", "admin_usage", "memory_limit", "engine")}
    return Options(selection, now=now, **chosen)


def _style(output: Path | None, color: str) -> Style:
    """What the terminal can show; in a file and a pipe nothing is cut, and nothing coloured unless asked for it."""
    terminal = output is None and sys.stdout.isatty()
    colored = color == "always" or (color == "auto" and terminal and not os.environ.get("NO_COLOR"))
    encoding = "utf-8" if output is not None else (sys.stdout.encoding or "ascii")
    width = shutil.get_terminal_size().columns if terminal else _WIDTH_OF_PROSE
    return Style(width, colored, "utf" in encoding.lower(), whole=not terminal)


def _refuse_skipped(inputs: Inputs) -> None:
    for skipped in (*inputs.skipped_lines, *inputs.skipped_files):
        raise InputError(f"--strict: {skipped.count:,} skipped, {skipped.reason} ({', '.join(skipped.samples)})")


def _gates(report: Report, asked: dict[str, Any]) -> int:
    """Say on standard error how each gate went; 1 when one failed, else 0."""
    from cachelint.report.gates import Thresholds, judge

    thresholds = Thresholds(**{field.name: asked[field.name] for field in dataclasses.fields(Thresholds)})
    verdicts = judge(report, thresholds)
    for verdict in verdicts:
        click.echo(verdict.message, err=True)
    return int(not all(verdict.passed for verdict in verdicts))
