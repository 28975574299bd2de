"""Bedrock: Converse responses and invocation logs. Input tokens are the uncached ones, as in the Messages API."""

from __future__ import annotations

from cachelint.report.sources.interface import Source, first, has

_COUNTERS = (
    "STRUCT(inputTokens DOUBLE, outputTokens DOUBLE, cacheReadInputTokens DOUBLE, cacheWriteInputTokens DOUBLE, "
    "cacheReadInputTokenCount DOUBLE, cacheWriteInputTokenCount DOUBLE, "
    "cacheDetails STRUCT(ttl VARCHAR, inputTokens DOUBLE)[], "
    "input_tokens DOUBLE, output_tokens DOUBLE, cache_read_input_tokens DOUBLE, cache_creation_input_tokens DOUBLE, "
    "cache_creation STRUCT(ephemeral_5m_input_tokens DOUBLE, ephemeral_1h_input_tokens DOUBLE))"
)
"""Counters as Converse spells them, and as InvokeModel hands on those of the Messages API."""


def _written(ttl: str) -> str:
    """SQL for the tokens written with a TTL, null without a breakdown."""
    of_this_ttl = f"list_filter(counts.cacheDetails, lambda entry: entry.ttl = '{ttl}')"
    return f"""CASE
        WHEN counts.cacheDetails IS NULL THEN counts.cache_creation.ephemeral_{ttl}_input_tokens
        ELSE coalesce(list_sum(list_transform({of_this_ttl}, lambda entry: entry.inputTokens)), 0) END"""


BEDROCK = Source(
    name="bedrock",
    title="Bedrock responses and invocation logs",
    recognises=lambda record: has(record, "usage", "inputTokens") or "schemaType" in record or "modelId" in record,
    needles=(b'"inputTokens"', b'"modelId"'),
    columns={
        "ResponseMetadata": "STRUCT(RequestId VARCHAR)",
        "requestId": "VARCHAR",
        "modelId": "VARCHAR",
        "model": "VARCHAR",
        "timestamp": "TIMESTAMPTZ",
        "stopReason": "VARCHAR",
        "usage": _COUNTERS,
        "output": f"STRUCT(outputBodyJson STRUCT(stopReason VARCHAR, usage {_COUNTERS}))",
    },
    relation="""(
        SELECT *, CASE WHEN usage.inputTokens IS NOT NULL THEN usage
            ELSE output.outputBodyJson.usage END AS counts FROM {scan}
    )""",
    usage="counts.inputTokens IS NOT NULL OR counts.outputTokens IS NOT NULL "
    "OR (modelId IS NOT NULL AND counts.input_tokens IS NOT NULL)",
    fields={
        "id": first("requestId", "ResponseMetadata.RequestId"),
        "started": "timestamp AT TIME ZONE 'UTC'",
        "platform": "'bedrock'",
        "model": first("modelId", "model"),
        "stop_reason": first("stopReason", "output.outputBodyJson.stopReason"),
        "input": first("counts.inputTokens", "counts.input_tokens"),
        "writes": first(
            "counts.cacheWriteInputTokens", "counts.cacheWriteInputTokenCount", "counts.cache_creation_input_tokens"
        ),
        "write_5m": _written("5m"),
        "write_1h": _written("1h"),
        "read": first(
            "counts.cacheReadInputTokens", "counts.cacheReadInputTokenCount", "counts.cache_read_input_tokens"
        ),
        "output": first("counts.outputTokens", "counts.output_tokens"),
    },
)
