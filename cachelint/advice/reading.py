"""The lines of the logs that the command line names."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator, Sequence

from cachelint.errors import InputError
from cachelint.report.inputs.discovery import STDIN, LogPath, find_logs, is_remote


def log_lines(arguments: Sequence[str]) -> Iterator[str]:
    """Every line of every log. Raises `InputError` for what is absent, an archive, compressed otherwise, or remote."""
    for log in find_logs(arguments):
        if log.path == STDIN:
            yield from sys.stdin
        else:
            yield from _lines(log)


def _lines(log: LogPath) -> Iterator[str]:
    if log.is_archive or is_remote(log.path) or log.path.endswith((".zst", ".parquet")):
        raise InputError(f"{log.path}: advice needs cachelint's own log as JSON lines, plain or gzipped")
    if log.path.endswith(".gz"):
        with gzip.open(log.path, "rt", encoding="utf-8", errors="replace") as packed:
            yield from packed
    else:
        with open(log.path, encoding="utf-8", errors="replace") as plain:
            yield from plain
