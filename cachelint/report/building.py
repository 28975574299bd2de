"""From logs to a report: the stages in their order, each of which leaves a table for the next."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cachelint.report.coverage import describe_inputs
from cachelint.report.diagnosis import create_diagnosis, find_misses
from cachelint.report.engine import open_engine
from cachelint.report.figures import Report
from cachelint.report.inputs.discovery import find_logs
from cachelint.report.inputs.staging import stage_logs
from cachelint.report.lifetimes import REPLAYED, compare_lifetimes
from cachelint.report.notes import reading_notes
from cachelint.report.pricing.book import open_price_book
from cachelint.report.pricing.costs import create_usage
from cachelint.report.pricing.rates import create_rates
from cachelint.report.reconciliation import reconcile
from cachelint.report.record_columns import IDENTITIES, report_columns
from cachelint.report.responses import create_responses
from cachelint.report.scanning import scan_files
from cachelint.report.selection import Selection
from cachelint.report.spark import open_spark_engine, read_on_spark
from cachelint.report.steps import create_steps
from cachelint.report.totals import create_sums, rows_by, total_figures, unpriced_models
from cachelint.report.usage import create_counted
from cachelint.report.write_waste import UNREAD, sum_write_waste

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from cachelint.report.engine import Engine
    from cachelint.report.figures import Inputs
    from cachelint.report.inputs.staging import LogFile
    from cachelint.report.scanning import Scanned

DUCKDB, SPARK = "duckdb", "spark"
ENGINES = (DUCKDB, SPARK)


@dataclass(frozen=True, slots=True)
class Options:
    """What a report is to be made of, and how."""

    selection: Selection = field(default_factory=Selection)
    dimension: str = "model"
    prices: Path | None = None
    admin_usage: Path | None = None
    """A usage report of the Admin API to compare with."""
    memory_limit: str | None = None
    engine: str = DUCKDB
    """One of `ENGINES`: where the queries run."""
    now: datetime | None = None
    """The time that undated requests are priced at, naive UTC; the present when not given."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """Logs that were read, priced and diagnosed: tables in an open engine."""

    engine: Engine
    inputs: Inputs


def build_report(
    logs: Sequence[str], options: Options | None = None, progress: Callable[[str], None] = lambda _: None
) -> Report:
    """The report on `logs`: files, folders, globs, archives, or `-`. `progress` is told of each stage as it begins.

    Raises `InputError`, `ConfigurationError` and `MissingExtraError`.
    """
    options = options or Options()
    with analyse(logs, options, progress) as analysed:
        progress("adding up")
        return summarise(analysed, options)


@contextmanager
def analyse(
    logs: Sequence[str],
    options: Options,
    progress: Callable[[str], None] = lambda _: None,
    kept: Collection[str] = (),
) -> Iterator[Analysed]:
    """Yield an engine with the relations `judged`, `requests`, `selected` and `blamed`.

    `kept` are texts of records to keep, of those that only count as hashes otherwise. Raises what `build_report`
    raises.
    """
    kept = {*kept, *({options.dimension} & set(IDENTITIES))}
    if options.engine == SPARK:
        with open_spark_engine() as engine:
            files, scanned = read_on_spark(engine, logs, report_columns(kept), progress)
            yield _analysed(engine, files, scanned, options, progress, kept)
        return
    paths = find_logs(logs)
    with open_engine(sum(path.size for path in paths), options.memory_limit) as engine:
        progress("reading")
        files = stage_logs(engine, paths)
        scanned = scan_files(engine, files, report_columns(kept), progress)
        yield _analysed(engine, files, scanned, options, progress, kept)


def _analysed(
    engine: Engine,
    files: Sequence[LogFile],
    scanned: Scanned,
    options: Options,
    progress: Callable[[str], None],
    kept: Collection[str],
) -> Analysed:
    """Everything between the records and the sums."""
    progress("finding duplicates")
    duplicates = create_responses(engine)
    inputs = describe_inputs(engine, files, scanned, duplicates)
    create_counted(engine, kept)
    progress("pricing")
    create_rates(engine, open_price_book(options.prices))
    now = options.now or datetime.now(UTC).replace(tzinfo=None)
    create_usage(engine, now.date())
    progress("diagnosing")
    create_steps(engine, options.selection)
    create_diagnosis(engine)
    return Analysed(engine, inputs)


def summarise(analysed: Analysed, options: Options) -> Report:
    """The figures of an analysed log."""
    engine = analysed.engine
    create_sums(engine, options.dimension, REPLAYED | UNREAD)
    (call_sites,) = engine.row("SELECT count(DISTINCT call_site) FROM selected")
    first, last = engine.row("SELECT min(first_started), max(last_started) FROM sums")
    models, days = rows_by(engine, "model"), rows_by(engine, "day")
    return Report(
        first=first,
        last=last,
        total=total_figures(engine),
        models=models,
        dimension=options.dimension,
        groups=models if options.dimension == "model" else rows_by(engine, options.dimension),
        timeline=days if len(days) > 2 else rows_by(engine, "hour"),
        call_sites=call_sites,
        unpriced=unpriced_models(engine),
        misses=find_misses(engine),
        lifetimes=compare_lifetimes(engine),
        write_waste=sum_write_waste(engine),
        inputs=analysed.inputs,
        notes=reading_notes(engine, analysed.inputs),
        differences=None if options.admin_usage is None else reconcile(engine, options.admin_usage),
    )
