"""What was read and what was not: lines, duplicates, failures, and samples of what could not be counted."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

from cachelint.report.figures import Inputs, Skipped
from cachelint.report.inputs.reading import open_bytes
from cachelint.report.scanning import LARGEST_COUNT
from cachelint.report.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cachelint.report.engine import Engine
    from cachelint.report.inputs.staging import LogFile
    from cachelint.report.scanning import Scanned

_SAMPLES = 3
_SEARCHED_BYTES = 64 * 1024 * 1024
"""How far into a file samples are looked for; the counts are of the whole file in any case."""

_UNREADABLE = "not JSON, or cut off"
_UNKNOWN = "no usage record of a known log"
_IMPOSSIBLE = "counters that are negative, fractional or beyond reason"


def describe_inputs(engine: Engine, files: Sequence[LogFile], scanned: Scanned, duplicates: int) -> Inputs:
    """Account for every line of every file."""
    counts = engine.rows("SELECT file, source, reading, count(*) FROM records GROUP BY ALL")
    titles = {source.name: source.title for source in SOURCES}
    sources: dict[str, int] = {}
    for _, source, reading, count in counts:
        if reading == "usage":
            sources[titles.get(source, source)] = sources.get(titles.get(source, source), 0) + count
    unknown = _unknown_lines(counts)
    read = {number for file, *_ in counts for number in scanned.behind(file)}
    read |= {damage.file for damage in scanned.damaged}
    unread = [file.name for number, file in enumerate(files) if number not in read and file.size > 0]
    return Inputs(
        files=tuple(file.name for file in files),
        size=sum(file.size for file in files),
        lines=sum(_lines(counts).values()),
        sources=dict(sorted(sources.items())),
        duplicates=duplicates,
        failed=sum(count for _, _, reading, count in counts if reading == "failed"),
        skipped_lines=(*_skipped_lines(engine, files, scanned, unknown), *_impossible(engine, files)),
        skipped_files=(
            *(Skipped("no usage log", len(unread), tuple(unread[:_SAMPLES])) for _ in unread[:1]),
            *(
                Skipped(f"damaged, read in part: {damage.reason}", 1, (files[damage.file].name,))
                for damage in scanned.damaged
            ),
        ),
    )


def _lines(counts: Sequence[tuple[int, str, str, int]]) -> dict[int, int]:
    """The lines of each file: every source that scanned it saw all of them."""
    seen: dict[tuple[int, str], int] = {}
    for file, source, _, count in counts:
        seen[file, source] = seen.get((file, source), 0) + count
    lines: dict[int, int] = {}
    for (file, _), count in seen.items():
        lines[file] = max(lines.get(file, 0), count)
    return lines


def _unknown_lines(counts: Sequence[tuple[int, str, str, int]]) -> dict[int, int]:
    """For each file, the lines that no source knows."""
    lines = _lines(counts)
    for file, _, reading, count in counts:
        if reading != "unknown":
            lines[file] -= count
    return {file: count for file, count in lines.items() if count > 0}


def _skipped_lines(
    engine: Engine, files: Sequence[LogFile], scanned: Scanned, unknown: dict[int, int]
) -> Iterator[Skipped]:
    """The unknown lines as two kinds, each with samples: what is not JSON, and what is of no known log."""
    unreadable: list[str] = []
    foreign: list[str] = []
    unreadable_count = 0
    for number in unknown:
        count = 0
        for file in (files[member] for member in scanned.behind(number)):
            for line_number, is_json in _suspects(engine, file):
                samples = foreign if is_json else unreadable
                count += not is_json
                if len(samples) < _SAMPLES:
                    samples.append(f"{file.name}:{line_number}")
        unreadable_count += min(count, unknown[number])
    foreign_count = sum(unknown.values()) - unreadable_count
    if unreadable_count:
        yield Skipped(_UNREADABLE, unreadable_count, tuple(unreadable))
    if foreign_count:
        yield Skipped(_UNKNOWN, foreign_count, tuple(foreign))


def _suspects(engine: Engine, file: LogFile) -> Iterator[tuple[int, bool]]:
    """Lines that no source claims, by number, and whether each is a JSON object at all."""
    for number, record in _numbered_records(engine, file):
        if record is None or not any(source.recognises(record) for source in SOURCES):
            yield number, record is not None


def _numbered_records(engine: Engine, file: LogFile) -> Iterator[tuple[int, dict[str, object] | None]]:
    """The lines at the beginning of a file by number, each with what it holds if that is a JSON object."""
    read = 0
    with open_bytes(engine, file.path) as content:
        try:
            for number, line in enumerate(content, 1):
                read += len(line)
                if read > _SEARCHED_BYTES:
                    return
                if line.strip():
                    yield number, _parsed(line)
        except (OSError, EOFError):
            return


def _parsed(line: bytes) -> dict[str, object] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _impossible(engine: Engine, files: Sequence[LogFile]) -> Iterator[Skipped]:
    rows = engine.rows("SELECT file, count(*) FROM records WHERE reading = 'invalid' GROUP BY file ORDER BY file")
    if rows:
        samples = (sample for file, _ in rows for sample in _impossible_lines(engine, files[file]))
        yield Skipped(_IMPOSSIBLE, sum(count for _, count in rows), tuple(islice(samples, _SAMPLES)))


def _impossible_lines(engine: Engine, file: LogFile) -> Iterator[str]:
    """Where in a file counters are impossible; the file alone when that is not found near its beginning."""
    if file.parquet:
        yield file.name
        return
    found = False
    for number, record in _numbered_records(engine, file):
        if record is not None and _has_impossible_count(record):
            found = True
            yield f"{file.name}:{number}"
    if not found:
        yield file.name


def _has_impossible_count(value: object, key: str = "") -> bool:
    if isinstance(value, dict):
        return any(_has_impossible_count(inner, str(name)) for name, inner in value.items())
    if isinstance(value, list):
        return any(_has_impossible_count(inner, key) for inner in value)
    is_count = key.lower().endswith(("tokens", "tokencount", "_requests"))
    if not is_count or isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return not 0 <= value <= LARGEST_COUNT or value != int(value)
