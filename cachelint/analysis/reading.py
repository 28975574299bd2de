"""Reading a file of a project: never one that would block, and never more of it than is analysed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

MAXIMUM_FILE_BYTES = 4_000_000
"""Larger files are generated data; a 0.94 MB file already costs 245 MiB as a libcst tree."""

_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def read_file(path: Path) -> bytes:
    """The bytes of a file; of one that is too large only so many that this shows.

    Raises:
        OSError: when it cannot be read or is no regular file: a pipe, a socket and a device may have no end.
    """
    handle = os.open(path, os.O_RDONLY | _WITHOUT_WAITING)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("it is not a regular file")
        return file.read(MAXIMUM_FILE_BYTES + 1)
