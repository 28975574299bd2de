"""Mends what a killed process or a full disk left of a line, to which the next line is glued.

The kernel copies a line page by page, and stops between two pages in a process that is killed. To look at the end of
the file before writing does not help: the other may be killed while we wait for our turn. So we look after writing,
when what lies before our line changes no more, and need no lock that a stopped process could hold for ever.
"""

from __future__ import annotations

import json
import os
from io import FileIO
from pathlib import Path

_LONGEST_PIECE = 1 << 20
"""Bytes."""


def mend_before(line: bytes, descriptor: int, path: Path) -> int:
    """Mends what lies before `line`, which `descriptor` has just appended to `path`; returns the records lost there.

    A torn record (0 or 1) becomes spaces, which readers of JSON skip; what somebody else left without an end of line
    stays as it is, and `line` is moved behind an end of line. `descriptor` is open for reading as well, and not shared
    with another process. Raises `OSError` when `line` could not be kept whole.
    """
    start = _start_within_a_line(descriptor, len(line))
    if start is None:
        return 0
    with FileIO(path, "r+") as file:
        if not os.path.samestat(os.fstat(file.fileno()), os.fstat(descriptor)):
            raise OSError("the file was renamed while a line was written behind half of another")
        piece = _piece_before(file, start)
        if not piece.strip():
            return 0
        if _is_torn_record(piece):
            _overwrite(file, start - len(piece), b" " * len(piece))
            return 1
        _overwrite(file, start, b"\n" + b" " * (len(line) - 2) + b"\n")
    if os.write(descriptor, line) != len(line):
        raise OSError("no space left for a whole line")
    return 0


def blank_half(length: int, descriptor: int, path: Path) -> None:
    """Makes spaces of the half of a line, of `length` bytes, that `descriptor` could append to `path`."""
    with FileIO(path, "r+") as file:
        _overwrite(file, os.lseek(descriptor, 0, os.SEEK_CUR) - length, b" " * length)


def _start_within_a_line(descriptor: int, length: int) -> int | None:
    """Where the last `length` bytes start, unless that is the start of a line."""
    try:
        start = os.lseek(descriptor, 0, os.SEEK_CUR) - length
        if start <= 0:
            return None
        os.lseek(descriptor, start - 1, os.SEEK_SET)
        return start if os.read(descriptor, 1) != b"\n" else None
    except OSError:
        # A pipe or a terminal.
        return None


def _piece_before(file: FileIO, end: int) -> bytes:
    file.seek(max(0, end - _LONGEST_PIECE))
    return file.read(min(end, _LONGEST_PIECE)).rpartition(b"\n")[2]


def _is_torn_record(piece: bytes) -> bool:
    if not piece.lstrip().startswith(b"{"):
        return False
    try:
        json.loads(piece)
    except ValueError:
        return True
    return False


def _overwrite(file: FileIO, start: int, content: bytes) -> None:
    file.seek(start)
    file.write(content)
