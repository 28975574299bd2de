"""Every line of every log, read once by the sources that recognise it, into the table `records`.

`records` holds a row for each line: `source`, `file` (number of the file), `reading`, and what `record_columns` keeps.
`reading` is

    usage        a response with counters                  failed    a request that cost nothing
    compaction   a mark that a conversation was compacted  other     a line of a known log without usage
    invalid      counters that cannot be                   unknown   neither readable nor known
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cachelint.report.engine import quote, quote_list
from cachelint.report.inputs.bundling import bundles, join_files
from cachelint.report.inputs.reading import open_bytes
from cachelint.report.inputs.staging import sources_anywhere
from cachelint.report.record_columns import IDENTITY_TEXT, projection
from cachelint.report.sources import COUNTERS, RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cachelint.report.engine import Engine
    from cachelint.report.inputs.staging import LogFile
    from cachelint.report.sources import Source

_COMPRESSION = {"none": "uncompressed", "gzip": "gzip", "zstd": "zstd"}
_LONGEST_LINE = 16 * 1024 * 1024
_UNREADABLE_LINE = b"(line too long)\n"
LARGEST_COUNT = 1_000_000_000_000
_EARTHLY_TIME = "CASE WHEN started BETWEEN '2000-01-01' AND '2200-01-01' THEN started END AS started"
"""A time outside of these centuries is a unit mistaken, and as good as none."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan has to say of the files themselves."""

    damaged: tuple[Damage, ...]
    bundles: Mapping[int, Sequence[int]]
    """Files that were read as one: the number that their records have -> the numbers of all of them."""

    def behind(self, number: int) -> Sequence[int]:
        """The files that records of a file number may come from."""
        return self.bundles.get(number, [number])


@dataclass(frozen=True, slots=True)
class Damage:
    """A file of which only a part could be read."""

    file: int
    reason: str


def scan_files(
    engine: Engine, files: Sequence[LogFile], columns: Mapping[str, tuple[str, str]], progress: Callable[[str], None]
) -> Scanned:
    """Create `records` with `columns` and read all files into it.

    `progress` is told of each group of files.
    """
    engine.run(f"CREATE TABLE records ({', '.join(f'{name} {kind}' for name, (kind, _) in columns.items())})")
    scan = _Scan(engine, files, columns, progress)
    return Scanned(tuple(dict.fromkeys(scan.damaged())), scan.joined)


