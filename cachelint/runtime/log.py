"""The usage log: appends one line per record with one write, so that any number of processes can share a file.

A line is written by a single call on a descriptor opened for appending, which local file systems keep whole unless
the process is killed in its midst: `torn_lines` mends that. There is no writer thread (it was measured slower than
writing in place), no lock between processes and no buffer: what is written survives a killed process. What cannot be
written is counted, and the next record that can be says how many.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cachelint.runtime import forks
from cachelint.runtime.location import daily_name, host_name, is_folder, log_location, make_folder
from cachelint.runtime.torn_lines import blank_half, mend_before

_logger = logging.getLogger("cachelint")

_CHECK_EVERY_LINES = 32
_CHECK_EVERY_SECONDS = 1.0
_RETRY_AFTER_SECONDS = 1.0
_SLOW_SECONDS = 1.0
_REST_AFTER_SLOW = 10
"""Times as long as a slow write took, nothing is written: a disk that hangs shall not hold up the program for long."""
_BINARY: int = getattr(os, "O_BINARY", 0)
"""So that Windows leaves line ends alone."""

_encode = json.JSONEncoder(separators=(",", ":"), default=str, allow_nan=False).encode


class UsageLog:
    """A file of JSON lines, or a folder with one per day and host (``usage-2026-11-23-web1.jsonl``).

    `log`: the file or folder; by default that of `CACHELINT_LOG`, else ``.cachelint/`` of the working directory.
    `max_bytes`: start another file (``usage.2.jsonl``) when one has grown this long; by default never.
    Files are created readable by their owner only. A file that is deleted or renamed is created again.
    """

    def __init__(self, log: str | os.PathLike[str] | None = None, *, max_bytes: int | None = None) -> None:
        self.location = log_location(log)
        self.daily = is_folder(log)
        self.max_bytes = max_bytes
        self.lost_records = 0
        """Records that could not be written and have not been reported by a later one."""
        self._host = host_name()
        self._part = 1
        self._path: Path | None = None
        self._descriptor: int | None = None
        self._identity: tuple[int, int] | None = None
        """Device and inode of what we opened: a program may close our descriptor, and get its number for a socket."""
        self._lines_until_check = 0
        self._check_at = 0.0
        self._resting_until: float | None = None
        self._warned = False
        # A dropped response is recorded when the interpreter collects it, which may be while we write another record.
        self._lock = threading.RLock()
        forks.after_fork(self._after_fork)

    @property
    def folder(self) -> Path:
        """The folder that the log is in."""
        return self.location if self.daily else self.location.parent

    @property
    def path(self) -> Path:
        """The file that the next record goes to."""
        return self._path_at(time.time())

    def append(self, record: Mapping[str, Any]) -> None:
        """Writes a record as one line. Never raises: a record that cannot be written is counted in `lost_records`."""
        try:
            with self._lock:
                self._append(record)
        except Exception as error:
            self._lose(error)

    def lose(self) -> None:
        """Counts a record that was lost before it came here."""
        self.lost_records += 1

    def close(self) -> None:
        """Closes the file; a later record opens it again."""
        with self._lock:
            self._release()

    def _append(self, record: Mapping[str, Any]) -> None:
        now = time.monotonic()
        if self._resting_until is not None and now < self._resting_until:
            self.lost_records += 1
            return
        line = _encode({**record, "lost_records": self.lost_records} if self.lost_records else record).encode() + b"\n"
        descriptor, path = self._open(now)
        written = os.write(descriptor, line)
        if written != len(line):
            blank_half(written, descriptor, path)
            raise OSError("no space left for a whole line")
        self._resting_until, self.lost_records = None, mend_before(line, descriptor, path)
        spent = time.monotonic() - now
        if spent > _SLOW_SECONDS:
            self._rest(now + spent * (1 + _REST_AFTER_SLOW), f"it takes {spent:.0f} seconds to write a line")

    def _open(self, now: float) -> tuple[int, Path]:
        """The descriptor and path of the right file: of today, below the size limit, and still there under its name."""
        self._lines_until_check -= 1
        # A deleted file is noticed at once; one that was renamed keeps what is written in the meantime.
        intact = self._is_intact()
        due = self._lines_until_check <= 0 or now >= self._check_at
        if intact and not due and self._descriptor is not None and self._path is not None:
            return self._descriptor, self._path
        self._lines_until_check, self._check_at = _CHECK_EVERY_LINES, now + _CHECK_EVERY_SECONDS
        path = self._path_at(time.time())
        if self._descriptor is None or not intact or path != self._path or self._identity != _identity_of(path):
            self._release()
            make_folder(path.parent)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _BINARY, 0o600)
            self._identity = _identity_of(self._descriptor)
            self._path = path
        return self._descriptor, path

    def _is_intact(self) -> bool:
        """Whether our descriptor is still the file that we opened, and the file not deleted."""
        if self._descriptor is None:
            return False
        try:
            status = os.fstat(self._descriptor)
        except OSError:
            return False
        return status.st_nlink > 0 and (status.st_dev, status.st_ino) == self._identity

    def _path_at(self, now: float) -> Path:
        base = self.location / daily_name(now, self._host) if self.daily else self.location
        if self.max_bytes is None:
            return base
        if self._path is None or self._path.parent != base.parent or not self._path.name.startswith(base.stem):
            self._part = 1
        while _size(path := _part(base, self._part)) >= self.max_bytes:
            self._part += 1
        return path

    def _release(self) -> None:
        """Closes the file, unless its descriptor has become somebody else's."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None and _identity_of(descriptor) == self._identity:
            os.close(descriptor)

    def _lose(self, error: Exception) -> None:
        self.lost_records += 1
        self._rest(time.monotonic() + _RETRY_AFTER_SECONDS, getattr(error, "strerror", None) or str(error))
        try:
            # What is wrong may be the descriptor, as of a network file system that was away.
            self._release()
        except OSError:
            return

    def _rest(self, until: float, reason: str) -> None:
        self._resting_until = until
        if not self._warned:
            self._warned = True
            _logger.warning("cachelint cannot write its usage log %s: %s. Your program goes on.", self.location, reason)

    def _after_fork(self) -> None:
        """In the child: the parent reports its own losses, may have held the lock, and shares its place in the file."""
        self._lock = threading.RLock()
        self.lost_records = 0
        self._release()


def _identity_of(file: int | Path) -> tuple[int, int] | None:
    """Device and inode of a file or descriptor; None where there is none."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _part(base: Path, number: int) -> Path:
    return base if number == 1 else base.with_name(f"{base.stem}.{number}{base.suffix}")
