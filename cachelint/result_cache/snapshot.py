"""What the files of a project hold, by digest; a file whose size and times have not changed is not read for it.

A digest ends with ``+`` where the file is notable, as `cachelint.analysis.mentions` says.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cachelint.analysis.reading import MAXIMUM_FILE_BYTES, read_file

_SETTLED_NANOSECONDS = 2_000_000_000
"""A file that changed less than this ago may change again without another time of change, on file systems that count
in steps as long as this."""
_NOTABLE = "+"
_TOO_LARGE = "too large+"
"""Stands for the digest of a file that is too large to be analysed, whatever it holds."""


class Snapshot:
    """The files of a project at one time."""

    def __init__(self, files: Mapping[str, Path | bytes], index: Mapping[str, Any]) -> None:
        """`index` is that of an earlier snapshot.

        Raises `OSError` where a file cannot be read.
        """
        self._files = files
        self._read: dict[str, bytes] = {}
        self.index: dict[str, list[Any]] = {}
        """Per name: size, two times of change, and the digest of a file that has settled."""
        self.digests = {name: self._digest(name, origin, index.get(name)) for name, origin in files.items()}
        """Name to digest."""

    @property
    def notable(self) -> list[str]:
        """The files in which something may be found by itself."""
        return [name for name, digest in self.digests.items() if digest.endswith(_NOTABLE)]

    def origin(self, name: str) -> Path | bytes:
        """The content of a file, or where it is if it is too large.

        Raises `OSError` where it cannot be read, or holds something else than it did a moment ago.
        """
        if self.digests[name] == _TOO_LARGE:
            return self._files[name]
        if name not in self._read and self._digest(name, self._files[name], None) != self.digests[name]:
            raise OSError(f"{name} changes while it is read")
        return self._read[name]

    def contents(self) -> dict[str, Path | bytes]:
        """All files, read now; the digests are those of exactly these contents. Files too large stay on disk.

        Raises `OSError` where a file cannot be read.
        """
        for name, origin in self._files.items():
            if name not in self._read:
                self.digests[name] = self._digest(name, origin, None)
        return {**self._files, **self._read}

    def is_exact(self) -> bool:
        """Whether the files that were too large to be read still are."""
        try:
            return all(
                os.stat(self._files[name]).st_size > MAXIMUM_FILE_BYTES
                for name, digest in self.digests.items()
                if digest == _TOO_LARGE
            )
        except OSError:
            return False

    def _digest(self, name: str, origin: Path | bytes, known: Sequence[Any] | None) -> str:
        if isinstance(origin, bytes):
            return self._digest_of(name, origin)
        status = os.stat(origin)
        if status.st_size > MAXIMUM_FILE_BYTES:
            return _TOO_LARGE
        signature = [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
        if known is not None and list(known[:3]) == signature:
            self.index[name] = [*known]
            return str(known[3])
        started = time.time_ns()
        digest = self._digest_of(name, read_file(origin))
        self.index.pop(name, None)
        if max(status.st_mtime_ns, status.st_ctime_ns) < started - _SETTLED_NANOSECONDS:
            self.index[name] = [*signature, digest]
        return digest

    def _digest_of(self, name: str, content: bytes) -> str:
        from cachelint.analysis.mentions import is_notable

        self._read[name] = content
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        return digest + _NOTABLE if is_notable(name, content) else digest
