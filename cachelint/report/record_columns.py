"""The columns of the table `records`: what is kept of each line, in the form that the queries after it need.

Writing is what a scan spends most of its time on, and texts cost most of that. Identities become hashes, and what only
tells how a request was billed becomes a few flags, unless somebody wants to see the text itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.report.sources import RECORD

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_FAST = "(coalesce(speed = 'fast' AND service_tier IS DISTINCT FROM 'batch', false))"
_UNITED_STATES = "(coalesce(geo = 'us', false))"

_IDENTITY = """
CASE
    WHEN id <> '' THEN id
    WHEN alias <> '' THEN concat_ws(' ', 'record', source, alias, started)
    WHEN started IS NOT NULL AND microsecond(started) % 1000000 <> 0
        THEN concat_ws(' ', 'content', started, model, session, call_site, input, writes, write_1h, read, output)
END
"""

_HOUR = "coalesce(write_1h, 0)"
_WRITTEN = f"""
CASE WHEN coalesce(writes, 0) >= {_HOUR} AND coalesce(writes, 0) > 0 THEN writes
    ELSE coalesce(write_5m, 0) + {_HOUR} END
"""
"""The total counts; where there is only the breakdown, or it claims more, the breakdown does (D8)."""

LANE = "hash(workspace, model, fast, us, call_site)"
"""SQL for the number of what a request is compared with: requests of one workspace, model, speed, geography and call
site. Requests of other call sites have prompts of their own, even in the same session."""

_FLAGS = {
    "inconsistent": ("BOOLEAN", f"coalesce(writes > 0 AND coalesce(write_5m, 0) + {_HOUR} > writes, false)"),
    "lifetime_assumed": ("BOOLEAN", "coalesce(writes > 0 AND write_5m IS NULL AND write_1h IS NULL, false)"),
    "refused": (
        "BOOLEAN",
        "coalesce(stop_reason = 'refusal' AND coalesce(content_empty, coalesce(output, 0) = 0), false)",
    ),
    "finished": ("BOOLEAN", "stop_reason IS NOT NULL"),
    "batch": ("BOOLEAN", "coalesce(service_tier = 'batch', false)"),
    "priority": ("BOOLEAN", "coalesce(service_tier = 'priority', false)"),
    "fast": ("BOOLEAN", _FAST),
    "us": ("BOOLEAN", _UNITED_STATES),
}

_NUMBERS = {
    "identity": ("UBIGINT", "CASE WHEN identity_text IS NOT NULL THEN hash(identity_text) END"),
    "witness": ("UINTEGER", "hash('~' || identity_text) % 4294967296"),
    "conversation": ("UBIGINT", "CASE WHEN session IS NOT NULL THEN hash(session, thread) END"),
    "lane": ("UBIGINT", f"hash(workspace, model, {_FAST}, {_UNITED_STATES}, call_site)"),
}
"""Hashes of 64 bits. Responses are one only if their witnesses agree as well: two of ten million that share the one
hash by chance are rare, and that share both are not to be expected."""

_COUNTERS = {
    "input": "coalesce(input, 0)",
    "write_5m": f"greatest({_WRITTEN} - {_HOUR}, 0)",
    "write_1h": _HOUR,
    "read": "coalesce(read, 0)",
    "output": "output",
    "searches": "coalesce(searches, 0)",
    "prompt": f"coalesce(input, 0) + greatest({_WRITTEN}, {_HOUR}) + coalesce(read, 0)",
}
"""In whole tokens. `output` stays unknown where it is, for the choice among duplicates."""

_ABSORBED = {
    *("id", "alias", "request_id", "session", "thread", "service_tier", "speed", "geo", "stop_reason"),
    *("content_empty", "writes", *_COUNTERS),
}
"""The columns of `RECORD` of which only hashes, flags and whole numbers are kept."""

IDENTITIES = ("id", "alias", "request_id", "session", "thread")
"""The texts that are kept on request only."""

_HEAD = {
    "source": ("VARCHAR", "source"),
    "file": ("INTEGER", "file"),
    "reading": ("VARCHAR", "reading"),
}


def report_columns(kept: Collection[str] = ()) -> Mapping[str, tuple[str, str]]:
    """Column -> its type, and SQL for it over the columns of `RECORD`; `kept` names texts to keep as well."""
    counters = {
        name: ("BIGINT", f"CASE WHEN reading = 'usage' THEN ({count})::BIGINT END") for name, count in _COUNTERS.items()
    }
    others = {name: (kind, name) for name, kind in RECORD.items() if name not in _ABSORBED or name in kept}
    return {**_HEAD, **_NUMBERS, **_FLAGS, **counters, **others}


def compact_columns() -> Mapping[str, tuple[str, str]]:
    """The columns of `RECORD` as they are, and what duplicates are found by."""
    keys = ("identity", "witness", "conversation")
    derived = {name: _NUMBERS[name] for name in keys} | {"finished": _FLAGS["finished"]}
    prompt = ("BIGINT", f"CASE WHEN reading = 'usage' THEN ({_COUNTERS['prompt']})::BIGINT END")
    return {**_HEAD, **derived, "prompt": prompt, **{name: (kind, name) for name, kind in RECORD.items()}}


def projection(columns: Mapping[str, tuple[str, str]]) -> str:
    """The SELECT list for `columns`, over a relation with the columns of `RECORD` and `IDENTITY_TEXT`."""
    return ", ".join(f"({expression})::{kind} AS {name}" for name, (kind, expression) in columns.items())


IDENTITY_TEXT = f"{_IDENTITY} AS identity_text"
"""By what a response is known (D17 to D19): its id, which is unique, as the request id is absent on some platforms;
else the record's own id and time, or its content when the time is precise. A record with neither is never merged."""
