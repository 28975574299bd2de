"""LiteLLM's standard logging payloads and spend logs, whose prompt tokens include the cached ones."""

from __future__ import annotations

from cachelint.report.sources.interface import Source, first, has
from cachelint.report.sources.spans import uncached

_USAGE = (
    "STRUCT(prompt_tokens DOUBLE, completion_tokens DOUBLE, cache_creation_input_tokens DOUBLE, "
    "cache_read_input_tokens DOUBLE, "
    "prompt_tokens_details STRUCT(cached_tokens DOUBLE, cache_creation_tokens DOUBLE, "
    "cache_creation_token_details STRUCT(ephemeral_5m_input_tokens DOUBLE, ephemeral_1h_input_tokens DOUBLE)))"
)
_BREAKDOWN = "counts.prompt_tokens_details.cache_creation_token_details"

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
        "startTime": "VARCHAR",
        "trace_id": "VARCHAR",
        "session_id": "VARCHAR",
        "custom_llm_provider": "VARCHAR",
        "prompt_tokens": "DOUBLE",
        "completion_tokens": "DOUBLE",
        "usage": _USAGE,
        "metadata": f"STRUCT(usage_object {_USAGE})",
        "response": f"STRUCT(id VARCHAR, model VARCHAR, usage {_USAGE})",
    },
    relation="""(
        SELECT *,
            coalesce(counts.prompt_tokens, prompt_tokens) AS total,
            coalesce(counts.cache_read_input_tokens, counts.prompt_tokens_details.cached_tokens) AS read,
            coalesce(counts.cache_creation_input_tokens, counts.prompt_tokens_details.cache_creation_tokens) AS writes,
            coalesce(counts.completion_tokens, completion_tokens) AS output
        FROM (
            SELECT *, CASE
                WHEN response.usage.prompt_tokens IS NOT NULL THEN response.usage
                WHEN metadata.usage_object.prompt_tokens IS NOT NULL THEN metadata.usage_object
                ELSE usage
            END AS counts
            FROM {scan}
        )
    )""",
    usage="total IS NOT NULL AND status IS DISTINCT FROM 'failure'",
    failed="total IS NOT NULL AND status = 'failure'",
    known="call_type IS NOT NULL",
    fields={
        "id": "CASE WHEN response.id LIKE 'msg_%' THEN response.id ELSE coalesce(id, request_id, response.id) END",
        "started": first("TRY(to_timestamp(TRY_CAST(startTime AS DOUBLE)))", "TRY_CAST(startTime AS TIMESTAMPTZ)")
        + " AT TIME ZONE 'UTC'",
        "session": first("session_id", "trace_id"),
        "platform": "custom_llm_provider",
        "model": first("model", "response.model"),
        "input": uncached("total", "(coalesce(read, 0) + coalesce(writes, 0))"),
        "writes": "writes",
        "write_5m": f"{_BREAKDOWN}.ephemeral_5m_input_tokens",
        "write_1h": f"{_BREAKDOWN}.ephemeral_1h_input_tokens",
        "read": "read",
        "output": "output",
    },
)
