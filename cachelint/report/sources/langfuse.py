"""Langfuse exports of observations: generations, whose usage details add up to `total` or include one another."""

from __future__ import annotations

from cachelint.report.sources.interface import Source, first

_DETAILS = (
    "STRUCT(input DOUBLE, output DOUBLE, total DOUBLE, cache_read_input_tokens DOUBLE, "
    "cache_creation_input_tokens DOUBLE, "
    + ("input_cached_tokens DOUBLE, input_cache_read DOUBLE, input_cache_creation DOUBLE)")
)

LANGFUSE = Source(
    name="langfuse",
    title="Langfuse exports",
    recognises=lambda record: "usageDetails" in record or "usage_details" in record,
    needles=(b'"usageDetails"', b'"usage_details"'),
    columns={
        "id": "VARCHAR",
        "traceId": "VARCHAR",
        "trace_id": "VARCHAR",
        "sessionId": "VARCHAR",
        "type": "VARCHAR",
        "model": "VARCHAR",
        "startTime": "TIMESTAMPTZ",
        "start_time": "TIMESTAMPTZ",
        "usageDetails": _DETAILS,
        "usage_details": _DETAILS,
    },
    relation="""(
        SELECT *,
            coalesce(details.cache_read_input_tokens, details.input_cache_read, details.input_cached_tokens) AS read,
            coalesce(details.cache_creation_input_tokens, details.input_cache_creation) AS writes
        FROM (SELECT *, CASE WHEN usageDetails.output IS NULL THEN usage_details
            ELSE usageDetails END AS details FROM {scan})
    )""",
    usage="details.input IS NOT NULL OR details.output IS NOT NULL",
    known="type IN ('SPAN', 'EVENT', 'GENERATION', 'TRACE')",
    fields={
        "id": "id",
        "started": first("startTime", "start_time") + " AT TIME ZONE 'UTC'",
        "session": first("sessionId", "traceId", "trace_id"),
        "model": "model",
        # `total` tells whether the integration counted cached tokens inside `input` (D3)
        "input": """CASE
            WHEN details.total = details.input + coalesce(details.output, 0)
                AND details.input >= coalesce(read, 0) + coalesce(writes, 0)
            THEN details.input - coalesce(read, 0) - coalesce(writes, 0)
            ELSE details.input END""",
        "writes": "writes",
        "read": "read",
        "output": "details.output",
    },
)
