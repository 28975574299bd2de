"""Which files the arguments of `report` mean: files, folders, globs, archives, standard input."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cachelint.errors import InputError
from cachelint.report.inputs.cassettes import looks_like_cassette

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STDIN = "-"
ARCHIVE_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
RECORD_SUFFIXES = (".jsonl", ".ndjson", ".json", ".sse", ".log", ".txt")
CASSETTE_SUFFIXES = (".yaml", ".yml")
COMPRESSED_SUFFIXES = ("", ".gz", ".zst")
_LOG_SUFFIXES = (
    *(record + compression for record in RECORD_SUFFIXES for compression in COMPRESSED_SUFFIXES),
    ".parquet",
    *ARCHIVE_SUFFIXES,
)


@dataclass(frozen=True, slots=True)
class LogPath:
    """One file that may hold usage records."""

    path: str
    """Where it is, or `-` for standard input, or a URL that DuckDB can read."""
    size: int
    """Bytes on disk; 0 when unknown."""

    @property
    def is_archive(self) -> bool:
        """Whether it is a tar archive of logs."""
        return self.path.lower().endswith(ARCHIVE_SUFFIXES)


def find_logs(arguments: Sequence[str]) -> list[LogPath]:
    """The files that `arguments` mean, each once, in a stable order.

    A folder means every file below it that is named like a log. Raises `InputError` for an argument that means nothing.
    """
    found: dict[str, LogPath] = {}
    for argument in arguments:
        for path in _expand(argument):
            identity = path if is_remote(path) or path == STDIN else os.path.realpath(path)
            found.setdefault(identity, LogPath(path, _size(path)))
    return list(found.values())


def is_remote(path: str) -> bool:
    """Whether `path` is a URL, such as an object in a bucket."""
    return "://" in path


def looks_like_log(name: str) -> bool:
    """Whether a file of a folder or archive is named like a log."""
    return name.lower().endswith(_LOG_SUFFIXES)


def _expand(argument: str) -> Iterator[str]:
    if argument == STDIN or is_remote(argument):
        yield argument
        return
    path = Path(argument)
    if path.is_dir():
        below = [str(file) for file in sorted(path.rglob("*")) if file.is_file() and _is_log(file)]
        if not below:
            raise InputError(
                f"{argument}: no logs in this folder (looked for {', '.join(RECORD_SUFFIXES)}, archives, Parquet)"
            )
        yield from below
    elif path.exists():
        yield argument
    elif matches := sorted(glob.glob(argument, recursive=True)):
        for match in matches:
            yield from _expand(match)
    else:
        raise InputError(f"{argument}: no such file or folder")


def _is_log(file: Path) -> bool:
    """Whether a file of a folder is named like a log, or is a cassette; of YAML that is looked into, as most is not."""
    if file.suffix.lower() not in CASSETTE_SUFFIXES:
        return looks_like_log(file.name)
    try:
        with file.open("rb") as content:
            return looks_like_cassette(content.read(256))
    except OSError:
        return False


def _size(path: str) -> int:
    return 0 if path == STDIN or is_remote(path) else os.stat(path).st_size
