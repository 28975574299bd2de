"""The text lines of a file, whatever it is compressed with."""

from __future__ import annotations

import gzip
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cachelint.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from cachelint.report.engine import Engine

    Bytes = IO[bytes] | gzip.GzipFile | io.BufferedReader

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def compression(head: bytes) -> str:
    """`gzip`, `zstd` or `none`, by the first bytes of a file: names are not to be trusted."""
    if head.startswith(_GZIP_MAGIC):
        return "gzip"
    return "zstd" if head.startswith(_ZSTD_MAGIC) else "none"


@contextmanager
def open_bytes(engine: Engine, path: str) -> Iterator[Bytes]:
    """Yield the decompressed bytes of a file. Raises `InputError` when it cannot be opened."""
    try:
        with open(path, "rb") as file:
            kind = compression(file.read(4))
            file.seek(0)
            if kind == "gzip":
                yield gzip.GzipFile(fileobj=file)
            elif kind == "zstd":
                yield io.BufferedReader(_ZstdLines(engine, path))
            else:
                yield file
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None


def line_scan(path: str, kind: str) -> str:
    """SQL for the lines of a file or object as texts."""
    from cachelint.report.engine import quote

    return (
        f"SELECT line FROM read_csv({quote(path)}, columns = {{line: 'VARCHAR'}}, delim = '\x01', quote = '', "
        "escape = '', header = false, auto_detect = false, strict_mode = false, "
        f"compression = '{kind}', ignore_errors = true)"
    )


class _ZstdLines(io.RawIOBase):
    """The lines of a zstd file through DuckDB, which bundles the decoder that Python 3.11 lacks."""

    _BATCH = 2048

    def __init__(self, engine: Engine, path: str) -> None:
        self._cursor = engine.cursor(line_scan(path, "zstd"))
        self._pending = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._pending:
            lines = self._cursor.fetchmany(self._BATCH)
            self._pending = "".join(f"{line or ''}\n" for (line,) in lines).encode()
        count = min(len(buffer), len(self._pending))
        buffer[:count] = self._pending[:count]
        self._pending = self._pending[count:]
        return count
