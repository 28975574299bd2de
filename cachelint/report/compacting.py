"""Logs rewritten as one Parquet file: each response once, a tenth of the size, read several times as fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.errors import InputError
from cachelint.report.engine import open_engine, quote
from cachelint.report.inputs.discovery import find_logs
from cachelint.report.inputs.staging import stage_logs
from cachelint.report.record_columns import compact_columns
from cachelint.report.responses import create_responses
from cachelint.report.scanning import scan_files
from cachelint.report.sources import RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


def compact_logs(
    logs: Sequence[str],
    output: Path,
    memory_limit: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[int, int]:
    """Write the responses of `logs` to `output`; how many they are, and how many duplicates were left out.

    A report on the file has the figures of a report on the logs. Lines without usage are not kept. Raises `InputError`.
    """
    import duckdb

    paths = find_logs(logs)
    unfinished = output.with_name(f".{output.name}.unfinished")
    with open_engine(sum(path.size for path in paths), memory_limit) as engine:
        scan_files(engine, stage_logs(engine, paths), compact_columns(), progress)
        duplicates = create_responses(engine)
        progress("writing")
        columns = ", ".join(RECORD)
        try:
            engine.run(f"""
                COPY (
                    SELECT source, 'usage' AS reading, {columns} FROM responses
                    UNION ALL
                    SELECT source, reading, {columns} FROM records WHERE reading IN ('compaction', 'failed')
                    ORDER BY started, id
                ) TO {quote(str(unfinished))} (FORMAT parquet, COMPRESSION zstd)
            """)
            unfinished.replace(output)
        except (duckdb.IOException, OSError) as error:
            raise InputError(f"{output}: cannot be written ({str(error).partition(chr(10))[0]})") from None
        finally:
            unfinished.unlink(missing_ok=True)
        (responses,) = engine.row("SELECT count(*) FROM responses")
    return responses, duplicates
