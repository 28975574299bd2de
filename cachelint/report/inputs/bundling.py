"""Many small files joined into one before they are scanned: the engine needs milliseconds to open a file, whatever its
size, and transcripts come by the thousand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cachelint.report.inputs.staging import LogFile

_SMALL_FILE = 8 * 1024 * 1024
_BUNDLE = 256 * 1024 * 1024
"""Bytes that are copied at once, to a file that is deleted after its scan."""


def bundles(files: Sequence[LogFile], numbers: Sequence[int]) -> Iterator[list[int]]:
    """`numbers` of `files` in groups: small plain files together, compressed files of a kind, and others alone."""
    for kind in dict.fromkeys(files[number].compression for number in numbers):
        group = [number for number in numbers if files[number].compression == kind]
        if kind == "none":
            small = [number for number in group if 0 < files[number].size < _SMALL_FILE]
            yield from _limited(files, small)
            yield from ([number] for number in group if not 0 < files[number].size < _SMALL_FILE)
        else:
            yield group


def _limited(files: Sequence[LogFile], numbers: Sequence[int]) -> Iterator[list[int]]:
    """`numbers` cut where their files exceed the size of a bundle."""
    bundle: list[int] = []
    size = 0
    for number in numbers:
        if size + files[number].size > _BUNDLE:
            yield bundle
            bundle, size = [], 0
        bundle.append(number)
        size += files[number].size
    if bundle:
        yield bundle


def join_files(files: Sequence[LogFile], path: Path) -> None:
    """Write the lines of all files to `path`, one file after the other. Raises `OSError`."""
    with path.open("wb") as joined:
        for file in files:
            with open(file.path, "rb") as part:
                content = part.read()
            joined.write(content)
            if content and not content.endswith(b"\n"):
                joined.write(b"\n")
