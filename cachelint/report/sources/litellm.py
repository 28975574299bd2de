"""LiteLLM's standard logging payloads, spend logs and responses, whose prompt tokens include the cached ones.

Spend logs keep their metadata as text, and the details of the usage either under `usage_object` or, in older versions,
under `additional_usage_values`. What LiteLLM answered from a cache of its own was never sent, and costs nothing.
"""

from __future__ import annotations

from cachelint.report.sources.interface import Source, first, has
from cachelint.report.sources.spans import uncached

_USAGE = (
    "STRUCT(prompt_tokens DOUBLE, completion_tokens DOUBLE, cache_creation_input_tokens DOUBLE, "
    "cache_read_input_tokens DOUBLE, service_tier VARCHAR, speed VARCHAR, inference_geo VARCHAR, iterations JSON, "
    "server_tool_use STRUCT(web_search_requests DOUBLE), "
    "prompt_tokens_details STRUCT(cached_tokens DOUBLE, cache_creation_tokens DOUBLE, cache_write_tokens DOUBLE, "
    "cache_creation_token_details STRUCT(ephemeral_5m_input_tokens DOUBLE, ephemeral_1h_input_tokens DOUBLE)))"
)
_DETAILS = "counts.prompt_tokens_details"
_BREAKDOWN = f"{_DETAILS}.cache_creation_token_details"

_KEPT = ("usage_object", "additional_usage_values")
"""Where metadata keeps the usage, the most complete first."""


def _decoded(column: str) -> str:
    """SQL for a JSON object that may have been written as text."""
    return f"CASE WHEN json_type({column}) = 'VARCHAR' THEN TRY_CAST({column}->>'$' AS JSON) ELSE {column} END"


_RELATION = f"""(
    SELECT *,
        coalesce(counts.prompt_tokens, prompt_tokens) AS total,
        coalesce(counts.cache_read_input_tokens, {_DETAILS}.cached_tokens) AS read,
        coalesce(counts.cache_creation_input_tokens, {_DETAILS}.cache_creation_tokens,
            {_DETAILS}.cache_write_tokens) AS writes,
        coalesce(counts.completion_tokens, completion_tokens) AS output
    FROM (
        SELECT *, coalesce(
            CASE WHEN response.usage.prompt_tokens IS NOT NULL THEN response.usage END,
            {", ".join(f"TRY_CAST(nullif(details->'{key}', 'null'::JSON) AS {_USAGE})" for key in _KEPT)},
            usage) AS counts
        FROM (
            SELECT * EXCLUDE (response), {_decoded("metadata")} AS details,
                TRY_CAST({_decoded("response")} AS STRUCT(id VARCHAR, model VARCHAR, usage {_USAGE})) AS response
            FROM {{scan}}
        )
    )
)"""

LITELLM = Source(
    name="litellm",
    title="LiteLLM logs",
    recognises=lambda record: (
        "prompt_tokens" in record or "call_type" in record or has(record, "usage", "prompt_tokens")
    ),
    needles=(b'"prompt_tokens"',),
    columns={
        "id": "VARCHAR",
        "request_id": "VARCHAR",
        "call_type": "VARCHAR",
        "model": "VARCHAR",
        "status": "VARCHAR",
        "cache_hit": "VARCHAR",
        "startTime": "VARCHAR",
        "created": "DOUBLE",
        "trace_id": "VARCHAR",
        "session_id": "VARCHAR",
        "custom_llm_provider": "VARCHAR",
        "prompt_tokens": "DOUBLE",
        "completion_tokens": "DOUBLE",
        "usage": _USAGE,
        "metadata": "JSON",
        "response": "JSON",
    },
    relation=_RELATION,
    usage="total IS NOT NULL AND status IS DISTINCT FROM 'failure' AND coalesce(lower(cache_hit) <> 'true', true)",
    failed="total IS NOT NULL AND status = 'failure'",
    known="call_type IS NOT NULL OR total IS NOT NULL",
    fields={
        "id": "CASE WHEN response.id LIKE 'msg_%' THEN response.id ELSE coalesce(id, request_id, response.id) END",
        "started": first(
            "TRY(to_timestamp(TRY_CAST(startTime AS DOUBLE)))",
            "TRY_CAST(startTime AS TIMESTAMPTZ)",
            "TRY(to_timestamp(created))",
        )
        + " AT TIME ZONE 'UTC'",
        "session": "coalesce(nullif(session_id, ''), nullif(trace_id, ''))",
        "platform": "custom_llm_provider",
        "model": first("nullif(model, '')", "response.model"),
        "input": uncached("total", "(coalesce(read, 0) + coalesce(writes, 0))"),
        "writes": "writes",
        "write_5m": f"{_BREAKDOWN}.ephemeral_5m_input_tokens",
        "write_1h": f"{_BREAKDOWN}.ephemeral_1h_input_tokens",
        "read": "read",
        "output": "output",
        "searches": "counts.server_tool_use.web_search_requests",
        "service_tier": "counts.service_tier",
        "speed": "counts.speed",
        "geo": "counts.inference_geo",
        "iterations": "counts.iterations",
    },
)
