"""Every line of every log, read once by the sources that recognise it, into the table `records`.

`records` holds a row for each line: `source`, `file` (number of the file), `reading`, and the columns of `RECORD`.
`reading` is

    usage        a response with counters                  failed    a request that cost nothing
    compaction   a mark that a conversation was compacted  other     a line of a known log without usage
    invalid      counters that cannot be                   unknown   neither readable nor known
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cachelint.report.engine import quote, quote_list
from cachelint.report.inputs.reading import open_bytes
from cachelint.report.sources import COUNTERS, RECORD, SOURCES, possible_sources, recognise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cachelint.report.engine import Engine
    from cachelint.report.inputs.staging import LogFile
    from cachelint.report.sources import Source

_COMPRESSION = {"none": "uncompressed", "gzip": "gzip", "zstd": "zstd"}
_LONGEST_LINE = 16 * 1024 * 1024
_UNREADABLE_LINE = b"(line too long)\n"
LARGEST_COUNT = 1_000_000_000_000
_EARTHLY_TIME = "CASE WHEN started BETWEEN '2000-01-01' AND '2200-01-01' THEN started END AS started"
"""A time outside of these centuries is a unit mistaken, and as good as none."""

_WHOLE_FILE_CHUNK = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Damage:
    """A file of which only a part could be read."""

    file: int
    reason: str


def create_records(engine: Engine) -> None:
    """Create the empty table `records`."""
    columns = ", ".join(f"{name} {kind}" for name, kind in RECORD.items())
    engine.run(f"CREATE TABLE records (source VARCHAR, file INTEGER, reading VARCHAR, {columns})")


def scan_files(engine: Engine, files: Sequence[LogFile]) -> list[Damage]:
    """Read all files into `records`; the files that were damaged."""
    damaged: list[Damage] = []
    writers = [() if file.parquet else recognise(file.sample) for file in files]
    for source in SOURCES:
        for kind in _COMPRESSION:
            numbers = [n for n, file in enumerate(files) if source in writers[n] and file.compression == kind]
            if numbers:
                damaged += _scan_group(engine, source, files, numbers)
    damaged += _scan_parquet(engine, files)
    found_later = _scan_late_sources(engine, files, writers)
    return list(dict.fromkeys(damaged + found_later))


def _scan_group(engine: Engine, source: Source, files: Sequence[LogFile], numbers: Sequence[int]) -> list[Damage]:
    """Read files of one compression with one source, all at once; one by one if any of them is damaged."""
    import duckdb

    try:
        engine.run(_scan_statement(source, [files[number] for number in numbers], numbers))
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        if len(numbers) == 1:
            return [_salvage(engine, source, files[numbers[0]], numbers[0], error)]
        return [damage for number in numbers for damage in _scan_group(engine, source, files, [number])]
    return []


def _salvage(engine: Engine, source: Source, file: LogFile, number: int, error: Exception) -> Damage:
    """Read what can be had of a damaged file: the lines before the damage that are not too long to be records."""
    copy = engine.folder / f"salvaged-{number}-{source.name}.jsonl"
    with open_bytes(engine, file.path) as damaged, copy.open("wb") as readable:
        try:
            for line in damaged:
                readable.write(line if len(line) < _LONGEST_LINE else _UNREADABLE_LINE)
        except (OSError, EOFError):
            pass
    engine.run(_scan_statement(source, [replace(file, path=str(copy), compression="none")], [number]))
    return Damage(number, str(error).partition("\n")[0])


def _scan_statement(source: Source, files: Sequence[LogFile], numbers: Sequence[int]) -> str:
    fields = ", ".join(
        f"({source.fields[name]})::{kind} AS {name}" if name in source.fields else f"NULL::{kind} AS {name}"
        for name, kind in RECORD.items()
    )
    return f"""
        INSERT INTO records
        SELECT source, file,
            CASE WHEN reading = 'usage' AND NOT ({_valid()}) THEN 'invalid' ELSE reading END,
            {", ".join(_EARTHLY_TIME if name == "started" else name for name in RECORD)}
        FROM (
            SELECT {quote(source.name)} AS source, {list(numbers)}[file_index::BIGINT + 1] AS file,
                {_reading(source)} AS reading, {fields}
            FROM {source.relation.replace("{scan}", _lines_of(source, files))}
        )
    """


def _lines_of(source: Source, files: Sequence[LogFile]) -> str:
    """SQL for the lines of some files of one compression, with the keys that a source wants as columns."""
    columns = ", ".join(f"{quote(name)}: {quote(kind)}" for name, kind in source.columns.items())
    return f"""(
        SELECT *, file_index FROM read_json({quote_list([file.path for file in files])}, columns = {{{columns}}},
            format = 'newline_delimited', compression = '{_COMPRESSION[files[0].compression]}', ignore_errors = true,
            maximum_object_size = {_LONGEST_LINE})
    )"""


def _reading(source: Source) -> str:
    return (
        f"CASE WHEN {source.compaction} THEN 'compaction' WHEN {source.usage} THEN 'usage' WHEN {source.failed} "
        f"THEN 'failed' "
        f"WHEN {source.known} THEN 'other' ELSE 'unknown' END"
    )


def _valid() -> str:
    """SQL predicate: every counter is absent, or a whole number that is not negative, absurd or NaN."""
    return " AND ".join(
        f"({name} IS NULL OR ({name} BETWEEN 0 AND {LARGEST_COUNT} AND {name} = floor({name})))" for name in COUNTERS
    )


def _scan_parquet(engine: Engine, files: Sequence[LogFile]) -> list[Damage]:
    """Read files that `cachelint compact` wrote; their columns are those of `records`."""
    import duckdb

    damaged: list[Damage] = []
    for number, file in enumerate(files):
        if file.parquet:
            columns = ", ".join(RECORD)
            try:
                engine.run(
                    f"INSERT INTO records SELECT source, {number}, reading, {columns} FROM "
                    f"read_parquet({quote(file.path)})"
                )
            except (duckdb.BinderException, duckdb.InvalidInputException, duckdb.IOException):
                damaged.append(Damage(number, "no Parquet file that `cachelint compact` wrote"))
    return damaged


def _scan_late_sources(engine: Engine, files: Sequence[LogFile], writers: Sequence[Sequence[Source]]) -> list[Damage]:
    """Read once more the files with unknown lines: a log may hold records of a source that its samples did not show."""
    damaged: list[Damage] = []
    suspects = engine.rows("SELECT DISTINCT file FROM records WHERE reading = 'unknown'")
    for (number,) in suspects:
        file = files[number]
        if len(file.sample) >= file.size and file.compression == "none":
            continue
        for source in _sources_anywhere(engine, file):
            if source not in writers[number]:
                damaged += _scan_group(engine, source, files, [number])
    return damaged


def _sources_anywhere(engine: Engine, file: LogFile) -> Iterable[Source]:
    """The sources whose needles occur anywhere in a file."""
    found: dict[str, Source] = {}
    with open_bytes(engine, file.path) as content:
        try:
            while chunk := content.read(_WHOLE_FILE_CHUNK):
                found |= {source.name: source for source in possible_sources(chunk)}
        except (OSError, EOFError):
            pass
    return found.values()
