"""Inputs of every kind, made scannable: what is not one record per line already is rewritten into a private folder."""

from __future__ import annotations

import shutil
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cachelint.errors import InputError
from cachelint.report.inputs.cassettes import cassette_lines
from cachelint.report.inputs.discovery import STDIN, is_remote, looks_like_log
from cachelint.report.inputs.documents import document_lines
from cachelint.report.inputs.events import stream_messages
from cachelint.report.inputs.framing import Framing, decoded, detect_framing
from cachelint.report.inputs.reading import compression, open_bytes
from cachelint.report.sources import possible_sources, recognise, sampled_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cachelint.report.engine import Engine
    from cachelint.report.inputs.discovery import LogPath
    from cachelint.report.inputs.reading import Bytes
    from cachelint.report.sources import Source

_SAMPLE = 256 * 1024
"""Bytes read at the start, in the middle and at the end of a file to recognise what wrote it."""


_WHOLE_FILE_CHUNK = 16 * 1024 * 1024

_REMOTE_LINES = 500
"""Lines read of an object in a store for the same purpose."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that the engine can scan."""

    name: str
    """What to call it in the report: the path as given, `archive!member`, or `standard input`."""
    path: str
    """Where the engine finds it."""
    size: int
    """Bytes of the input on disk."""
    compression: str
    """`none`, `gzip` or `zstd`."""
    parquet: bool
    writers: tuple[Source, ...] = ()
    """The sources that wrote the lines that were looked at."""
    recognised_whole: bool = False
    """Whether every line was looked at."""


def stage_logs(engine: Engine, logs: Sequence[LogPath]) -> list[LogFile]:
    """The scannable files behind `logs`. Raises `InputError` for a file that cannot be opened at all."""
    return [file for log in logs for file in _stage(engine, log)]


def _stage(engine: Engine, log: LogPath) -> Iterator[LogFile]:
    if log.path == STDIN:
        copy = _new_file(engine, "stdin")
        with copy.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield _stage_file(engine, "standard input", str(copy), copy.stat().st_size)
    elif is_remote(log.path):
        parquet = log.path.endswith(".parquet")
        sample = b"" if parquet else _remote_sample(engine, log.path)
        yield LogFile(log.path, log.path, 0, _remote_compression(log.path), parquet, recognise(sample))
    elif log.is_archive:
        yield from _stage_archive(engine, log.path)
    else:
        yield _stage_file(engine, log.path, log.path, log.size)


def _stage_archive(engine: Engine, path: str) -> Iterator[LogFile]:
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() and looks_like_log(member.name) else None
                if content is None:
                    continue
                copy = _new_file(engine, "member")
                with copy.open("wb") as file:
                    shutil.copyfileobj(content, file)
                yield _stage_file(engine, f"{path}!{member.name}", str(copy), member.size)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise InputError(f"{path}: not a readable archive ({error})") from None


def _stage_file(engine: Engine, name: str, path: str, size: int) -> LogFile:
    with open_bytes(engine, path) as file:
        head = _read(file, _SAMPLE)
    framing = detect_framing(head)
    if framing not in (Framing.LINES, Framing.PARQUET):
        copy = _new_file(engine, "records")
        with open_bytes(engine, path) as file, copy.open("w", encoding="utf-8") as records:
            records.writelines(f"{line}\n" for line in _record_lines(file, framing))
        path = str(copy)
        head = copy.read_bytes()[:_SAMPLE]
    kind = _file_compression(path)
    sample = head if kind != "none" else head + _later_samples(path)
    if framing is Framing.PARQUET:
        return LogFile(name, path, size, kind, parquet=True)
    whole = kind == "none" and len(sample) >= size and sampled_whole(sample)
    writers = recognise(sample) or (() if whole else sources_anywhere(engine, path))
    return LogFile(name, path, size, kind, False, writers, whole)


def sources_anywhere(engine: Engine, path: str) -> tuple[Source, ...]:
    """The sources of which records may occur anywhere in a file."""
    found: dict[str, Source] = {}
    with open_bytes(engine, path) as content:
        try:
            while chunk := content.read(_WHOLE_FILE_CHUNK):
                found |= {source.name: source for source in possible_sources(chunk)}
        except (OSError, EOFError):
            pass
    return tuple(found.values())


def _record_lines(file: Bytes, framing: Framing) -> Iterable[str]:
    if framing is Framing.EVENTS:
        return stream_messages(line.decode("utf-8", "replace") for line in file)
    text = decoded(file.read())
    return cassette_lines(text) if framing is Framing.CASSETTE else document_lines(text)


def _read(file: Bytes, count: int) -> bytes:
    """Up to `count` bytes; of a damaged compressed file, nothing: the scan will say what is wrong with it."""
    try:
        return file.read(count)
    except (OSError, EOFError):
        return b""


def _later_samples(path: str) -> bytes:
    """Bytes from the middle and from the end of a plain file that is longer than its first sample."""
    size = Path(path).stat().st_size
    samples = b""
    with open(path, "rb") as file:
        for offset in sorted({max(size // 2, _SAMPLE), max(size - _SAMPLE, _SAMPLE)}):
            file.seek(offset)
            samples += b"\n" + file.read(_SAMPLE)
    return samples


def _file_compression(path: str) -> str:
    with open(path, "rb") as file:
        return compression(file.read(4))


def _remote_sample(engine: Engine, path: str) -> bytes:
    """The first lines of an object in a store. Raises `InputError` when it cannot be read from here."""
    import duckdb

    from cachelint.report.inputs.reading import line_scan

    try:
        lines = engine.rows(f"{line_scan(path, _remote_compression(path))} LIMIT {_REMOTE_LINES}")
    except duckdb.Error as error:
        reason = str(error).strip().partition("\n")[0]
        raise InputError(
            f"{path}: cannot be read ({reason}). Object stores need DuckDB's httpfs extension "
            "(`INSTALL httpfs` in DuckDB, once, with access to its repository) and credentials in the environment"
        ) from None
    return "".join(f"{line or ''}\n" for (line,) in lines).encode()


def _remote_compression(path: str) -> str:
    return "gzip" if path.endswith(".gz") else "zstd" if path.endswith(".zst") else "none"


def _new_file(engine: Engine, stem: str) -> Path:
    return engine.folder / f"{stem}-{sum(1 for _ in engine.folder.iterdir())}.jsonl"
