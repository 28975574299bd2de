"""Langfuse exports of observations: generations, whose usage details add up to `total` or include one another."""

from __future__ import annotations

from cachelint.report.sources.interface import Source, first, has

_KEYS: dict[str, tuple[str, ...]] = {
    "stated_input": ("input", "input_tokens", "promptTokens"),
    "output": ("output", "output_tokens", "completionTokens"),
    "total": ("total", "total_tokens", "totalTokens"),
    "read": (
        "cache_read_input_tokens",
        "input_cache_read",
        "input_cached_tokens",
        "input_cached",
        "cache_read.input_tokens",
        "prompt_details.cache_read",
        "details.cache_read_input_tokens",
    ),
    "all_writes": (
        "cache_creation_input_tokens",
        "input_cache_creation",
        "input_cache_write",
        "cache_creation.input_tokens",
        "cache_write.input_tokens",
        "prompt_details.cache_write",
        "details.cache_creation_input_tokens",
    ),
    "write_5m": (
        "input_cache_creation_5m",
        "cache_creation_ephemeral_5m_input_tokens",
        "input_ephemeral_5m_input_tokens",
    ),
    "write_1h": (
        "input_cache_creation_1h",
        "cache_creation_ephemeral_1h_input_tokens",
        "input_ephemeral_1h_input_tokens",
    ),
}
"""Our name -> what integrations call the count in `usageDetails`; numbers may be written as text."""


def _count(keys: tuple[str, ...]) -> str:
    found = (f"json_extract_string(details, '$.\"{key}\"')" for key in keys)
    return f"TRY_CAST(coalesce({', '.join(found)}) AS DOUBLE)"


def _object(column: str) -> str:
    """SQL for a column that is a JSON object, or the text of one; null when it is neither or empty."""
    decoded = f"CASE WHEN json_type({column}) = 'VARCHAR' THEN TRY_CAST({column}->>'$' AS JSON) ELSE {column} END"
    return f"nullif(nullif({decoded}, '{{}}'::JSON), 'null'::JSON)"


_CACHED = "coalesce(read, 0) + coalesce(writes, 0)"

LANGFUSE = Source(
    name="langfuse",
    title="Langfuse exports",
    recognises=lambda record: (
        "usageDetails" in record
        or "usage_details" in record
        or ("traceId" in record and (has(record, "usage", "input") or "promptTokens" in record))
    ),
    needles=(b'"usageDetails"', b'"usage_details"', b'"traceId"'),
    columns={
        "id": "VARCHAR",
        "traceId": "VARCHAR",
        "trace_id": "VARCHAR",
        "sessionId": "VARCHAR",
        "session_id": "VARCHAR",
        "type": "VARCHAR",
        "name": "VARCHAR",
        "level": "VARCHAR",
        "model": "VARCHAR",
        "providedModelName": "VARCHAR",
        "provided_model_name": "VARCHAR",
        "startTime": "VARCHAR",
        "start_time": "VARCHAR",
        "timeToFirstToken": "DOUBLE",
        "usageDetails": "JSON",
        "usage_details": "JSON",
        "usage": "JSON",
    },
    relation=f"""(
        SELECT *, CASE WHEN details->>'input_cache_creation_1h' IS NOT NULL OR all_writes IS NULL
            THEN coalesce(write_5m, all_writes, 0) + coalesce(write_1h, 0) ELSE all_writes END AS writes
        FROM (
            SELECT *, {", ".join(f"{_count(keys)} AS {name}" for name, keys in _KEYS.items())}
            FROM (
                SELECT *, coalesce({", ".join(map(_object, ("usageDetails", "usage_details", "usage")))}) AS details
                FROM {{scan}}
            )
        )
    )""",
    usage="coalesce(type, 'GENERATION') = 'GENERATION' AND (traceId IS NOT NULL OR trace_id IS NOT NULL "
    "OR usageDetails IS NOT NULL OR usage_details IS NOT NULL) AND (stated_input IS NOT NULL OR output IS NOT NULL)",
    failed="type = 'GENERATION' AND level = 'ERROR'",
    known="usageDetails IS NOT NULL OR usage_details IS NOT NULL OR type IN ('SPAN', 'EVENT', 'GENERATION', 'TRACE')",
    fields={
        "id": "id",
        "started": "TRY_CAST(coalesce(startTime, start_time) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'",
        "first_token_ms": "timeToFirstToken * 1000",
        "session": first("sessionId", "session_id", "traceId", "trace_id"),
        "call_site": "name",
        "model": first("model", "providedModelName", "provided_model_name"),
        # `total` tells what is uncached, whether the integration counted cached tokens inside `input` or not (D3, D4)
        "input": f"""CASE
            WHEN total >= coalesce(output, 0) + {_CACHED} THEN total - coalesce(output, 0) - ({_CACHED})
            ELSE stated_input END""",
        "writes": "writes",
        "write_5m": "write_5m",
        "write_1h": "write_1h",
        "read": "read",
        "output": "output",
    },
)
