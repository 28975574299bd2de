"""Which program this is: a change of its code, its rules, its parser or its Python makes another one."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from cachelint.rulebook import rules_folder


def build() -> str:
    """A digest of the Python, and of name, size and time of change of every file that findings come from.

    Times instead of contents, because reading hundreds of files would take longer than the rest of a run that finds
    its outcome in the cache.
    """
    program = [*_files(Path(__file__).parent.parent), *_files(rules_folder())]
    parser = find_spec("libcst")
    if parser is not None and parser.origin is not None:
        program += _files(Path(parser.origin).parent, deep=False)
    return hashlib.blake2b(repr([sys.version, *program]).encode(), digest_size=16).hexdigest()


def _files(folder: Path | str, *, deep: bool = True) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if not entry.is_dir():
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns
            elif deep and entry.name != "__pycache__":
                yield from _files(entry.path)
