"""Bedrock: Converse responses and streams, invocation logs, batches. Input tokens are uncached, as in the Messages API.

A Converse response names no model unless somebody wrote one beside it, or a prompt router chose it.
"""

from __future__ import annotations

from cachelint.report.sources.interface import Source, first, has

_COUNTERS = (
    "STRUCT(inputTokens DOUBLE, outputTokens DOUBLE, cacheReadInputTokens DOUBLE, cacheWriteInputTokens DOUBLE, "
    "cacheReadInputTokenCount DOUBLE, cacheWriteInputTokenCount DOUBLE, "
    "cacheDetails STRUCT(ttl VARCHAR, inputTokens DOUBLE)[], "
    "input_tokens DOUBLE, output_tokens DOUBLE, cache_read_input_tokens DOUBLE, cache_creation_input_tokens DOUBLE, "
    "cache_creation STRUCT(ephemeral_5m_input_tokens DOUBLE, ephemeral_1h_input_tokens DOUBLE), "
    "server_tool_use STRUCT(web_search_requests DOUBLE))"
)
"""Counters as Converse spells them, and as InvokeModel hands on those of the Messages API."""

_ROUTED = "trace STRUCT(promptRouter STRUCT(invokedModelId VARCHAR))"

_COLUMNS = {
    "ResponseMetadata": "STRUCT(RequestId VARCHAR, HTTPHeaders STRUCT(date VARCHAR))",
    "requestId": "VARCHAR",
    "recordId": "VARCHAR",
    "modelId": "VARCHAR",
    "model": "VARCHAR",
    "timestamp": "TIMESTAMPTZ",
    "stopReason": "VARCHAR",
    "errorCode": "VARCHAR",
    "error": "JSON",
    "usage": _COUNTERS,
    "trace": "STRUCT(promptRouter STRUCT(invokedModelId VARCHAR))",
    "metadata": f"STRUCT(usage {_COUNTERS}, {_ROUTED})",
    "input": "STRUCT(inputTokenCount DOUBLE, cacheReadInputTokenCount DOUBLE, cacheWriteInputTokenCount DOUBLE)",
    "output": "STRUCT(outputTokenCount DOUBLE, outputBodyJson JSON)",
    "modelOutput": f"STRUCT(id VARCHAR, model VARCHAR, stop_reason VARCHAR, stopReason VARCHAR, usage {_COUNTERS})",
    "messageStart": "JSON",
    "messageStop": "STRUCT(stopReason VARCHAR)",
    "contentBlockStart": "JSON",
    "contentBlockDelta": "JSON",
    "contentBlockStop": "JSON",
}

_BODY = "output.outputBodyJson"

_BODY_USAGE = f"""TRY_CAST(coalesce({_BODY}->'usage', ({_BODY}->'$[*].metadata.usage')[1],
    ({_BODY}->'$[*].message.usage')[1]) AS {_COUNTERS})"""
"""SQL for the counters inside a logged body: an object, or the events of a stream."""

_RELATION = f"""(
    SELECT *, CASE
            WHEN usage.inputTokens IS NOT NULL OR modelId IS NOT NULL AND usage.input_tokens IS NOT NULL THEN usage
            WHEN metadata.usage.inputTokens IS NOT NULL THEN metadata.usage
            WHEN modelOutput.usage IS NOT NULL THEN modelOutput.usage
            ELSE {_BODY_USAGE} END AS counts,
        ({_BODY}->'$[*].usage.output_tokens')[-1]::DOUBLE AS streamed_output
    FROM {{scan}}
)"""


def _written(ttl: str) -> str:
    """SQL for the tokens written with a TTL, null without a breakdown."""
    of_this_ttl = f"list_filter(counts.cacheDetails, lambda entry: entry.ttl = '{ttl}')"
    return f"""CASE
        WHEN counts.cacheDetails IS NULL THEN counts.cache_creation.ephemeral_{ttl}_input_tokens
        ELSE coalesce(list_sum(list_transform({of_this_ttl}, lambda entry: entry.inputTokens)), 0) END"""


BEDROCK = Source(
    name="bedrock",
    title="Bedrock responses and invocation logs",
    recognises=lambda record: (
        has(record, "usage", "inputTokens")
        or "schemaType" in record
        or "modelId" in record
        or "modelOutput" in record
        or has(record, "metadata", "usage")
        or "messageStart" in record
        or "contentBlockDelta" in record
    ),
    needles=(b'"inputTokens"', b'"modelId"', b'"modelOutput"', b'"inputTokenCount"'),
    columns=_COLUMNS,
    relation=_RELATION,
    usage="counts.inputTokens IS NOT NULL OR counts.outputTokens IS NOT NULL OR counts.input_tokens IS NOT NULL "
    "OR (modelId IS NOT NULL AND input.inputTokenCount IS NOT NULL)",
    failed="(modelId IS NOT NULL AND errorCode IS NOT NULL) OR (recordId IS NOT NULL AND error IS NOT NULL)",
    known="modelId IS NOT NULL OR recordId IS NOT NULL OR messageStart IS NOT NULL OR messageStop IS NOT NULL "
    "OR contentBlockStart IS NOT NULL OR contentBlockDelta IS NOT NULL OR contentBlockStop IS NOT NULL",
    fields={
        "id": first(
            f"nullif({_BODY}->>'id', '')",
            f"({_BODY}->>'$[*].message.id')[1]",
            "modelOutput.id",
            "requestId",
            "ResponseMetadata.RequestId",
        ),
        "request_id": first("requestId", "ResponseMetadata.RequestId"),
        "alias": "recordId",
        "started": first(
            "timestamp AT TIME ZONE 'UTC'",
            "TRY_STRPTIME(ResponseMetadata.HTTPHeaders.date, '%a, %d %b %Y %H:%M:%S GMT')",
        ),
        "platform": "'bedrock'",
        "model": first(
            "trace.promptRouter.invokedModelId",
            "metadata.trace.promptRouter.invokedModelId",
            "modelId",
            "model",
            "modelOutput.model",
        ),
        "service_tier": "CASE WHEN modelOutput IS NOT NULL THEN 'batch' END",
        "stop_reason": first(
            "stopReason", f"{_BODY}->>'stopReason'", f"{_BODY}->>'stop_reason'", "modelOutput.stop_reason"
        ),
        "input": first("counts.inputTokens", "counts.input_tokens", "input.inputTokenCount"),
        "writes": first(
            "counts.cacheWriteInputTokens",
            "counts.cacheWriteInputTokenCount",
            "counts.cache_creation_input_tokens",
            "input.cacheWriteInputTokenCount",
        ),
        "write_5m": _written("5m"),
        "write_1h": _written("1h"),
        "read": first(
            "counts.cacheReadInputTokens",
            "counts.cacheReadInputTokenCount",
            "counts.cache_read_input_tokens",
            "input.cacheReadInputTokenCount",
        ),
        "output": first("streamed_output", "counts.outputTokens", "counts.output_tokens", "output.outputTokenCount"),
        "searches": "counts.server_tool_use.web_search_requests",
    },
)
