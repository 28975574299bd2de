"""The seam between log formats and the report: what a source is, and the record that each of them yields.

A source is data: the columns to read from each line, predicates that recognise its lines, and one SQL expression for
each column of the common record. Nothing in it runs per line in Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RECORD: Mapping[str, str] = {
    # identity
    "id": "VARCHAR",  # of the response: what duplicates are found by
    "alias": "VARCHAR",  # of the record, for records without a response id
    "request_id": "VARCHAR",
    # where and when
    "started": "TIMESTAMP",  # start of the request in UTC, or the nearest that the source knows
    "first_token_ms": "DOUBLE",
    "session": "VARCHAR",
    "thread": "VARCHAR",  # a conversation inside a session: a sub-agent
    "call_site": "VARCHAR",
    "workspace": "VARCHAR",
    "platform": "VARCHAR",
    # what was served
    "model": "VARCHAR",
    "service_tier": "VARCHAR",
    "speed": "VARCHAR",
    "geo": "VARCHAR",
    "stop_reason": "VARCHAR",
    "content_empty": "BOOLEAN",
    "output_known": "BOOLEAN",  # false when the stream was cut before its final count
    # counters, as the Messages API counts: input is what was neither read from nor written to the cache
    "input": "DOUBLE",
    "writes": "DOUBLE",
    "write_5m": "DOUBLE",
    "write_1h": "DOUBLE",
    "read": "DOUBLE",
    "output": "DOUBLE",
    "searches": "DOUBLE",
    "iterations": "JSON",
    # what cachelint's shim adds
    "function": "VARCHAR",  # around the call site
    "process": "VARCHAR",  # host and number of the process that sent it
    "markers": "INTEGER",  # breakpoints in the request; null when unknown
    "marker_1h": "BOOLEAN",
    "blocks": "INTEGER",
    "estimated_tokens": "DOUBLE",
    "tools_fingerprint": "VARCHAR",
    "system_fingerprint": "VARCHAR",
    "parameters": "JSON",  # hash of each request parameter that is rendered into the prompt
    "miss_reason": "VARCHAR",  # the API's own diagnosis
    "divergence": "JSON",
    "lost_records": "DOUBLE",
}
"""Column name -> type of the record that every source yields. What a source does not know is null."""

COUNTERS = ("input", "writes", "write_5m", "write_1h", "read", "output", "searches")
"""The columns of `RECORD` that must be whole numbers and not negative."""


@dataclass(frozen=True, slots=True)
class Source:
    """A format of logs that the report reads."""

    name: str
    """As in the output: ``claude-code``."""
    title: str
    """For people: ``Claude Code transcripts``."""
    recognises: Callable[[Mapping[str, Any]], bool]
    """Whether a parsed line is of this source, if no source before it in the list of sources claimed it."""
    needles: tuple[bytes, ...]
    """A file can only hold records of this source if one of these occurs in its bytes."""
    columns: Mapping[str, str]
    """Top-level keys to read from each line, with their DuckDB types; a value of another type reads as null."""
    fields: Mapping[str, str]
    """Column of `RECORD` -> SQL expression over `relation`."""
    usage: str
    """SQL predicate: the line is a response with usage."""
    failed: str = "false"
    """SQL predicate: the line is a request that failed, and cost nothing."""
    known: str = "false"
    """SQL predicate: a line of this source that holds no usage."""
    compaction: str = "false"
    """SQL predicate: the line marks that a conversation was compacted."""
    relation: str = "{scan}"
    """SQL for the rows to look at, when that is not the lines themselves; `{scan}` stands for the lines."""


def first(*expressions: str) -> str:
    """SQL for the first of `expressions` that is not null."""
    return f"coalesce({', '.join(expressions)})"


def has(record: Mapping[str, Any], outer: str, inner: str) -> bool:
    """Whether `record[outer]` is an object with the key `inner`."""
    value = record.get(outer)
    return isinstance(value, dict) and inner in value