@dataclass(frozen=True, slots=True)
class _Scan:
    """One reading of all files."""

    engine: Engine
    files: Sequence[LogFile]
    columns: Mapping[str, tuple[str, str]]
    progress: Callable[[str], None]
    joined: dict[int, Sequence[int]] = field(default_factory=dict)
    """The bundles, as in `Scanned`."""

    def damaged(self) -> list[Damage]:
        """Read everything; the files that were damaged."""
        damaged: list[Damage] = []
        alike: dict[tuple[str, ...], list[int]] = {}
        for number, file in enumerate(self.files):
            alike.setdefault(tuple(source.name for source in file.writers), []).append(number)
        for group in alike.values():
            for numbers in bundles(self.files, group):
                damaged += self._bundle(self.files[numbers[0]].writers, numbers)
        damaged += self._parquet()
        damaged += self._late_sources()
        return damaged

    def _bundle(self, sources: Sequence[Source], numbers: Sequence[int]) -> list[Damage]:
        """Read files that the same sources wrote: joined if they can be, one by one if anything is wrong with them."""
        joinable = len(numbers) > 1 and self.files[numbers[0]].compression == "none"
        if joinable and self._read_joined(sources, numbers):
            return []
        return [damage for source in sources for damage in self._group(source, numbers)]

    def _read_joined(self, sources: Sequence[Source], numbers: Sequence[int]) -> bool:
        """Read files as one; whether that was possible. Impossible counters are looked for file by file."""
        import duckdb

        first = numbers[0]
        path = self.engine.folder / f"joined-{first}.jsonl"
        join_files([self.files[number] for number in numbers], path)
        try:
            for source in sources:
                self.progress(f"reading {source.title}")
                self._read(source, [replace(self.files[first], path=str(path))], [first])
            (sound,) = self.engine.row(f"SELECT count(*) = 0 FROM records WHERE file = {first} AND reading = 'invalid'")
        except (duckdb.IOException, duckdb.InvalidInputException):
            sound = False
        finally:
            path.unlink()
        if sound:
            self.joined[first] = numbers
        else:
            self.engine.run(f"DELETE FROM records WHERE file = {first}")
        return bool(sound)

    def _group(self, source: Source, numbers: Sequence[int], recorded_as: Sequence[int] | None = None) -> list[Damage]:
        """Read files of one compression with one source, all at once; one by one if any of them is damaged."""
        import duckdb

        self.progress(f"reading {source.title}")
        try:
            self._read(source, [self.files[number] for number in numbers], recorded_as or numbers)
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            if len(numbers) == 1:
                return [self._salvage(source, numbers[0], error)]
            return [damage for number in numbers for damage in self._group(source, [number])]
        return []

    def _salvage(self, source: Source, number: int, error: Exception) -> Damage:
        """Read what can be had of a damaged file: the lines before the damage that are not too long to be records."""
        copy = self.engine.folder / f"salvaged-{number}-{source.name}.jsonl"
        file = self.files[number]
        with open_bytes(self.engine, file.path) as damaged, copy.open("wb") as readable:
            try:
                for line in damaged:
                    readable.write(line if len(line) < _LONGEST_LINE else _UNREADABLE_LINE)
            except (OSError, EOFError):
                pass
        self._read(source, [replace(file, path=str(copy), compression="none")], [number])
        return Damage(number, str(error).partition("\n")[0])

    def _read(self, source: Source, files: Sequence[LogFile], numbers: Sequence[int]) -> None:
        self._insert(f"""
            SELECT source, file, {_checked_reading()}, {_checked_fields()}
            FROM (
                SELECT {quote(source.name)} AS source, {list(numbers)}[file_index::BIGINT + 1] AS file,
                    {_reading(source)} AS reading, {_fields(source)}
                FROM {source.relation.replace("{scan}", _lines_of(source, files))}
            )
        """)

    def _insert(self, rows: str) -> None:
        """Add rows that have `source`, `file`, `reading` and the columns of `RECORD`."""
        self.engine.run(f"INSERT INTO records {_kept_of(rows, self.columns)}")

    def _parquet(self) -> list[Damage]:
        """Read files that `cachelint compact` wrote."""
        import duckdb

        damaged: list[Damage] = []
        for number, file in enumerate(self.files):
            if file.parquet:
                self.progress("reading Parquet")
                relation = f"read_parquet({quote(file.path)})"
                try:
                    self.engine.run(f"INSERT INTO records {compacted_records(relation, number, self.columns)}")
                except (duckdb.BinderException, duckdb.InvalidInputException, duckdb.IOException):
                    damaged.append(Damage(number, "no Parquet file that `cachelint compact` wrote"))
        return damaged

    def _late_sources(self) -> list[Damage]:
        """Read once more the files with unknown lines: a log may hold records of a source that its samples did not
        show."""
        damaged: list[Damage] = []
        suspects = self.engine.rows("SELECT DISTINCT file FROM records WHERE reading = 'unknown'")
        for (number,) in suspects:
            for member in self.joined.get(number, [number]):
                file = self.files[member]
                if file.recognised_whole:
                    continue
                for source in sources_anywhere(self.engine, file.path):
                    if source not in file.writers:
                        damaged += self._group(source, [member], [number])
        return damaged


def compacted_records(relation: str, file: int, columns: Mapping[str, tuple[str, str]]) -> str:
    """SQL for `columns` of what `cachelint compact` wrote."""
    rows = f"SELECT source, {file} AS file, {_checked_reading()}, {_checked_fields()} FROM {relation}"
    return _kept_of(rows, columns)


def _kept_of(rows: str, columns: Mapping[str, tuple[str, str]]) -> str:
    """SQL for `columns` of rows that have `source`, `file`, `reading` and the columns of `RECORD`."""
    return f"SELECT {projection(columns)} FROM (SELECT *, {IDENTITY_TEXT} FROM ({rows}))"


def _checked_reading() -> str:
    return f"CASE WHEN reading = 'usage' AND NOT ({_valid()}) THEN 'invalid' ELSE reading END AS reading"


def _checked_fields() -> str:
    return ", ".join(_EARTHLY_TIME if name == "started" else name for name in RECORD)


def _fields(source: Source) -> str:
    return ", ".join(
        f"({source.fields[name]})::{kind} AS {name}" if name in source.fields else f"NULL::{kind} AS {name}"
        for name, kind in RECORD.items()
    )


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
