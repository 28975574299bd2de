"""The embedded engine: one private DuckDB per report, bounded in memory, exact in money."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cachelint.errors import ConfigurationError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

DEFAULT_MEMORY_LIMIT = "450MB"
"""Of the engine, which needs about 150 MB beside it; what does not fit is spilled to a private folder."""

LARGE_INPUT = 1024 * 1024 * 1024
"""From this many bytes of input, tables live compressed in a temporary file instead of in memory."""


class Engine:
    """A connection that runs SQL, and the private folder where it may spill and where inputs are staged.

    The folder is removed when the engine closes, however the report ends.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._connection = connection
        self.folder = folder

    def run(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Execute a statement whose result nobody needs."""
        self._connection.execute(sql, list(parameters)) if parameters else self._connection.execute(sql)

    def cursor(self, sql: str) -> duckdb.DuckDBPyConnection:
        """An open cursor over a query, for results that should not be in memory at once."""
        return self._connection.cursor().execute(sql)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, as tuples of Python values (money as `Decimal`, times as naive UTC `datetime`)."""
        cursor = self._connection.execute(sql, list(parameters)) if parameters else self._connection.execute(sql)
        return cursor.fetchall()

    def row(self, sql: str, parameters: Sequence[object] = ()) -> tuple[Any, ...]:
        """The only row of a query that always has one, such as an aggregate without groups."""
        return self.rows(sql, parameters)[0]

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """All rows of a query, each as a dictionary by column name."""
        cursor = self._connection.execute(sql, list(parameters)) if parameters else self._connection.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def open_engine(input_bytes: int = 0, memory_limit: str | None = None) -> Iterator[Engine]:
    """Yield an engine fit for `input_bytes` of logs.

    Raises `MissingExtraError` when DuckDB is not installed, `ConfigurationError` for a limit that DuckDB does not
    understand.
    """
    try:
        import duckdb
    except ImportError:
        raise MissingExtraError("report", "report") from None
    folder = Path(tempfile.mkdtemp(prefix="cachelint-"))
    connection = None
    try:
        database = folder / "usage.duckdb" if input_bytes >= LARGE_INPUT else ":memory:"
        connection = duckdb.connect(str(database), config={"temp_directory": str(folder / "spill")})
        _configure(connection, memory_limit or DEFAULT_MEMORY_LIMIT)
        yield Engine(connection, folder)
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.OutOfMemoryException:
        limit = memory_limit or DEFAULT_MEMORY_LIMIT
        raise ConfigurationError(f"the logs need more memory than {limit}: allow more with --memory-limit") from None
    finally:
        if connection is not None:
            connection.close()
        shutil.rmtree(folder, ignore_errors=True)


def _configure(connection: duckdb.DuckDBPyConnection, memory_limit: str) -> None:
    import duckdb

    try:
        connection.execute(f"SET memory_limit = {quote(memory_limit)}")
    except duckdb.Error:
        raise ConfigurationError(f"--memory-limit {memory_limit}: expected a size such as 512MB or 2GB") from None
    connection.execute("SET timezone = 'UTC'; SET preserve_insertion_order = false; SET enable_progress_bar = false")


def quote(text: str) -> str:
    """`text` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def quote_list(texts: Sequence[str]) -> str:
    """`texts` as an SQL list of string literals."""
    return "[" + ", ".join(quote(text) for text in texts) + "]"
